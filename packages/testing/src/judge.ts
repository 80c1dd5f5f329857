// Holds what clients saw, and what they were told, against all that ever entered the log.

import { isDeepStrictEqual } from 'node:util'
import {
  applyPage,
  type Event,
  emptyTimeline,
  isSession,
  type Message,
  messageKey,
  type Part,
  type Position,
  type ProblemCode,
  type RoomId,
  type Timeline,
  textOf,
} from '@parley/protocol'
import type { Witness } from './witness.ts'

/** A cancel may have to wait until its node looks at the log. */
const CANCEL_MS = 7_000

/** A message that somebody tried to post, and what became of it as far as they know. */
export interface Attempt {
  readonly user: string
  /** The device it was typed on. */
  readonly device: string
  readonly room: RoomId
  readonly id: string
  readonly text: string
  /** The device knew who was speaking, so the post was kept for them and must survive a refresh. */
  readonly kept: boolean
  /** The id was used before, on purpose. */
  readonly again: boolean
  outcome: Outcome
}

export type Outcome =
  | { readonly type: 'unknown' }
  | { readonly type: 'accepted'; readonly position: Position }
  | { readonly type: 'refused'; readonly code: ProblemCode }

/** What is wrong with a picture of a room; undefined when it is the fold of the log up to its position. */
export function faultOfPicture(witness: Witness, picture: Timeline): string | undefined {
  const { room, position, start } = picture
  if (position === undefined) return undefined
  const { epoch, events } = witness.of(room)
  if (position.epoch !== epoch) return `${room}: epoch ${position.epoch} never was, it is ${epoch}`
  const head = witness.head(room)
  if (position.seq > head) return `${room}: position ${position.seq} lies beyond the head ${head}`
  const expected = foldOf(room, epoch, events, start, position.seq)
  const place = `${room}@${start}..${position.seq}`
  const messages = expected.messages.map((message, index) => lenient(message, picture.messages[index], events))
  return (
    difference(`${place} messages`, picture.messages, messages) ??
    difference(`${place} runs`, [...picture.runs], [...expected.runs]) ??
    difference(`${place} tools`, [...picture.tools], [...expected.tools])
  )
}

/**
 * What must be seen of a message. Growth may be skipped once the log holds the end of the message: until that is seen,
 * any first part of the text will do.
 */
function lenient(expected: Message, seen: Message | undefined, events: readonly Event[]): Message {
  if (expected.state !== 'streaming' || seen?.state !== 'streaming') return expected
  const closed = events.some(({ fact }) => fact.type === 'message.closed' && fact.message === expected.id)
  return closed && isBeginning(seen.parts, expected.parts) ? { ...expected, parts: seen.parts } : expected
}

function isBeginning(parts: readonly Part[], whole: readonly Part[]): boolean {
  return parts.every((part, index) => {
    const full = whole[index]
    const isLast = index === parts.length - 1
    if (isLast && 'text' in part && full !== undefined && 'text' in full)
      return part.type === full.type && full.text.startsWith(part.text)
    return isDeepStrictEqual(part, full)
  })
}

/** How (after, upTo] of a room looks. */
export function foldOf(room: RoomId, epoch: string, events: readonly Event[], after: number, upTo: number): Timeline {
  const within = events.filter(({ seq }) => seq > after && seq <= upTo)
  return applyPage(emptyTimeline(room), { room, epoch, after, upTo, events: within, reset: 'start' })
}

function difference(what: string, seen: readonly unknown[], expected: readonly unknown[]): string | undefined {
  const length = Math.max(seen.length, expected.length)
  for (let index = 0; index < length; index += 1)
    if (!isDeepStrictEqual(seen[index], expected[index]))
      return `${what}[${index}]: saw ${JSON.stringify(seen[index])}, expected ${JSON.stringify(expected[index])}`
  return undefined
}

/** What is wrong with the log itself: its order, its spans, the words in it. */
export function faultsOfLog(witness: Witness, room: RoomId): string[] {
  const { events } = witness.of(room)
  return [...faultsOfOrder(room, events), ...faultsOfRuns(room, events), ...faultsOfStreams(room, events)]
}

function faultsOfOrder(room: RoomId, events: readonly Event[]): string[] {
  const faults: string[] = []
  const ids = new Set<string>()
  for (const [index, { seq, by, id }] of events.entries()) {
    if (seq !== index + 1) faults.push(`${room}: event ${index + 1} has seq ${seq}`)
    if (id === undefined) continue
    const key = messageKey(by.id, id)
    if (ids.has(key)) faults.push(`${room}: ${key} is in the log twice`)
    ids.add(key)
  }
  return faults
}

/** Every message that asks for an answer has one run, in the same breath, and every run ends once. */
function faultsOfRuns(room: RoomId, events: readonly Event[]): string[] {
  const faults: string[] = []
  const open = new Set<string>()
  const answered = new Map<string, number>()
  for (const { fact, seq } of events) {
    if (fact.type === 'run.started') {
      if (answered.has(fact.cause)) faults.push(`${room}: two runs for ${fact.cause}`)
      answered.set(fact.cause, seq)
      open.add(fact.run)
    } else if (fact.type === 'run.ended' && !open.delete(fact.run)) faults.push(`${room}: run ${fact.run} ended twice`)
  }
  for (const run of open) faults.push(`${room}: run ${run} never ended`)
  for (const { fact, by, id = '', seq } of events) {
    if (fact.type !== 'message.posted' || !(isSession(room) || textOf(fact.parts).includes('@guide'))) continue
    if (answered.get(messageKey(by.id, id)) !== seq + 1) faults.push(`${room}: ${seq} asks and has no run of its own`)
  }
  return faults
}

