// Measures for Prometheus. What is counted is a number of our own; the library reads it when somebody looks.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Counter as Count, Meter } from '../seams/meter.ts'

export interface PromMetrics extends Meter {
  readonly contentType: string
  /** All measures as text, those of the process included. */
  text(): Promise<string>
}

class Tally implements Count {
  value = 0

  add(by = 1): void {
    this.value += by
  }
}

export function promMetrics(): PromMetrics {
  const registry = new Registry()
  const registers = [registry]
  const total: Meter['total'] = (measure, read) => {
    new Counter({
      ...measure,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
  return {
    total,
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}\n${await ofProcess().metrics()}`,

    counter(measure) {
      const tally = new Tally()
      total(measure, () => tally.value)
      return tally
    },

    counters(measure, label) {
      const tallies = new Map<string, Tally>()
      new Counter({
        ...measure,
        registers,
        labelNames: [label],
        collect() {
          this.reset()
          for (const [value, tally] of tallies) this.inc({ [label]: value }, tally.value)
        },
      })
      return (value) => {
        const known = tallies.get(value)
        if (known !== undefined) return known
        const tally = new Tally()
        tallies.set(value, tally)
        return tally
      }
    },

    histogram: (measure, bounds) => new Histogram({ ...measure, registers, buckets: [...bounds] }),

    gauge(measure, read) {
      new Gauge({
        ...measure,
        registers,
        collect() {
          this.set(read())
        },
      })
    },
  }
}

let shared: Registry | undefined

/** The process is one, however many servers run in it. Watched from the first time that somebody looks. */
function ofProcess(): Registry {
  if (shared !== undefined) return shared
  shared = new Registry()
  collectDefaultMetrics({ register: shared })
  return shared
}
