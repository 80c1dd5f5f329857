// Appends to the log: how many are under way, and how long they take.
import type { Clock } from '../seams/clock.ts'

/** So many of the latest are remembered. */
const LATEST = 512

export class Appends {
  readonly #clock: Pick<Clock, 'steady'>
  readonly #ended: (ms: number) => void
  /** When each began that is under way, the oldest first. */
  readonly #begun: number[] = []
  readonly #latest: number[] = []
  #count = 0
  /** Of those that ended since the last look. */
  #fresh = { count: 0, ms: 0 }

  /** @param ended is told how long each took, ms. */
  constructor(clock: Pick<Clock, 'steady'>, ended: (ms: number) => void) {
    this.#clock = clock
    this.#ended = ended
  }

  get underWay(): number {
    return this.#begun.length
  }

  /** One begins: when, which `end` wants to know. */
  begin(): number {
    const now = this.#clock.steady()
    this.#begun.push(now)
    return now
  }

  /** One that began then has ended. */
  end(begun: number): void {
    const place = this.#begun.indexOf(begun)
    if (place < 0) return
    this.#begun.splice(place, 1)
    const ms = this.#clock.steady() - begun
    this.#latest[this.#count % LATEST] = ms
    this.#count += 1
    this.#fresh.count += 1
    this.#fresh.ms += ms
    this.#ended(ms)
  }

  /** How long an append takes at present, ms: the mean of those that ended since the last look, or the oldest that has not. */
  look(): number {
    const { count, ms } = this.#fresh
    this.#fresh = { count: 0, ms: 0 }
    const [oldest] = this.#begun
    const waits = oldest === undefined ? 0 : this.#clock.steady() - oldest
    return Math.max(waits, count === 0 ? 0 : ms / count)
  }

  /** 19 of 20 of the latest took at most so long, ms; 0 before the first. */
  p95(): number {
    const sorted = this.#latest.toSorted((a, b) => a - b)
    return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
  }
}