/** An agent says nothing to a message before it is done with the one before. Holds within one server. */
export function faultsOfTurnTaking(witness: Witness, room: RoomId): string[] {
  const faults: string[] = []
  const waiting: string[] = []
  for (const { fact, seq } of witness.of(room).events) {
    if (fact.type === 'run.started') waiting.push(fact.run)
    if (fact.type === 'run.ended') waiting.splice(waiting.indexOf(fact.run), 1)
    if (fact.type === 'message.grew' && !fact.message.startsWith(`${waiting[0]}.`))
      faults.push(`${room}: ${seq} is said out of turn`)
  }
  return faults
}

/** While all servers are well, nobody interrupts a run, and one that is cancelled ends within some seconds. */
export function faultsOfEnds(witness: Witness, room: RoomId): string[] {
  const faults: string[] = []
  const cancelled = new Map<string, number>()
  for (const { at, fact } of witness.of(room).events) {
    if (fact.type === 'run.cancelling') cancelled.set(fact.run, at)
    if (fact.type !== 'run.ended') continue
    if (fact.outcome === 'interrupted') faults.push(`${room}: ${fact.run} was interrupted for no reason`)
    const ms = at - (cancelled.get(fact.run) ?? at)
    if (ms > CANCEL_MS) faults.push(`${room}: ${fact.run} went on for ${ms} ms after it was cancelled`)
  }
  return faults
}

/** Text that was shown while a message grew is the beginning of what it said in the end. */
function faultsOfStreams(room: RoomId, events: readonly Event[]): string[] {
  const faults: string[] = []
  for (const { fact, by, seq } of events) {
    if (fact.type !== 'message.closed') continue
    const key = messageKey(by.id, fact.message)
    const before = foldOf(room, '', events, 0, seq - 1).messages.find((message) => message.key === key)
    const shown = textOf(before?.parts ?? [])
    if (!textOf(fact.parts).startsWith(shown)) faults.push(`${room}: ${key} showed "${shown}" and took it back`)
    if (before?.parts.some((part, index) => fact.parts[index]?.type !== part.type))
      faults.push(`${room}: ${key} changed its parts as it closed`)
  }
  const last = foldOf(room, '', events, 0, events.at(-1)?.seq ?? 0)
  for (const message of last.messages)
    if (message.state === 'streaming') faults.push(`${room}: ${message.key} streams for ever`)
  for (const tool of last.tools.values())
    if (tool.state === 'running') faults.push(`${room}: tool ${tool.call} runs for ever`)
  return faults
}

/** What is wrong between what people posted and what is in the log: lost, doubled, reordered, invented, changed. */
export function faultsOfAttempts(witness: Witness, attempts: readonly Attempt[]): string[] {
  const posted = new Map<string, Event>()
  for (const room of witness.rooms)
    for (const event of witness.of(room).events)
      if (event.fact.type === 'message.posted') posted.set(`${room} ${messageKey(event.by.id, event.id ?? '')}`, event)
  const faults = attempts.flatMap((attempt) => faultOfAttempt(attempt, posted.get(nameOf(attempt))) ?? [])
  const tried = Map.groupBy(attempts, nameOf)
  for (const [name, { fact }] of posted) {
    const words = fact.type === 'message.posted' ? textOf(fact.parts) : ''
    if (!tried.get(name)?.some(({ text }) => text === words)) faults.push(`${name}: nobody posted "${words}"`)
  }
  const single = attempts.filter((attempt) => tried.get(nameOf(attempt))?.length === 1)
  return [...faults, ...faultsOfTurns(single, posted)]
}

function nameOf({ room, user, id }: Attempt): string {
  return `${room} ${messageKey(user, id)}`
}

function faultOfAttempt(attempt: Attempt, event: Event | undefined): string | undefined {
  const { outcome, kept, again } = attempt
  const name = nameOf(attempt)
  if (outcome.type === 'accepted' && event?.seq !== outcome.position.seq)
    return `${name}: accepted at ${outcome.position.seq}, found at ${event?.seq}`
  if (outcome.type === 'refused' && outcome.code !== 'id.conflict' && event !== undefined && !again)
    return `${name}: refused as ${outcome.code}, yet in the log`
  return outcome.type === 'unknown' && event === undefined && kept ? `${name}: lost` : undefined
}

/** What one device said in one room stands there in the order in which it was said; where an id was used twice, who knows. */
function faultsOfTurns(attempts: readonly Attempt[], posted: ReadonlyMap<string, Event>): string[] {
  const faults: string[] = []
  const last = new Map<string, number>()
  for (const attempt of attempts) {
    const seq = posted.get(nameOf(attempt))?.seq
    if (seq === undefined) continue
    const place = `${attempt.device} in ${attempt.room}`
    if (seq < (last.get(place) ?? 0))
      faults.push(`${nameOf(attempt)}: overtook an earlier message of ${attempt.device}`)
    last.set(place, seq)
  }
  return faults
}

/** What is wrong between what agents said, by run, and what is in the log. */
export function faultsOfAnswers(witness: Witness, spoken: ReadonlyMap<string, string>): string[] {
  const faults: string[] = []
  const runs = new Map<string, string>()
  for (const room of witness.rooms)
    for (const { fact } of witness.of(room).events) {
      if (fact.type === 'message.opened' && fact.run !== undefined) runs.set(fact.message, fact.run)
      if (fact.type !== 'message.closed') continue
      const stored = textOf(fact.parts)
      const said = spoken.get(runs.get(fact.message) ?? '') ?? ''
      if (fact.outcome === 'completed' ? stored !== said : !said.startsWith(stored))
        faults.push(`${room}: ${fact.message} ${fact.outcome} as ${JSON.stringify(stored)} of ${JSON.stringify(said)}`)
    }
  return faults
}
