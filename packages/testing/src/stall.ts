// A process that stalls: what should happen in it meanwhile happens afterwards, in the same order.
import type { VirtualTime } from './clock.ts'

export class Stall {
  readonly #time: VirtualTime
  readonly #held: (() => void)[] = []
  #until = 0

  constructor(time: VirtualTime) {
    this.#time = time
  }

  /** From now on, or longer than before, for `ms`. */
  begin(ms: number): void {
    this.#until = Math.max(this.#until, this.#time.now + ms)
    this.#time.at(this.#until, () => this.#end())
  }

  /** Runs now, or when the stall is over. */
  through(run: () => void): void {
    if (this.#time.now < this.#until || this.#held.length > 0) this.#held.push(run)
    else run()
  }

  #end(): void {
    if (this.#time.now < this.#until) return
    const run = this.#held.shift()
    if (run === undefined) return
    run()
    // Each in a step of its own, as it would have been.
    this.#time.after(0, () => this.#end())
  }
}
