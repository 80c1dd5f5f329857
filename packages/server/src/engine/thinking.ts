// An agent thinking: its thoughts become an answer until it is done, fails, or is made to stop.
import type { Failure, Outcome } from '@parley/protocol'
import { type Agent, AgentFailure, type Thought, type Turn } from '../seams/agent.ts'
import type { Journal } from '../seams/journal.ts'
import { everInNameOf } from './strays.ts'

export interface End {
  readonly outcome: Outcome
  readonly failure?: Failure
}

/** How the agent ended by itself; undefined when it was made to stop. Never rejects. */
export async function think(
  agent: Agent,
  turn: () => Promise<Turn>,
  hear: (thought: Thought) => void,
  signal: AbortSignal,
  journal: Journal,
): Promise<End | undefined> {
  let thoughts: AsyncIterator<Thought> | undefined
  const inItsName = everInNameOf({ agent: agent.id })
  try {
    const given = await unlessAborted(signal, turn())
    if (given === undefined || signal.aborted) return undefined
    thoughts = inItsName(() => agent.reply(given)[Symbol.asyncIterator]())
    const mind = thoughts
    const think = (): Promise<IteratorResult<Thought>> => mind.next()
    if (await hearAll(() => inItsName(think), hear, signal)) return { outcome: 'completed' }
  } catch (cause) {
    if (!signal.aborted) return { outcome: 'failed', failure: told(cause, agent, journal) }
  } finally {
    // Gives the agent a chance to tidy up; one that ended has nothing to do.
    inItsName(async () => thoughts?.return?.()).catch(() => undefined)
  }
  return undefined
}

/** What the user is told; the cause is only logged. */
function told(cause: unknown, { id }: Agent, journal: Journal): Failure {
  if (cause instanceof AgentFailure) {
    journal.warn('a run failed', { agent: id, code: cause.failure.code })
    return cause.failure
  }
  journal.error('an agent broke', cause, { agent: id })
  return { code: 'agent.failed', message: 'The agent failed. The cause is in the server log.' }
}

/** What the promise resolves with, or undefined as soon as the signal aborts. Leaves nothing behind on the signal. */
export function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/**
 * Hears one thought after the other. Resolves with whether it heard the last: not when the signal aborts, for an agent that
 * ignores its signal is not waited for. Agents think in very small pieces: for each there is one promise besides the agent's own.
 */
function hearAll(
  think: () => Promise<IteratorResult<Thought>>,
  hear: (thought: Thought) => void,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let { aborted } = signal
    const stop = (): void => {
      aborted = true
      resolve(false)
    }
    signal.addEventListener('abort', stop, { once: true })
    const goOn = (): void => {
      think().then(heard, reject)
    }
    const heard = (next: IteratorResult<Thought>): void => {
      if (aborted) return
      try {
        if (next.done === true) return resolve(true)
        hear(next.value)
        goOn()
      } catch (cause) {
        reject(cause)
      }
    }
    if (aborted) stop()
    else goOn()
  })
}

/** How a run ends that was made to stop; undefined where somebody else has ended it. */
export function endOf({ reason }: AbortSignal, runMs: number): End | undefined {
  switch (reason) {
    case 'cancelled':
      return { outcome: 'cancelled' }
    case 'timed_out': {
      const message = `The answer took longer than ${Math.round(runMs / 1000)} seconds and was stopped.`
      return { outcome: 'timed_out', failure: { code: 'run.timed_out', message } }
    }
    case 'interrupted':
      return { outcome: 'interrupted', failure: interruption }
    default:
      return undefined
  }
}

export const interruption: Failure = {
  code: 'run.interrupted',
  message: 'The server stopped while this was being written.',
}
