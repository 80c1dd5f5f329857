// What people tried to say, what they were told became of it, and whether that is true.
import { type Event, messageKey, type Position, type ProblemCode, type RoomId, textOf } from '@parley/protocol'
import type { Witness } from '../witness.ts'

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

type Outcome =
  | { readonly type: 'unknown' }
  | { readonly type: 'accepted'; readonly position: Position }
  | { readonly type: 'refused'; readonly code: ProblemCode }

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
