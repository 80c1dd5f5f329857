// How good the lines to clients are, as their answers to pings tell.
import type { Meter } from '../seams/meter.ts'

export interface LineQuality {
  sent(): void
  /** @param before how long the ping before took, ms; undefined for the first. */
  answered(roundTripMs: number, before: number | undefined): void
  /** A ping was not answered until the next. */
  lost(): void
}

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20] as const

export function lineQuality(meter: Meter): LineQuality {
  const roundTrip = { name: 'parley_round_trip_seconds', help: 'Time until a client answered a ping.' }
  const jitter = { name: 'parley_jitter_seconds', help: 'Difference between two round trips of a connection in a row.' }
  const roundTrips = meter.histogram(roundTrip, SECONDS)
  const jitters = meter.histogram(jitter, SECONDS)
  const pings = meter.counter({ name: 'parley_pings_total', help: 'Pings sent to clients.' })
  const lost = meter.counter({ name: 'parley_pings_lost_total', help: 'Pings not answered until the next.' })
  return {
    sent: () => pings.add(),
    answered(roundTripMs, before) {
      roundTrips.observe(roundTripMs / 1000)
      if (before !== undefined) jitters.observe(Math.abs(roundTripMs - before) / 1000)
    },
    lost: () => lost.add(),
  }
}
