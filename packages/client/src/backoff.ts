// How long to wait before the next attempt.
import type { Chance } from './seams.ts'

export interface Backoff {
  /** The longest wait before the first repeated attempt. Default 1,000 ms. */
  readonly firstMs: number
  /** How much longer each further wait may be. Default 1.5. */
  readonly factor: number
  /** The longest wait of all. Default 30,000 ms. */
  readonly mostMs: number
}

export const standardBackoff: Backoff = { firstMs: 1_000, factor: 1.5, mostMs: 30_000 }

/** A server that asks for more patience than this is not believed. */
const MOST_PATIENCE_MS = 300_000

/**
 * Milliseconds before attempt `attempt` (1 is the first repeated one): any time up to the longest with equal chance,
 * so that many clients that fell together do not come back together. What the other side asked for comes on top.
 */
export function backoffMs(attempt: number, chance: Chance, backoff: Backoff, retryAfterMs = 0): number {
  const longest = Math.min(backoff.firstMs * backoff.factor ** (attempt - 1), backoff.mostMs)
  return Math.min(retryAfterMs, MOST_PATIENCE_MS) + chance.float() * longest
}
