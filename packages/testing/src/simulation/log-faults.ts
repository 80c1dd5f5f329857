// What may be wrong with a log, whoever reads it: its order, its runs and tools, the words in it.
import { isDeepStrictEqual } from 'node:util'
import {
  applyPage,
  type Event,
  emptyTimeline,
  isToolOver,
  messageKey,
  type Page,
  type RoomId,
  type Timeline,
} from '@parley/protocol'
import type { Witness } from '../witness.ts'
import { faultsOfRuns } from './run-faults.ts'
import { faultsOfHearing, faultsOfTools } from './tool-faults.ts'
import { PLAIN, type Temperament } from './workforce.ts'

/** What is wrong with the log itself. @param staff those who answer in it */
export function faultsOfLog(witness: Witness, room: RoomId, staff: readonly Temperament[] = [PLAIN]): string[] {
  const { events } = witness.of(room)
  return [
    ...faultsOfOrder(room, events),
    ...faultsOfRuns(witness, room, staff),
    ...faultsOfTools(witness, room),
    ...faultsOfHearing(witness, room),
    ...faultsOfGrowth(room, events),
  ]
}

const DISPOSABLE: readonly string[] = ['message.grew', 'message.added', 'tool.grew']

/** What is kept tells nothing that its end tells as well. @param kept all that a log keeps of a room in which all is over */
export function faultsOfKept({ room, events }: Page): string[] {
  const growth = events.filter(({ fact }) => DISPOSABLE.includes(fact.type))
  return growth.map(({ seq, fact }) => `${room}: ${seq}, ${fact.type}, is still kept`)
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

/** What was shown while a message grew, or a tool printed, is what it comes to in the end. */
function faultsOfGrowth(room: RoomId, events: readonly Event[]): string[] {
  const faults: string[] = []
  let shown = emptyTimeline(room)
  for (const event of events) {
    faults.push(...faultsOfEnd(shown, event).map((fault) => `${room}: ${fault}`))
    const { seq } = event
    shown = applyPage(shown, { room, epoch: '', after: seq - 1, upTo: seq, events: [event], ...begins(shown) })
  }
  for (const { state, key } of shown.messages)
    if (state === 'streaming') faults.push(`${room}: ${key} streams for ever`)
  for (const tool of shown.tools.values())
    if (!isToolOver(tool)) faults.push(`${room}: tool ${tool.call} is ${tool.state} for ever`)
  return faults
}

function begins({ position }: Timeline): { reset?: 'start' } {
  return position === undefined ? { reset: 'start' } : {}
}

function faultsOfEnd(shown: Timeline, { by, fact }: Event): string[] {
  if (fact.type === 'message.closed') {
    const key = messageKey(by.id, fact.message)
    const parts = shown.messages.find((message) => message.key === key)?.parts
    if (isDeepStrictEqual(parts, fact.parts)) return []
    return [`${key} showed ${JSON.stringify(parts)} and closed as ${JSON.stringify(fact.parts)}`]
  }
  if (fact.type === 'tool.ended') {
    const { printed = '' } = shown.tools.get(fact.call) ?? {}
    const kept = fact.printed ?? ''
    if (printed !== kept)
      return [`${fact.call} printed ${JSON.stringify(printed)} and ended with ${JSON.stringify(kept)}`]
  }
  return []
}
