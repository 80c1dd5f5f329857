// Catching up is one thing at a time on a connection: what is said now must not wait behind heaps of the past.
import type { Reader } from './reader.ts'

export class Turns {
  readonly #free: () => boolean
  #reading: Reader | undefined
  readonly #waiting = new Set<Reader>()

  /** @param free whether so little waits for the socket that a page of the past delays nothing. */
  constructor(free: () => boolean) {
    this.#free = free
  }

  /** Whether this reader may read and say one page. False: it is called to `walk` when its turn may have come. */
  take(reader: Reader): boolean {
    if (!this.#free()) return false
    if (this.#reading !== undefined && this.#reading !== reader) {
      this.#waiting.add(reader)
      return false
    }
    this.#reading = reader
    this.#waiting.delete(reader)
    return true
  }

  /** It has said its page, or needs none any more: the next one's turn. */
  pass(reader: Reader): void {
    if (this.#reading !== reader) return
    this.#reading = undefined
    for (const next of this.#waiting) {
      this.#waiting.delete(next)
      next.walk()
      // Whoever had nothing to read leaves the turn to those behind.
      if (this.#reading !== undefined) return
    }
  }
}
