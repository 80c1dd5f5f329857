// Time that passes only by hand.
import type { Clock } from '../../src/seams/clock.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** Where its `now` begins, ms since 1970. */
export const DAWN = Date.UTC(2026, 10, 20)

export class HandClock implements Clock {
  #passed = 0
  #timers: Timer[] = []

  now(): number {
    return DAWN + this.#passed
  }

  steady(): number {
    return this.#passed
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#passed + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }

  soon(run: () => void): void {
    this.after(0, run)
  }

  /** Until nothing more happens by itself at this moment. */
  settle(): Promise<void> {
    return this.pass(0)
  }

  /** Lets `ms` pass; what is due happens in its order, each thing when all before it has come to rest. */
  async pass(ms: number): Promise<void> {
    const end = this.#passed + ms
    for (;;) {
      // All promises that can settle have settled by then.
      await new Promise((resolve) => setImmediate(resolve))
      const next = this.#timers.reduce<Timer | undefined>((a, b) => (a === undefined || b.at < a.at ? b : a), undefined)
      if (next === undefined || next.at > end) break
      this.#timers = this.#timers.filter((one) => one !== next)
      this.#passed = next.at
      next.run()
    }
    this.#passed = end
  }
}
