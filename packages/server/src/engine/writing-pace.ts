// How often answers are written: as often as people like to see them grow, but all together no oftener than a log likes it.

/** Nobody sees text grow more smoothly than this. */
const SMOOTH_MS = 20
/** However many answers there are, each grows at least so often. */
const SLOW_MS = 250
/** Writes of all answers together, per ms. */
const WRITES = 1

export class WritingPace {
  #answers = 0

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
}
