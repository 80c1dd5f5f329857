// Very many, looked after a few at a time.

/**
 * Does something with each of them, a few in each tick, so that nobody waits for all. Of a set or map that changes meanwhile,
 * those that come are met, and those that go are not.
 */
export function inTurn<Item>(
  items: Iterator<Item>,
  few: number,
  soon: (run: () => void) => void,
  act: (item: Item) => void,
): void {
  for (let count = 0; count < few; count += 1) {
    const { done = false, value } = items.next()
    if (done) return
    act(value)
  }
  soon(() => inTurn(items, few, soon, act))
}
