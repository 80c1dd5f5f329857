// Numbers for what waits.

/**
 * What waits for an answer, each under a number that is used again. Not a Map: one that has grown old passes through a new
 * table every now and then, and each points to the next, so that the collector of young objects takes all that ever stood
 * in it for living.
 */
export class Desk<Item> {
  readonly #items: (Item | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#items.length - this.#free.length
  }

  /** Its number, until it is taken. */
  put(item: Item): number {
    const number = this.#free.pop() ?? this.#items.length
    this.#items[number] = item
    return number
  }

  /** What waits under a number, which is free from now on. */
  take(number: number): Item | undefined {
    const item = this.#items[number]
    if (item === undefined) return undefined
    this.#items[number] = undefined
    this.#free.push(number)
    return item
  }

  /** All that waits. */
  takeAll(): Item[] {
    const items = this.#items.filter((item) => item !== undefined)
    this.#items.length = 0
    this.#free.length = 0
    return items
  }
}
