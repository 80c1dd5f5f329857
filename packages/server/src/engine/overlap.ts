// What a message sets going: runs that begin, one that is steered, some that are stopped; or that it is refused.
import { type Call, partsOfKey, Refusal, type RoomId } from '@parley/protocol'
import type { Draft } from '../seams/log.ts'
import {
  authorOfAgent,
  type Calling,
  calledBy,
  calling,
  overlapOf,
  type Posted,
  type Seat,
  steering,
  stopping,
} from './callings.ts'
import type { GoingRun } from './going.ts'
import type { Room } from './room.ts'

export interface Consequences {
  readonly callings: readonly Calling[]
  /** They follow the message in its append. */
  readonly drafts: readonly Draft[]
  readonly calls: readonly Call[]
}

/** Whether nothing follows from a message, however the room stands: most are of this kind. */
export function isPlain(seats: readonly Seat[], room: RoomId, posted: Posted): boolean {
  const { steers, fact } = posted
  return steers === undefined && fact.supersedes === undefined && calledBy(seats, room, posted).length === 0
}

/**
 * What follows from a message, as the room stands. Refuses (`run.busy`) by the seat's policy, (`message.unknown`) what
 * replaces nothing; never a message that was taken already.
 */
export async function consequencesOf(
  seats: readonly Seat[],
  room: Room,
  posted: Posted,
  node: string,
): Promise<Consequences> {
  const steered = steerable(seats, room, posted)
  if (steered !== undefined) return steer(steered.seat, steered.going, posted)
  const replaced = await replacedBy(room, posted)
  const parts = await Promise.all(calledBy(seats, room.id, posted).map((seat) => call(seat, room, posted, node)))
  return {
    callings: parts.flatMap((part) => part.callings),
    drafts: [...replaced, ...parts.flatMap((part) => part.drafts)],
    calls: parts.flatMap((part) => part.calls),
  }
}

async function call(seat: Seat, room: Room, posted: Posted, node: string): Promise<Consequences> {
  const { agent } = seat
  const going = runsOf(room, agent.id)
  const [atWork] = going
  const begin = calling(room.id, agent, posted, node)
  const beginning = (how: Call['how'], ...before: readonly Draft[]): Consequences => ({
    callings: [begin],
    drafts: [...before, ...begin.drafts],
    calls: [{ agent: agent.id, run: begin.run, how }],
  })
  // Sent again: the log has all that it set going.
  if (going.some(({ run }) => run === begin.run)) return beginning('answers')
  if (atWork === undefined) return beginning('answers')
  switch (overlapOf(seat, room.id)) {
    case 'queue':
      return beginning('waits')
    case 'steer':
      return atWork.cancelling || atWork.cause === posted.fact.supersedes
        ? beginning('waits')
        : steer(seat, atWork, posted)
    case 'interrupt':
      return beginning('interrupts', ...going.filter(isLive).map(({ run }) => stopping(posted.by, run)))
    case 'refuse':
      if ((await room.find(posted.by.id, posted.id)) === undefined)
        throw new Refusal('run.busy', `${agent.name} is at work here; wait until it has finished`)
      return beginning('answers')
  }
}

function steer({ agent }: Seat, { run }: GoingRun, posted: Posted): Consequences {
  const draft = steering(authorOfAgent(agent), run, posted)
  return { callings: [], drafts: [draft], calls: [{ agent: agent.id, run, how: 'steers' }] }
}

/** The run that its sender wants to correct, if that can be: one that answers a question of their own. */
function steerable(
  seats: readonly Seat[],
  room: Room,
  { steers, by, fact }: Posted,
): { seat: Seat; going: GoingRun } | undefined {
  // Who asks anew does not correct what answers the old question.
  if (fact.supersedes !== undefined) return undefined
  const going = steers === undefined ? undefined : room.going.run(steers)
  const seat = seats.find(({ agent }) => agent.id === going?.agent)
  if (going === undefined || seat?.agent.steers !== true || going.cancelling) return undefined
  return partsOfKey(going.cause)[0] === by.id ? { seat, going } : undefined
}

/** What answers the question that this one replaces need not be finished. */
async function replacedBy(room: Room, { by, fact: { supersedes } }: Posted): Promise<readonly Draft[]> {
  if (supersedes === undefined) return []
  const [author, id] = partsOfKey(supersedes)
  const earlier = await room.find(by.id, id)
  if (author !== by.id || earlier?.fact.type !== 'message.posted')
    throw new Refusal('message.unknown', `there is no message ${id} of yours in this room`)
  const answering = [...room.going.runs].filter((going) => going.cause === supersedes && isLive(going))
  return answering.map(({ run }) => stopping(by, run))
}

function runsOf(room: Room, agent: string): readonly GoingRun[] {
  return [...room.going.runs].filter((going) => going.agent === agent)
}

function isLive({ cancelling }: GoingRun): boolean {
  return !cancelling
}
