// Waits until all is there that was sent.
import { setTimeout as pause } from 'node:timers/promises'
import type { Tally } from './tally.ts'

const WITHIN_MS = 10_000
const LOOK_EVERY_MS = 5

/** Resolves when exactly `wanted` deliveries have come; rejects when they have not in time, or there are more. */
export async function settled(tally: Tally, wanted: number, withinMs = WITHIN_MS): Promise<void> {
  const until = performance.now() + withinMs
  while (tally.total < wanted && performance.now() < until) await pause(LOOK_EVERY_MS)
  if (tally.total !== wanted) throw new Error(`${tally.total} of ${wanted} deliveries came`)
}
