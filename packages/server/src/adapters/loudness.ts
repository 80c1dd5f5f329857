// The outline of a sound: the loudest moment of each of its parts. Pure; it keeps ten numbers a second.

const STEPS_PER_SECOND = 10

export class Loudness {
  /** The loudest sample of each step, 0 to 1. */
  readonly #steps: number[] = []
  #samples = 0
  #rate = 0

  get seconds(): number {
    return this.#rate === 0 ? 0 : this.#samples / this.#rate
  }

  /** The next samples of one channel. */
  hear(samples: Float32Array, rate: number): void {
    if (samples.length === 0) return
    this.#rate = rate
    const perStep = Math.max(1, Math.floor(rate / STEPS_PER_SECOND))
    for (const sample of samples) {
      const step = Math.floor(this.#samples / perStep)
      // What a broken file decodes to may be anything.
      const loud = Math.min(Math.abs(sample), 1) || 0
      if (loud > (this.#steps[step] ?? -1)) this.#steps[step] = loud
      this.#samples += 1
    }
  }

  /** At most `count` of them, 0 to 100 each, the loudest of all being 100. */
  peaks(count: number): readonly number[] {
    const bars = Math.min(count, this.#steps.length)
    const top = this.#steps.reduce((most, step) => Math.max(most, step), 0)
    return Array.from({ length: bars }, (_, bar) => {
      const from = Math.floor((bar * this.#steps.length) / bars)
      const to = Math.max(from + 1, Math.floor(((bar + 1) * this.#steps.length) / bars))
      const loud = this.#steps.slice(from, to).reduce((most, step) => Math.max(most, step), 0)
      return top === 0 ? 0 : Math.round((loud / top) * 100)
    })
  }
}
