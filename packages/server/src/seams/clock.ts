// Time and chance, handed in: the engine owns neither.
import type { Stop } from './broker.ts'

export interface Clock {
  /** Milliseconds since 1970. For stamps and expiry dates only; it may jump. */
  now(): number
  /** Milliseconds on a scale that never jumps. For durations. */
  steady(): number
  /** Runs once, `ms` from now. */
  after(ms: number, run: () => void): Stop
  /** Runs when what is being read now has been read: the end of the tick. */
  soon(run: () => void): void
}

export interface Chance {
  /** 0 <= x < 1 */
  float(): number
  /** A random UUID. */
  uuid(): string
}
