// Holds what clients saw, and what they were told, against all that ever entered the log.

import { isDeepStrictEqual } from 'node:util'
import {
  applyPage,
  type Event,
  emptyTimeline,
  messageKey,
  type Position,
  type RoomId,
  type Timeline,
  textOf,
} from '@parley/protocol'
import type { Witness } from './witness.ts'

/** A message that somebody tried to post, and what became of it as far as they know. */
export interface Attempt {
  readonly user: string
  /** The device it was typed on. */
  readonly device: string
  readonly room: RoomId
  readonly id: string
  readonly text: string
  outcome:
    | { readonly type: 'unknown' }
    | { readonly type: 'accepted'; readonly position: Position }
    | { readonly type: 'refused'; readonly code: string }
}

/** What is wrong with a picture of a room; undefined when it is the fold of the log up to its position. */
export function faultOfPicture(witness: Witness, picture: Timeline): string | undefined {
  const { room, position, start } = picture
  if (position === undefined) return undefined
  const { epoch, events } = witness.of(room)
  if (position.epoch !== epoch) return `${room}: epoch ${position.epoch} never was, it is ${epoch}`
  const head = events.at(-1)?.seq ?? 0
  if (position.seq > head) return `${room}: position ${position.seq} lies beyond the head ${head}`
  const expected = foldOf(room, epoch, events, start, position.seq)
  return (
    difference(`${room}@${start}..${position.seq} messages`, picture.messages, expected.messages) ??
    difference(`${room}@${start}..${position.seq} runs`, [...picture.runs], [...expected.runs]) ??
    difference(`${room}@${start}..${position.seq} tools`, [...picture.tools], [...expected.tools])
  )
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

/** Every run begins once for its cause and ends once. */
function faultsOfRuns(room: RoomId, events: readonly Event[]): string[] {
  const faults: string[] = []
  const open = new Set<string>()
  const causes = new Set<string>()
  for (const { fact, by } of events) {
    if (fact.type === 'run.started') {
      const cause = `${by.id} for ${fact.cause}`
      if (causes.has(cause)) faults.push(`${room}: two runs of ${cause}`)
      causes.add(cause)
      open.add(fact.run)
    } else if (fact.type === 'run.ended' && !open.delete(fact.run)) faults.push(`${room}: run ${fact.run} ended twice`)
  }
  for (const run of open) faults.push(`${room}: run ${run} never ended`)
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
  const posted = new Map<string, { readonly event: Event; readonly room: RoomId }>()
  for (const room of witness.rooms)
    for (const event of witness.of(room).events)
      if (event.fact.type === 'message.posted')
        posted.set(`${room} ${messageKey(event.by.id, event.id ?? '')}`, { event, room })
  const faults: string[] = []
  const places = new Map<string, number>()
  for (const attempt of attempts) {
    const { user, device, room, id, text, outcome } = attempt
    const name = `${room} ${messageKey(user, id)}`
    const found = posted.get(name)
    posted.delete(name)
    if (outcome.type === 'unknown') faults.push(`${name}: nobody knows what became of it`)
    if (outcome.type === 'accepted' && found?.event.seq !== outcome.position.seq)
      faults.push(`${name}: accepted at ${outcome.position.seq}, found at ${found?.event.seq}`)
    if (outcome.type === 'refused' && found !== undefined) faults.push(`${name}: refused, yet in the log`)
    if (found === undefined) continue
    const { fact, seq } = found.event
    if (fact.type !== 'message.posted' || textOf(fact.parts) !== text) faults.push(`${name}: its words changed`)
    const place = `${device} in ${room}`
    if (seq < (places.get(place) ?? 0)) faults.push(`${name}: overtook an earlier message of ${device}`)
    places.set(place, seq)
  }
  for (const name of posted.keys()) faults.push(`${name}: in the log, yet nobody posted it`)
  return faults
}
