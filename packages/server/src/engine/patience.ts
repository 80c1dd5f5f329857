// How long a run may take: time in which it waits for people does not count.
import type { Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'

export class Patience {
  readonly #clock: Clock
  readonly #over: () => void
  #left: number
  #since = 0
  #waiting = 0
  #stop: Stop | undefined
  #ended = false

  constructor(clock: Clock, ms: number, over: () => void) {
    this.#clock = clock
    this.#left = ms
    this.#over = over
  }

  /** Counts from now on, or on. */
  start(): void {
    if (this.#waiting > 0) return
    this.#since = this.#clock.steady()
    this.#stop = this.#clock.after(this.#left, this.#over)
  }

  /** Counts no more. */
  end(): void {
    this.#ended = true
    this.#stop?.()
  }

  /** Does not count until the promise settles. */
  async pause<T>(until: Promise<T>): Promise<T> {
    this.#waiting += 1
    if (this.#waiting === 1 && this.#stop !== undefined) {
      this.#stop?.()
      this.#left -= this.#clock.steady() - this.#since
    }
    try {
      return await until
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0 && !this.#ended) this.start()
    }
  }
}
