// Whom a message calls: the agents that answer it, and the facts that begin their runs.
import { createHash } from 'node:crypto'
import {
  type Author,
  isSession,
  type MessagePosted,
  messageKey,
  type RoomId,
  type RunId,
  textOf,
} from '@parley/protocol'
import type { Agent } from '../seams/agent.ts'
import type { Draft } from '../seams/log.ts'
import { messageOf } from './answer.ts'

/** An agent and the messages that it answers; in session rooms and where it is mentioned unless said otherwise. */
export interface Seat {
  readonly agent: Agent
  readonly answers?: 'sessions and mentions' | 'everything' | 'mentions'
}

export type Posted = Draft & { readonly id: string; readonly fact: MessagePosted }

export interface Calling {
  readonly agent: Agent
  readonly run: RunId
  /** They go into the log in the same append as the message. */
  readonly drafts: readonly Draft[]
}

/** @param node this process's name, for those who look whether the run's holder lives. */
export function callingsOf(
  seats: readonly Seat[],
  room: RoomId,
  { by, id, fact }: Posted,
  node: string,
): readonly Calling[] {
  const text = textOf(fact.parts)
  return seats
    .filter((seat) => answers(seat, room, text))
    .map(({ agent }) => {
      const author = authorOfAgent(agent)
      const run = runId(room, agent.id, by.id, id)
      const drafts: readonly Draft[] = [
        { by: author, id: `${run}.started`, fact: { type: 'run.started', run, cause: messageKey(by.id, id), node } },
        { by: author, id: `${run}.opened`, fact: { type: 'message.opened', message: messageOf(run), run } },
      ]
      return { agent, run, drafts }
    })
}

function answers({ agent, answers: when = 'sessions and mentions' }: Seat, room: RoomId, text: string): boolean {
  if (when === 'everything') return true
  if (when === 'sessions and mentions' && isSession(room)) return true
  return mentions(text, agent.name) || mentions(text, agent.id)
}

/** Whether `@name` stands in the text as a word of its own. */
function mentions(text: string, name: string): boolean {
  const wanted = `@${name.toLowerCase()}`
  const said = text.toLowerCase()
  for (let at = said.indexOf(wanted); at >= 0; at = said.indexOf(wanted, at + 1)) {
    const before = at === 0 ? ' ' : said[at - 1]
    const after = said[at + wanted.length] ?? ' '
    if (!/[\p{L}\p{N}_]/u.test(before ?? ' ') && !/[\p{L}\p{N}_-]/u.test(after)) return true
  }
  return false
}

/** The same message gives the same run, whichever server it was sent to and however often. */
function runId(room: RoomId, agent: string, author: string, message: string): RunId {
  return `run-${createHash('sha256').update(`${room}\n${agent}\n${author}\n${message}`).digest('base64url').slice(0, 22)}`
}

export function authorOfAgent({ id, name }: Agent): Author {
  return { id, kind: 'agent', name }
}
