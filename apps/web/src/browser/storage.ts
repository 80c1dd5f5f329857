// What this browser remembers. Where it refuses to, the page remembers until it is closed.

export type Memory = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export const storage: Memory = openStorage()

function openStorage(): Memory {
  const here = new Map<string, string>()
  return {
    getItem: (key) => here.get(key) ?? attempt(() => localStorage.getItem(key)) ?? null,
    setItem(key, value) {
      if (attempt(() => write(key, value))) here.delete(key)
      else here.set(key, value)
    },
    removeItem(key) {
      here.delete(key)
      attempt(() => localStorage.removeItem(key))
    },
  }
}

function write(key: string, value: string): true {
  localStorage.setItem(key, value)
  return true
}

/** Storage may be switched off or full; both throw. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
