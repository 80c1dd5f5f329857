// Finds out whether the other side is still there, and how far away it is.
import type { Clock, Stop } from './seams.ts'

export interface HeartbeatParts {
  readonly clock: Clock
  /** How often to ask while all is well; what the server asks for. */
  readonly everyMs: number
  /** Sends one ping; `answered` is called when its reply comes. */
  ping(answered: () => void): void
  /** A reply came after so long. */
  measured(roundTripMs: number): void
  /** No reply has come for so long, and nothing else was heard either. */
  missed(waitedMs: number): void
  /** Two pings in a row went unanswered, and nothing else was heard either. */
  lost(): void
}

export interface Heartbeat {
  /** Anything at all came from the other side. */
  heard(): void
  /** Something happened that may have broken the line: asks at once, with little patience. */
  probe(): void
  readonly stop: Stop
}

/** A long page may travel this long without anything else being heard. */
const PATIENCE_MS = 10_000
const LITTLE_PATIENCE_MS = 2_500
/** After a stalled event loop the timers run first: what arrived meanwhile is read in this pause, before the verdict. */
const READ_FIRST_MS = 100
const MOST_MISSED = 2

export function startHeartbeat({ clock, everyMs, ping, measured, missed: wasMissed, lost }: HeartbeatParts): Heartbeat {
  const usualMs = Math.min(Math.max(everyMs, 100), 300_000)
  let missed = 0
  let heard = false
  let beats = 0
  let stop: Stop = () => {}

  const rest = (): void => {
    missed = 0
    stop = clock.after(usualMs, () => beat(Math.min(usualMs, PATIENCE_MS)))
  }

  const beat = (patienceMs: number): void => {
    heard = false
    const sentAt = clock.steady()
    const mark = ++beats
    stop = clock.after(patienceMs, () => {
      stop = clock.after(READ_FIRST_MS, () => judge(patienceMs))
    })
    ping(() => {
      if (mark !== beats) return
      measured(clock.steady() - sentAt)
      stop()
      rest()
    })
  }

  const judge = (patienceMs: number): void => {
    if (heard) return rest()
    missed += 1
    wasMissed(patienceMs)
    if (missed < MOST_MISSED) beat(patienceMs)
    else lost()
  }

  rest()
  return {
    heard() {
      heard = true
    },
    probe() {
      stop()
      missed = 0
      beat(Math.min(usualMs, LITTLE_PATIENCE_MS))
    },
    stop() {
      beats += 1
      stop()
    },
  }
}
