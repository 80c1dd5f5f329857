// A meter whose numbers can be looked up.
import type { Measure, Meter } from '../../src/seams/meter.ts'

export class Ledger implements Meter {
  readonly #counts = new Map<string, number>()
  readonly #spreads = new Map<string, number[]>()
  readonly #reads = new Map<string, () => number>()

  /** @param name of a counter, a gauge, or `counter{label}`. */
  value(name: string): number {
    return this.#reads.get(name)?.() ?? this.#counts.get(name) ?? 0
  }

  /** All that a histogram was told. */
  observed(name: string): readonly number[] {
    return this.#spreads.get(name) ?? []
  }

  counter({ name }: Measure) {
    return { add: (by = 1) => void this.#counts.set(name, (this.#counts.get(name) ?? 0) + by) }
  }

  counters({ name }: Measure) {
    return (value: string) => this.counter({ name: `${name}{${value}}`, help: '' })
  }

  histogram({ name }: Measure) {
    const values: number[] = []
    this.#spreads.set(name, values)
    return { observe: (value: number) => void values.push(value) }
  }

  gauge({ name }: Measure, read: () => number): void {
    this.#reads.set(name, read)
  }

  total(measure: Measure, read: () => number): void {
    this.gauge(measure, read)
  }
}
