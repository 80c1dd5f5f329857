// Signals: what is true only for the moment. Told to who listens, the latest of its kind alone, and never kept.
import type { RunId } from './words.ts'

/** How far a tool has come. */
export interface ToolProgress {
  readonly type: 'tool.progress'
  readonly run: RunId
  readonly call: string
  /** 0 to 1. */
  readonly fraction?: number
  /** Step `step` of `steps`, from 1. */
  readonly step?: number
  readonly steps?: number
  /** What it is doing, in words for the user. */
  readonly text?: string
}

export type Signal = ToolProgress

/** Signals with the same key say the same thing at different moments: only the latest matters. */
export function signalKey(signal: Signal): string {
  return `${signal.type}/${signal.call}`
}
