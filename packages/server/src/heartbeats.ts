// Finds connections whose other end is gone.
import type { LineQuality } from './adapters/line-quality.ts'
import { soon } from './adapters/tick.ts'
import { inTurn } from './engine/in-turn.ts'

/** So many are pinged in one tick. */
const FEW = 100

export interface Pinged {
  /** Asks whether the other end is there; cuts the line where it has not answered twice. */
  ping(quality?: LineQuality): void
}

/** Pings everybody in turn. Returns how to stop. */
export function watchHeartbeats(all: ReadonlySet<Pinged>, everyMs: number, quality?: LineQuality): () => void {
  const timer = setInterval(() => inTurn(all.values(), FEW, soon, (one) => one.ping(quality)), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
