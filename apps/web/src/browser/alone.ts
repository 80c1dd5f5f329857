// One at a time over all tabs of this browser, where it can; otherwise over this tab.

let last: Promise<unknown> = Promise.resolve()

export function alone<T>(work: () => Promise<T>): Promise<T> {
  // Locks exist in secure contexts only.
  if ('locks' in navigator) return navigator.locks.request('parley.token', work)
  const mine = last.then(work, work)
  last = mine
  return mine
}
