// Agents that say and do what a script tells them, and pause, fail and ignore as it tells them.
import { type Json, textOf } from '@parley/protocol'
import type { Agent, Clock, Thought, Turn } from '@parley/server'

/** A tool that is used. */
export interface Use {
  readonly tool: string
  readonly input: Json
  /** The agent's own id of a call that it has told of already. */
  readonly call?: string
}

/** One step of a script. */
export type Beat =
  | { readonly say: Thought }
  | { readonly pauseMs: number }
  | { readonly fail: Error }
  /** Thinks until it is stopped. */
  | { readonly forever: true; readonly everyMs: number; readonly say: Thought }
  /** Uses tools side by side, then says how each ended. */
  | { readonly use: readonly Use[] }
  /** Asks whether it may make a call that it has told of, and tells its end. */
  | { readonly ask: string; readonly forMs: number }
  /** Says again what it was steered with. */
  | { readonly heed: true }

export interface Script {
  readonly beats: readonly Beat[]
  /** Goes on speaking after it was told to stop. Default: false. */
  readonly deaf?: boolean
}

export interface ScriptedOptions extends Pick<Agent, 'id' | 'tools' | 'steers' | 'onInterrupted'> {
  readonly name?: string
  /** The clock of the node on which it runs. */
  readonly clock: Clock
  readonly script: (turn: Turn) => Script
}

export function scripted({ clock, script, name, ...traits }: ScriptedOptions): Agent {
  return {
    ...traits,
    name: name ?? traits.id,
    async *reply(turn) {
      const { beats, deaf = false } = script(turn)
      const wait = (ms: number): Promise<void> => pause(clock, ms, deaf ? undefined : turn.signal)
      for (const beat of beats) {
        if ('forever' in beat)
          for (;;) {
            yield beat.say
            await wait(beat.everyMs)
          }
        if ('say' in beat) yield beat.say
        else if ('fail' in beat) throw beat.fail
        else if ('pauseMs' in beat) await wait(beat.pauseMs)
        else if ('use' in beat) yield* await used(turn, beat.use)
        else if ('ask' in beat) yield* await asked(turn, beat.ask, beat.forMs)
        else yield* turn.steering().map(({ parts }) => `(${textOf(parts)})`)
      }
    },
  }
}

async function used(turn: Turn, uses: readonly Use[]): Promise<readonly Thought[]> {
  const results = uses.map(({ tool, input, call }) => turn.use(tool, input, call === undefined ? {} : { call }))
  return (await Promise.all(results)).map(({ outcome }, index) => `${uses[index]?.tool}: ${outcome}. `)
}

async function asked({ approval }: Turn, call: string, forMs: number): Promise<readonly Thought[]> {
  const decision = await approval(call, forMs)
  return [{ type: 'tool.ended', call, outcome: decision?.approved === true ? 'ok' : 'denied' }]
}

/** Rejects with the signal's reason as soon as it aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
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
