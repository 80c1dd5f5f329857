// What people tried to say, what they were told became of it, and whether that is true.
import {
  type Call,
  type Event,
  messageKey,
  type Position,
  type ProblemCode,
  type RoomId,
  type RunId,
  textOf,
} from '@parley/protocol'
import type { Witness } from '../witness.ts'

/** A message that somebody tried to post, and what became of it as far as they know. */
export interface Attempt {
  readonly user: string
  /** The device it was typed on. */
  readonly device: string
  readonly room: RoomId
  readonly id: string
  readonly text: string
  /** The run that it was meant to steer. */
  readonly steers?: RunId
  /** Id of the message that it was meant to replace. */
  readonly supersedes?: string
  /** The device knew who was speaking, so the post was kept for them and must survive a refresh. */
  readonly kept: boolean
  outcome: Outcome
}

type Outcome =
  | { readonly type: 'unknown' }
  | { readonly type: 'accepted'; readonly position: Position; readonly calls: readonly Call[] }
  | { readonly type: 'refused'; readonly code: ProblemCode }

/**
 * Whether it may be refused now and accepted in a moment: when it is sent again because the refusal was lost, it stands behind
 * what was said after it.
 */
type Fickle = (attempt: Attempt) => boolean

/** A copy of it that was sent earlier, or by another device, may be taken all the same. */
const FICKLE: readonly ProblemCode[] = ['id.conflict', 'run.busy']

/** What is wrong between what people posted and what is in the log: lost, doubled, reordered, invented, changed. */
export function faultsOfAttempts(witness: Witness, attempts: readonly Attempt[], isFickle: Fickle): string[] {
  const posted = new Map<string, Event>()
  for (const room of witness.rooms)
    for (const event of witness.of(room).events)
      if (event.fact.type === 'message.posted') posted.set(`${room} ${messageKey(event.by.id, event.id ?? '')}`, event)
  const tried = Map.groupBy(attempts, nameOf)
  const faults = attempts.flatMap((attempt) => {
    const event = posted.get(nameOf(attempt))
    const once = tried.get(nameOf(attempt))?.length === 1
    return [...faultsOfAttempt(attempt, event, once), ...faultsOfCalls(attempt, witness, event)]
  })
  for (const [name, { fact }] of posted) {
    const words = fact.type === 'message.posted' ? textOf(fact.parts) : ''
    if (!tried.get(name)?.some(({ text }) => text === words)) faults.push(`${name}: nobody posted "${words}"`)
  }
  const single = attempts.filter((attempt) => tried.get(nameOf(attempt))?.length === 1 && !isFickle(attempt))
  return [...faults, ...faultsOfTurns(single, posted)]
}

function nameOf({ room, user, id }: Attempt): string {
  return `${room} ${messageKey(user, id)}`
}

function faultsOfAttempt(attempt: Attempt, event: Event | undefined, once: boolean): string[] {
  const { outcome, kept } = attempt
  const name = nameOf(attempt)
  if (outcome.type === 'accepted' && event?.seq !== outcome.position.seq)
    return [`${name}: accepted at ${outcome.position.seq}, found at ${event?.seq}`]
  if (outcome.type === 'refused' && !FICKLE.includes(outcome.code) && event !== undefined && once)
    return [`${name}: refused as ${outcome.code}, yet in the log`]
  return outcome.type === 'unknown' && event === undefined && kept ? [`${name}: lost`] : []
}

/** What the sender was told that it set going was set going. */
function faultsOfCalls(attempt: Attempt, witness: Witness, event: Event | undefined): string[] {
  if (attempt.outcome.type !== 'accepted' || event === undefined) return []
  const { events } = witness.breathOf(event)
  return attempt.outcome.calls.flatMap(({ run, how }) => {
    const type = how === 'steers' ? 'run.steered' : 'run.started'
    const said = events.some(({ fact }) => fact.type === type && fact.run === run)
    return said ? [] : [`${nameOf(attempt)}: its sender was told that it ${how} ${run}, which is not so`]
  })
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
