// What may be wrong with the tool calls that a log tells of: begun once, allowed once, started once, ended once, in this order.
import type { ApprovalGiven, Event, Fact, RoomId, RunId } from '@parley/protocol'
import type { Witness } from '../witness.ts'

/** Servers stall, disks refuse, and leases have to end; but nobody waits until it is too late to decide. */
const HEARING_MS = 90_000

/** What is known of a call. */
interface Known {
  readonly run: string
  readonly asked: boolean
  readonly decision?: ApprovalGiven
  readonly started: boolean
}

type OfCall = Extract<Fact, { readonly call: string }>

/** Nothing is said of a call before it begins or after it has ended, and nothing twice. */
export function faultsOfTools(witness: Witness, room: RoomId): string[] {
  const faults: string[] = []
  const open = new Map<string, Known>()
  const begun = new Set<string>()
  for (const { fact, seq } of witness.of(room).events) {
    if (fact.type === 'run.ended')
      for (const [call, { run }] of open) if (run === fact.run) faults.push(`${call} was at work as its run ended`)
    if (!('call' in fact)) continue
    const wrong = wrongWith(fact, open, begun)
    if (wrong !== undefined) faults.push(`${seq}, ${fact.type} of ${fact.call}: ${wrong}`)
    become(fact, open)
    begun.add(fact.call)
  }
  for (const call of open.keys()) faults.push(`${call} never ended`)
  return faults.map((fault) => `${room}: ${fault}`)
}

function wrongWith(fact: OfCall, open: ReadonlyMap<string, Known>, begun: ReadonlySet<string>): string | undefined {
  const { type, run, call } = fact
  if (type === 'tool.called') return begun.has(call) ? 'it was called before' : undefined
  const known = open.get(call)
  if (known === undefined) return begun.has(call) ? 'it has ended' : 'it was never called'
  if (known.run !== run) return `it belongs to ${known.run}`
  const { asked, decision, started } = known
  switch (type) {
    case 'approval.asked':
      return asked ? 'it was asked before' : undefined
    case 'approval.given':
      if (!asked) return 'nobody asked'
      return decision === undefined ? undefined : 'it was decided before'
    case 'tool.started':
      if (started) return 'it was started before'
      return decision?.approved === true ? undefined : 'nobody allowed it'
    case 'tool.ended': {
      if (asked && decision === undefined) return 'it still waits for a decision'
      const denied = decision?.approved === false
      if (fact.outcome === 'denied') return denied ? undefined : 'nobody denied it'
      return denied && fact.outcome === 'ok' ? 'it was denied' : undefined
    }
    default:
      return undefined
  }
}

function become(fact: OfCall, open: Map<string, Known>): void {
  const known = open.get(fact.call) ?? { run: fact.run, asked: false, started: false }
  if (fact.type === 'tool.called') open.set(fact.call, known)
  else if (fact.type === 'approval.asked') open.set(fact.call, { ...known, asked: true })
  else if (fact.type === 'approval.given') open.set(fact.call, { ...known, decision: fact })
  else if (fact.type === 'tool.started') open.set(fact.call, { ...known, started: true })
  else if (fact.type === 'tool.ended') open.delete(fact.call)
}

/** A decision is heard by whoever holds the run, where nothing stands before it; also by who takes it up later. */
export function faultsOfHearing(witness: Witness, room: RoomId): string[] {
  const faults: string[] = []
  /** Runs at work, with their agent. */
  const runs = new Map<RunId, string>()
  /** Calls that are decided, and since when that could be heard. */
  const decided = new Map<string, { readonly run: RunId; since: number | undefined }>()
  const isAlone = (run: RunId): boolean => {
    const agent = runs.get(run)
    return [...runs.values()].filter((other) => other === agent).length === 1
  }
  for (const { fact, at, by } of witness.of(room).events) {
    if (fact.type === 'run.started') runs.set(fact.run, by.id)
    else if (fact.type === 'run.ended') runs.delete(fact.run)
    else if (fact.type === 'run.resumed') {
      for (const call of decided.values()) if (call.run === fact.run) call.since = isAlone(fact.run) ? at : undefined
    } else if (fact.type === 'approval.given')
      decided.set(fact.call, { run: fact.run, since: isAlone(fact.run) ? at : undefined })
    else if (fact.type === 'tool.started' || fact.type === 'tool.ended') {
      const { since = at } = decided.get(fact.call) ?? {}
      if (at - since > HEARING_MS)
        faults.push(`${room}: what was decided of ${fact.call} was heard after ${at - since} ms`)
      decided.delete(fact.call)
    }
  }
  return faults
}

/** Why a call that needs approval may not be made now, as far as the log tells; undefined when it may. */
export function faultOfStart(events: readonly Event[], call: string): string | undefined {
  const facts = events.flatMap(({ fact }) => ('call' in fact && fact.call === call ? [fact] : []))
  const decision = facts.find((fact) => fact.type === 'approval.given')
  if (decision === undefined) return 'nobody has decided about it'
  if (!decision.approved) return 'it was denied'
  return facts.some(({ type }) => type === 'tool.started') ? undefined : 'its start is not in the log'
}
