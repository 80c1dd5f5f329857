// Appends to the log: how many are under way, and how long they take.
import type { Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'

/** So many of the latest are remembered. */
const LATEST = 512

export class Appends {
  readonly #clock: Pick<Clock, 'steady'>
  readonly #ended: (ms: number) => void
  /** When each began, the oldest first. */
  readonly #underWay = new Set<{ readonly since: number }>()
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
    return this.#underWay.size
  }

  /** One begins; call what is returned when it has ended. */
  begin(): Stop {
    const one = { since: this.#clock.steady() }
    this.#underWay.add(one)
    return () => {
      if (this.#underWay.delete(one)) this.#end(this.#clock.steady() - one.since)
    }
  }

  #end(ms: number): void {
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
    const [oldest] = this.#underWay
    const waits = oldest === undefined ? 0 : this.#clock.steady() - oldest.since
    return Math.max(waits, count === 0 ? 0 : ms / count)
  }

  /** 19 of 20 of the latest took at most so long, ms; 0 before the first. */
  p95(): number {
    const sorted = this.#latest.toSorted((a, b) => a - b)
    return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
  }
}
