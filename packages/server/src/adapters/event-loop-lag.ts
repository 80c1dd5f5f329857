// How long the process keeps its work waiting.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Stop } from '../seams/broker.ts'

/** What is measured includes the pause between two measurements. */
const EVERY_MS = 20

export interface EventLoopLag {
  /** Mean delay since it was read last, ms. A long stall weighs as much as a short one: it is the steady ones that count. */
  read(): number
  readonly stop: Stop
}

export function eventLoopLag(): EventLoopLag {
  const delays = monitorEventLoopDelay({ resolution: EVERY_MS })
  delays.enable()
  return {
    read() {
      const mean = delays.count === 0 ? EVERY_MS : delays.mean / 1e6
      delays.reset()
      return Math.max(0, mean - EVERY_MS)
    },
    stop: () => void delays.disable(),
  }
}
