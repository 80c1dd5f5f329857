// A turn as an agent gets it, and what the agent makes of it.
import { type Author, type Message, roomId } from '@parley/protocol'
import type { Agent, Thought, Turn } from '../../src/seams/agent.ts'

export const alice: Author = { id: 'alice', kind: 'user', name: 'Alice' }
export const bob: Author = { id: 'bob', kind: 'user', name: 'Bob' }

let seq = 0

export function said(by: Author, text: string, state: Message['state'] = 'completed'): Message {
  seq += 1
  const id = `m${seq}`
  return { key: `${by.id}/${id}`, id, by, at: 0, seq, parts: text === '' ? [] : [{ type: 'text', text }], state }
}

export interface Asking {
  readonly by?: Author
  readonly history?: readonly Message[]
  readonly signal?: AbortSignal
}

export function turn(text: string, { by = alice, history = [], signal = never() }: Asking = {}): Turn {
  const room = roomId('lobby')
  if (room === undefined) throw new Error('lobby is a room id')
  return { room, run: 'run-1', message: said(by, text), history, signal }
}

function never(): AbortSignal {
  return new AbortController().signal
}

export async function thoughts(agent: Agent, asked: Turn): Promise<Thought[]> {
  return Array.fromAsync(agent.reply(asked))
}

/** The words of an answer, without reasoning and tools. */
export function text(answer: readonly Thought[]): string {
  return answer
    .map((thought) => (typeof thought === 'string' ? thought : thought.type === 'text' ? thought.text : ''))
    .join('')
}
