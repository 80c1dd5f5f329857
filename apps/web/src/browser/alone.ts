// One at a time over all tabs of this browser, where it can; otherwise over this tab.

let last: Promise<unknown> = Promise.resolve()

export function alone<T>(work: () => Promise<T>): Promise<T> {
  const inTurn = () => {
    const mine = last.then(work, work)
    last = mine
    return mine
  }
  // Locks exist in secure contexts only.
  return 'locks' in navigator ? navigator.locks.request('parley.token', inTurn) : inTurn()
}
