// What may be wrong with the runs that a log tells of: what messages set going, who holds a run, whose turn it is, how it ends.
import {
  type Event,
  type Fact,
  messageKey,
  partsOfKey,
  type RoomId,
  type RunId,
  type RunResumed,
  type RunStarted,
  textOf,
} from '@parley/protocol'
import type { Rights } from '../rights.ts'
import type { Witness } from '../witness.ts'
import { isCalled, type Temperament } from './workforce.ts'

/** A cancel may have to wait until its node looks at the log. */
const CANCEL_MS = 7_000
/** Where there is but one node, it hears of it at once; some runs may have to end one after the other. */
const CANCEL_ALONE_MS = 250

/** @param staff those who answer when they are mentioned; the guide answers in sessions too */
export function faultsOfRuns(witness: Witness, room: RoomId, staff: readonly Temperament[]): string[] {
  const { events } = witness.of(room)
  const agents = staff.map(({ id }) => id)
  const faults = [
    ...faultsOfSpans(events),
    ...faultsOfCauses(events),
    ...events.flatMap((event) => faultsOfPost(witness, room, event, agents)),
    ...faultsOfHolders(witness, events),
    ...faultsOfSteering(events, staff),
    ...faultsOfResumption(events, staff),
  ]
  return faults.map((fault) => `${room}: ${fault}`)
}

/** Every run begins once and ends once, and nothing becomes of it before or after; it is only cancelled where somebody asked. */
function faultsOfSpans(events: readonly Event[]): string[] {
  const faults: string[] = []
  const open = new Set<string>()
  const begun = new Set<string>()
  const stopped = new Set<string>()
  for (const { fact, seq } of events) {
    if (!('run' in fact) || fact.run === undefined) continue
    const { type, run } = fact
    if (type === 'run.started') {
      if (begun.has(run)) faults.push(`run ${run} began twice`)
      begun.add(run)
      open.add(run)
    } else if (!open.has(run)) faults.push(`${seq} is ${type} of ${run}, which is not at work`)
    if (type === 'run.cancelling') stopped.add(run)
    if (type === 'tool.cancelling') stopped.add(fact.call)
    // A tool that only its agent could stop is stopped with the run.
    if (type === 'tool.ended' && fact.outcome === 'cancelled' && stopped.has(fact.call)) stopped.add(run)
    if (type !== 'run.ended') continue
    open.delete(run)
    if (fact.outcome === 'cancelled' && !stopped.has(run)) faults.push(`${run} was cancelled, and nobody asked for it`)
  }
  for (const run of open) faults.push(`run ${run} never ended`)
  return faults
}

/**
 * One message sets one thing going for an agent: a run, or that it is steered; what came too late to steer is answered after
 * that run. An answer that is made anew answers the same question.
 */
function faultsOfCauses(events: readonly Event[]): string[] {
  const faults: string[] = []
  const causes = new Map<RunId, string>()
  const ended = new Set<RunId>()
  const done = new Map<string, Fact>()
  for (const { fact, by } of events) {
    if (fact.type === 'run.ended') ended.add(fact.run)
    if (fact.type !== 'run.started' && fact.type !== 'run.steered') continue
    const { cause } = fact
    if (fact.type === 'run.started') causes.set(fact.run, cause)
    if (fact.type === 'run.started' && fact.supersedes !== undefined) {
      const old = causes.get(fact.supersedes)
      if (old !== cause) faults.push(`${fact.run} answers ${cause} anew, but ${fact.supersedes} answered ${old}`)
      continue
    }
    const key = `${by.id} ${cause}`
    const before = done.get(key)
    const late = before?.type === 'run.steered' && ended.has(before.run) && fact.type === 'run.started'
    if (before !== undefined && !late) faults.push(`${cause} set ${by.id} going twice`)
    done.set(key, fact)
  }
  return faults
}

/** Whom a message calls, it calls in the same breath. */
function faultsOfPost(witness: Witness, room: RoomId, event: Event, agents: readonly string[]): string[] {
  const { fact, by, id = '', seq } = event
  if (fact.type !== 'message.posted') return []
  const cause = messageKey(by.id, id)
  const { events } = witness.breathOf(event)
  const followed = events.filter((one) => 'cause' in one.fact && one.fact.cause === cause)
  // Its sender meant one run, whoever is mentioned.
  if (followed.length === 1 && followed[0]?.fact.type === 'run.steered') return []
  const text = textOf(fact.parts)
  const called = agents.filter((agent) => isCalled(agent, room, text))
  const came = followed.map((one) => one.by.id)
  const same = called.length === came.length && called.every((agent) => came.includes(agent))
  return same
    ? []
    : [`${seq} calls ${called.join(' and ') || 'nobody'}, and set going ${came.join(' and ') || 'nobody'}`]
}

/** Only who asked may steer, unless every message does. */
function faultsOfSteering(events: readonly Event[], staff: readonly Temperament[]): string[] {
  const faults: string[] = []
  const askers = new Map<RunId, string>()
  for (const { fact, by } of events) {
    if (fact.type === 'run.started') askers.set(fact.run, partsOfKey(fact.cause)[0])
    const { steers, overlap } = staff.find(({ id }) => id === by.id) ?? {}
    if (fact.type !== 'run.steered' || (steers && overlap === 'steer')) continue
    if (!steers) faults.push(`${fact.run} was steered, but ${by.id} cannot be`)
    if (partsOfKey(fact.cause)[0] !== askers.get(fact.run)) faults.push(`${fact.run} was steered by ${fact.cause}`)
  }
  return faults
}

