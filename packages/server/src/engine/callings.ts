// Whom a message calls: the agents that answer it, and the facts that begin their runs.
import { createHash } from 'node:crypto'
import {
  type Author,
  isSession,
  type MessagePosted,
  messageKey,
  type RoomId,
  type RunId,
  type RunStarted,
  textOf,
} from '@parley/protocol'
import type { Agent } from '../seams/agent.ts'
import type { Draft } from '../seams/log.ts'
import { messageOf } from './answer.ts'

/** An agent and the messages that it answers; in session rooms and where it is mentioned unless said otherwise. */
export interface Seat {
  readonly agent: Agent
  readonly answers?: 'sessions and mentions' | 'everything' | 'mentions'
  /** What a message does that comes while the agent is at work in its room. Default `queue`. */
  readonly overlap?: Overlap | ((room: RoomId) => Overlap)
}

/**
 * `queue`: it waits for its turn. `steer`: it is given to the run at work, where the agent can be steered; else as `queue`.
 * `interrupt`: the run at work is stopped first. `refuse`: the message is refused (`run.busy`).
 */
export type Overlap = 'queue' | 'steer' | 'interrupt' | 'refuse'

export type Posted = Draft & {
  readonly id: string
  readonly fact: MessagePosted
  /** The run that its sender wants to correct. */
  readonly steers?: RunId
  /** It calls nobody. */
  readonly quiet?: true
}

/** A run that is to begin. */
export interface Calling {
  readonly agent: Agent
  readonly run: RunId
  /** They go into the log in the same append as the message. */
  readonly drafts: readonly Draft[]
}

/** Those who answer this message. */
export function calledBy(seats: readonly Seat[], room: RoomId, { fact, quiet }: Posted): readonly Seat[] {
  if (quiet || seats.length === 0) return []
  const text = textOf(fact.parts)
  return seats.filter((seat) => answers(seat, room, text))
}

export function overlapOf({ overlap = 'queue', agent }: Seat, room: RoomId): Overlap {
  const wanted = typeof overlap === 'function' ? overlap(room) : overlap
  return wanted === 'steer' && agent.steers !== true ? 'queue' : wanted
}

/** @param node this process's name, for those who look whether the run's holder lives. */
export function calling(room: RoomId, agent: Agent, { by, id }: Pick<Posted, 'by' | 'id'>, node: string): Calling {
  const run = runId(room, agent.id, by.id, id)
  return { agent, run, drafts: beginnings(agent, run, { cause: messageKey(by.id, id), node }) }
}

/** The run that answers anew what `run` answered. The same wish `id` of the same person gives the same run. */
export function callingAgain(
  room: RoomId,
  agent: Agent,
  wish: { readonly run: RunId; readonly cause: string; readonly by: string; readonly id: string },
  node: string,
): Calling {
  const run = runId(room, agent.id, wish.by, `${wish.run}\n${wish.id}`)
  return { agent, run, drafts: beginnings(agent, run, { cause: wish.cause, node, supersedes: wish.run }) }
}

function beginnings(agent: Agent, run: RunId, start: Omit<RunStarted, 'type' | 'run'>): readonly Draft[] {
  const by = authorOfAgent(agent)
  return [
    { by, id: `${run}.started`, follows: true, fact: { type: 'run.started', run, ...start } },
    { by, id: `${run}.opened`, follows: true, fact: { type: 'message.opened', message: messageOf(run), run } },
  ]
}

/** The message goes to a run at work. */
export function steering(agent: Author, run: RunId, { by, id }: Posted): Draft {
  const fact = { type: 'run.steered', run, cause: messageKey(by.id, id) } as const
  return { by: agent, id: `${run}.steered.${shortHash(`${by.id}\n${id}`)}`, follows: true, fact }
}

/** A run at work is to stop for a message. */
export function stopping(by: Author, run: RunId): Draft {
  return { by, id: `${run}.cancelling`, follows: true, fact: { type: 'run.cancelling', run } }
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
  return `run-${shortHash(`${room}\n${agent}\n${author}\n${message}`)}`
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

export function authorOfAgent({ id, name }: Agent): Author {
  return { id, kind: 'agent', name }
}
