// How much of a file may be on its way at once: so much that the line is used, so little that nothing else has to wait behind it. Pure.

export interface Pace {
  /** Bytes that may be sent and not confirmed. */
  readonly allowance: number
  /** The quickest confirmation so far, ms. */
  readonly quickestMs: number
  /** When it was slowed down last, ms on the scale of the clock. */
  readonly slowedAt: number
}

const LEAST = 8 * 1024
/** Small, so that a slow line is known by its first pieces. */
const FIRST = 16 * 1024
/** A queue that delays everything by less than this is no matter. */
const QUEUE_MS = 40

export const firstPace: Pace = {
  allowance: FIRST,
  quickestMs: Number.POSITIVE_INFINITY,
  slowedAt: Number.NEGATIVE_INFINITY,
}

/** `bytes` were confirmed at `now`, `tookMs` after the last of them was sent; `window`: what the server allows. */
export function confirmed(pace: Pace, bytes: number, tookMs: number, now: number, window: number): Pace {
  const quickestMs = Math.min(pace.quickestMs, tookMs)
  // What takes much longer than it could stands in a queue, and so does everything else on the line.
  if (tookMs <= quickestMs * 1.5 + QUEUE_MS)
    return { ...pace, quickestMs, allowance: Math.min(pace.allowance + bytes, window) }
  // Once for each round trip: what is on its way was sent at the old pace.
  if (now - pace.slowedAt < tookMs) return { ...pace, quickestMs }
  return { quickestMs, slowedAt: now, allowance: Math.max(LEAST, Math.floor(pace.allowance * 0.7)) }
}

/** Bytes of the next piece: a few of them make the allowance, so that others come in between. */
export function pieceOf({ allowance }: Pace, most: number): number {
  return Math.min(Math.max(LEAST / 2, Math.floor(allowance / 4)), most)
}
