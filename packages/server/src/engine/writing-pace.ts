// How often answers are written: as often as people like to see them grow, but all together no oftener than a log likes it.
import type { Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'

/** Nobody sees text grow more smoothly than this. */
const SMOOTH_MS = 20
/** However many answers there are, each grows at least so often. */
const SLOW_MS = 250
/** Writes of all answers together, per ms. */
const WRITES = 1

/** Moments that lie ahead at most. */
const AHEAD = Math.ceil(SLOW_MS / SMOOTH_MS) + 1

interface Writer {
  /** Undefined: it does not wait any more. */
  write: (() => void) | undefined
}

interface Moment {
  readonly number: number
  readonly writers: Writer[]
}

/**
 * Where answers must wait for each other, those whose time comes within the same 20 ms are written at one moment: what is
 * done together costs less than what is done one by one, and the log takes it as one commit.
 */
export class WritingPace {
  readonly #clock: Clock
  #answers = 0
  /** What is to be written at each moment, each in the place of the one that was so long before. */
  readonly #moments: (Moment | undefined)[] = Array.from({ length: AHEAD }, () => undefined)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** An answer is being written, until what is returned is called. */
  begin(): () => void {
    this.#answers += 1
    return () => {
      this.#answers -= 1
    }
  }

  /** So long what an answer says is gathered, ms. */
  get gatherMs(): number {
    return Math.min(SLOW_MS, Math.max(SMOOTH_MS, this.#answers / WRITES))
  }

  /** Calls `write` when an answer that was last written at `wroteAt` may be written again; undefined where it may be now. */
  next(wroteAt: number, write: () => void): Stop | undefined {
    const { gatherMs } = this
    const wait = wroteAt + gatherMs - this.#clock.steady()
    if (wait <= 0) return undefined
    if (gatherMs === SMOOTH_MS) return this.#clock.after(wait, write)
    return this.#together(Math.floor((wroteAt + gatherMs) / SMOOTH_MS), write)
  }

  #together(number: number, write: () => void): Stop {
    const writer: Writer = { write }
    this.#moment(number).writers.push(writer)
    return () => {
      writer.write = undefined
    }
  }

  #moment(number: number): Moment {
    const place = number % AHEAD
    const known = this.#moments[place]
    if (known?.number === number) return known
    const moment: Moment = { number, writers: [] }
    this.#moments[place] = moment
    this.#clock.after(Math.max(0, number * SMOOTH_MS - this.#clock.steady()), () => {
      if (this.#moments[place] === moment) this.#moments[place] = undefined
      for (const { write } of moment.writers) write?.()
    })
    return moment
  }
}
