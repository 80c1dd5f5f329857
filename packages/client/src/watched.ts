// Values that others watch. However much changes in one turn of work, each watcher is told once, at its end.
import type { Clock, Stop } from './seams.ts'

/** One piece of work after which the watchers are told: a received frame, a timer, a call of the application. */
export class Turn {
  #depth = 0
  readonly #news = new Set<() => void>()

  take<Result>(work: () => Result): Result {
    this.#depth += 1
    try {
      return work()
    } finally {
      if (this.#depth === 1) this.#tell()
      this.#depth -= 1
    }
  }

  /** Calls `tell` at the end of this turn, however often it is asked to. */
  changed(tell: () => void): void {
    this.#news.add(tell)
    if (this.#depth === 0) this.take(() => {})
  }

  /** The same clock, with each timer's work a turn. */
  timed(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      steady: () => clock.steady(),
      after: (ms, run) => clock.after(ms, () => this.take(run)),
    }
  }

  /** What the watchers do in answer belongs to this turn. */
  #tell(): void {
    for (const tell of this.#news) {
      this.#news.delete(tell)
      tell()
    }
  }
}

export class Watched<Value> {
  #value: Value
  readonly #turn: Turn
  readonly #watchers = new Set<{ readonly see: (value: Value) => void }>()

  constructor(turn: Turn, value: Value) {
    this.#turn = turn
    this.#value = value
  }

  get value(): Value {
    return this.#value
  }

  get watchers(): number {
    return this.#watchers.size
  }

  set(value: Value): void {
    if (value === this.#value) return
    this.#value = value
    this.#turn.changed(this.#tell)
  }

  watch(see: (value: Value) => void): Stop {
    const watcher = { see }
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
    }
  }

  readonly #tell = (): void => {
    for (const { see } of [...this.#watchers]) attempt(() => see(this.#value))
  }
}

/** What a watcher throws is the application's error: it surfaces as uncaught, and nobody else misses the news. */
export function attempt(see: () => void): void {
  try {
    see()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
