// What the server counts about itself. Measures are handed in by name: the engine knows no library, and counting is an addition.

/** Named as Prometheus names things: in base units, `_total` at the end of what only grows. */
export interface Measure {
  readonly name: string
  /** What it counts, in one sentence. */
  readonly help: string
}

/** Only ever grows. */
export interface Counter {
  add(by?: number): void
}

/** How values are spread. */
export interface Histogram {
  observe(value: number): void
}

export interface Meter {
  counter(measure: Measure): Counter
  /** A counter for each value of a label; the values come from a small set. The same value gives the same counter. */
  counters(measure: Measure, label: string): (value: string) => Counter
  /** @param bounds of its buckets, ascending. */
  histogram(measure: Measure, bounds: readonly number[]): Histogram
  /** What goes up and down; read whenever somebody looks. */
  gauge(measure: Measure, read: () => number): void
  /** What only grows and is counted elsewhere already; read whenever somebody looks. */
  total(measure: Measure, read: () => number): void
}

const nothing: Counter & Histogram = { add: () => undefined, observe: () => undefined }

/** Counts nothing. */
export const silentMeter: Meter = {
  counter: () => nothing,
  counters: () => () => nothing,
  histogram: () => nothing,
  gauge: () => undefined,
  total: () => undefined,
}
