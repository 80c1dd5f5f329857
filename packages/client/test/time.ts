// Time that passes only when a test lets it.
import type { Clock } from '../src/index.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

export class Time implements Clock {
  #now = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return 1_800_000_000_000 + this.#now
  }

  steady(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size
  }

  /** Lets `ms` pass; whatever is due runs in order, and promises settle between. */
  async pass(ms = 10): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
      await settled()
    }
    this.#now = end
  }

  /** The event loop stalls: time passes and nothing runs. */
  stall(ms: number): void {
    this.#now += ms
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer
    return first
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
