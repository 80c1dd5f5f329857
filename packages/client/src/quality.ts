// How good a connection is, from its pings. Pure: each ping's end gives the next picture.

/** The latest pings count most. Immutable. */
export interface Quality {
  /** How long an answer usually takes. */
  readonly roundTripMs: number
  /** How much that usually varies. */
  readonly jitterMs: number
  /** 0 to 1: pings that were not answered in time. */
  readonly lossRatio: number
  /** Whether people will notice. */
  readonly poor: boolean
}

/** How much one more ping changes what was known. */
const WEIGHT = 1 / 4
/** From here on it is poor. */
const SLOW_MS = 800
const UNSTEADY_MS = 400
/** One ping that was just lost, and none of the good ones after it. */
const LOSSY = 0.2

/** A ping was answered after so long. */
export function measured(before: Quality | undefined, roundTripMs: number): Quality {
  if (before === undefined) return judged(roundTripMs, 0, 0)
  const { roundTripMs: usualMs, jitterMs, lossRatio } = before
  const aside = Math.abs(roundTripMs - usualMs)
  return judged(blend(usualMs, roundTripMs), blend(jitterMs, aside), blend(lossRatio, 0))
}

/** A ping was not answered for so long. */
export function missed(before: Quality | undefined, waitedMs: number): Quality {
  const { roundTripMs, jitterMs, lossRatio } = before ?? { roundTripMs: waitedMs, jitterMs: 0, lossRatio: 0 }
  return judged(roundTripMs, jitterMs, blend(lossRatio, 1))
}

function blend(usual: number, latest: number): number {
  return usual + (latest - usual) * WEIGHT
}

function judged(roundTripMs: number, jitterMs: number, lossRatio: number): Quality {
  const poor = roundTripMs >= SLOW_MS || jitterMs >= UNSTEADY_MS || lossRatio >= LOSSY
  return { roundTripMs, jitterMs, lossRatio, poor }
}