/** A run goes on elsewhere only if its agent says so: always, or where it waits for nothing but decisions. */
function faultsOfResumption(events: readonly Event[], staff: readonly Temperament[]): string[] {
  const faults: string[] = []
  /** Calls at work, and whether they wait. */
  const calls = new Map<string, { readonly run: RunId; readonly waits: boolean }>()
  for (const { fact, by } of events) {
    if ('call' in fact) {
      const { run, call, type } = fact
      if (type === 'tool.ended') calls.delete(call)
      else if (type === 'tool.called') calls.set(call, { run, waits: false })
      else if (type === 'approval.asked') calls.set(call, { run, waits: true })
      else if (type === 'tool.started') calls.set(call, { run, waits: false })
    }
    if (fact.type !== 'run.resumed') continue
    const { onInterrupted } = staff.find(({ id }) => id === by.id) ?? {}
    const own = [...calls.values()].filter(({ run }) => run === fact.run)
    const waits = own.length > 0 && own.every((call) => call.waits)
    if (onInterrupted !== 'retry' && !(onInterrupted === 'wait' && waits))
      faults.push(`${fact.run} was taken up, although its agent wants to ${onInterrupted}`)
  }
  return faults
}

/** What a run does is written by the process that holds it, or by the one that closes what was abandoned. */
function faultsOfHolders(witness: Witness, events: readonly Event[]): string[] {
  const faults: string[] = []
  const holders = new Map<RunId, string>()
  const runs = new Map<string, RunId>()
  for (const event of events) {
    const { fact, seq } = event
    if (fact.type === 'message.opened' && fact.run !== undefined) runs.set(fact.message, fact.run)
    if (isTaking(fact)) holders.set(fact.run, fact.node)
    const run = runOfWork(fact, runs)
    const { node, events: breath } = witness.breathOf(event)
    if (run === undefined || holders.get(run) === node || breath.some((one) => isClosing(one.fact, run))) continue
    faults.push(`${seq}, ${fact.type} of ${run}, was written by ${node}, but ${holders.get(run)} holds it`)
  }
  return faults
}

/** The process that held a run last. */
export function holderOf(events: readonly Event[], run: RunId): string | undefined {
  const taken = events.findLast(({ fact }) => isTaking(fact) && fact.run === run)?.fact
  return taken !== undefined && isTaking(taken) ? taken.node : undefined
}

function isTaking(fact: Fact): fact is RunStarted | RunResumed {
  return fact.type === 'run.started' || fact.type === 'run.resumed'
}

/** The run, of facts that only its holder may tell. */
function runOfWork(fact: Fact, runs: ReadonlyMap<string, RunId>): RunId | undefined {
  switch (fact.type) {
    case 'message.grew':
    case 'message.added':
    case 'message.closed':
      return runs.get(fact.message)
    case 'approval.given':
      return fact.user === undefined ? fact.run : undefined
    case 'message.posted':
    case 'run.cancelling':
    case 'run.steered':
    case 'tool.cancelling':
      return undefined
    default:
      return 'run' in fact ? fact.run : undefined
  }
}

function isClosing(fact: Fact, run: RunId): boolean {
  return (
    fact.type === 'run.ended' && fact.run === run && (fact.outcome === 'interrupted' || fact.outcome === 'cancelled')
  )
}

/** Another's run is stopped only by those who may manage the room, or by a message that takes its place. */
export function faultsOfStops(witness: Witness, room: RoomId, rights: Rights): string[] {
  const faults: string[] = []
  const askers = new Map<RunId, string>()
  for (const event of witness.of(room).events) {
    const { fact, by, seq } = event
    if (fact.type === 'run.started') askers.set(fact.run, partsOfKey(fact.cause)[0])
    if (fact.type !== 'run.cancelling' && fact.type !== 'tool.cancelling') continue
    const posted = witness.breathOf(event).events.some((one) => one.fact.type === 'message.posted')
    if (!posted && by.id !== askers.get(fact.run) && !rights.may(by.id, 'manage', room))
      faults.push(`${room}: ${seq}, ${fact.type} of ${fact.run} by ${by.id}, who may not`)
  }
  return faults
}

/** An agent says nothing to a message before it is done with the one before. Holds within one server. */
export function faultsOfTurnTaking(witness: Witness, room: RoomId): string[] {
  const faults: string[] = []
  const waiting = new Map<string, RunId[]>()
  for (const { fact, seq, by } of witness.of(room).events) {
    const runs = waiting.get(by.id) ?? []
    if (fact.type === 'run.started') waiting.set(by.id, [...runs, fact.run])
    if (fact.type === 'run.ended')
      waiting.set(
        by.id,
        runs.filter((run) => run !== fact.run),
      )
    if (fact.type === 'message.grew' && !fact.message.startsWith(`${runs[0]}.`))
      faults.push(`${room}: ${seq} is said out of turn`)
  }
  return faults
}

/** While all servers are well, nobody interrupts a run, and what is cancelled ends within some seconds. */
export function faultsOfEnds(witness: Witness, room: RoomId, alone: boolean): string[] {
  const faults: string[] = []
  const most = alone ? CANCEL_ALONE_MS : CANCEL_MS
  const cancelled = new Map<string, number>()
  for (const { at, fact } of witness.of(room).events) {
    if (fact.type === 'run.cancelling') cancelled.set(fact.run, at)
    if (fact.type === 'tool.cancelling') cancelled.set(fact.call, at)
    if (fact.type !== 'run.ended' && fact.type !== 'tool.ended') continue
    const what = fact.type === 'run.ended' ? fact.run : fact.call
    if (fact.outcome === 'interrupted') faults.push(`${room}: ${what} was interrupted for no reason`)
    const ms = at - (cancelled.get(what) ?? at)
    if (ms > most) faults.push(`${room}: ${what} went on for ${ms} ms after it was cancelled`)
  }
  return faults
}
