// Agents that say what a script tells them, and pause, fail and ignore as it tells them.
import type { Agent, Clock, Thought, Turn } from '@parley/server'

/** One step of a script. `forever` thinks until it is stopped. */
export type Beat =
  | { readonly say: Thought }
  | { readonly pauseMs: number }
  | { readonly fail: Error }
  | { readonly forever: true; readonly everyMs: number; readonly say: Thought }

export interface Script {
  readonly beats: readonly Beat[]
  /** Goes on speaking after it was told to stop. Default: false. */
  readonly deaf?: boolean
}

export interface ScriptedOptions {
  readonly id: string
  readonly name?: string
  /** The clock of the node on which it runs. */
  readonly clock: Clock
  readonly script: (turn: Turn) => Script
  /** Called with each thought right before it is spoken. */
  readonly spoke?: (turn: Turn, thought: Thought) => void
}

export function scripted({ id, name = id, clock, script, spoke }: ScriptedOptions): Agent {
  return {
    id,
    name,
    async *reply(turn) {
      const { beats, deaf = false } = script(turn)
      const signal = deaf ? undefined : turn.signal
      const speak = (thought: Thought): Thought => {
        spoke?.(turn, thought)
        return thought
      }
      for (const beat of beats) {
        if ('fail' in beat) throw beat.fail
        if ('pauseMs' in beat) await pause(clock, beat.pauseMs, signal)
        else if ('forever' in beat)
          for (;;) {
            yield speak(beat.say)
            await pause(clock, beat.everyMs, signal)
          }
        else yield speak(beat.say)
      }
    },
  }
}

/** Rejects with the signal's reason as soon as it aborts. */
function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = clock.after(ms, () => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    })
    const aborted = (): void => {
      stop()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', aborted, { once: true })
  })
}
