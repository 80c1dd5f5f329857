// What may be wrong with a log, whoever reads it: its order, its runs, the words in it.
import { type Event, isSession, messageKey, type RoomId, textOf } from '@parley/protocol'
import type { Witness } from '../witness.ts'
import { foldOf } from './picture.ts'

/** A cancel may have to wait until its node looks at the log. */
const CANCEL_MS = 7_000

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
