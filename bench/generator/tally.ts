// Counts deliveries and how late they are: each stamp that is found is one.
import { Histogram } from './histogram.ts'
import { eachStamp } from './stamp.ts'

export class Tally {
  /** Since the beginning. */
  total = 0
  /** Since it was cleared. */
  count = 0
  readonly #latencies = new Histogram()
  #now = 0
  readonly #found = (at: number): void => this.add(at, this.#now)

  /** Something that began `at`, and is there `now`. */
  add(at: number, now: number): void {
    this.total += 1
    this.count += 1
    this.#latencies.add(now - at)
  }

  /** Counts the stamps in a frame that came at `now`. */
  hear(bytes: Buffer, from: number, to: number, now: number): void {
    this.#now = now
    eachStamp(bytes, from, to, this.#found)
  }

  /** Milliseconds. */
  quantile(q: number): number {
    return this.#latencies.quantile(q) / 1e3
  }

  clear(): void {
    this.count = 0
    this.#latencies.clear()
  }
}
