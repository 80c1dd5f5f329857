// What can be done about runs, tools and messages of a room by those who type: each wish finds what it means, and acts.
import type { Posted, Room } from '@parley/client'
import { absurd } from '@parley/protocol'
import { wishOf } from '../tool-lines.ts'
import { activeRuns, asking, lastAnswer, lastSaid, toolsAtWork } from './meant.ts'
import type { RoomWish } from './slash.ts'
import { work } from './work.ts'

/** What was done about a wish. */
export interface Deed {
  /** A word about it. */
  readonly hint?: string
  /** What is under way and may fail. */
  readonly works?: readonly Promise<unknown>[]
  /** Lines that are yet to be found. */
  readonly telling?: Promise<readonly string[]>
  /** A message on its way. */
  readonly posting?: Promise<Posted>
}

const NOTHING_ANSWERED = 'nothing is being answered'

/** @param me id of the one who types. */
export function act(room: Room, wish: RoomWish, me: string | undefined): Deed {
  switch (wish.does) {
    case 'say':
      return { posting: room.post(wish.text) }
    case 'steer':
      return steer(room, wish.text)
    case 'edit':
      return edit(room, wish.text, me)
    case 'approve':
    case 'deny':
      return decide(room, wish.does === 'approve', wish)
    case 'stop tools':
      return stopTools(room)
    case 'retry':
      return retry(room)
    case 'discard':
      return discard(room)
    case 'who':
    case 'tasks':
    case 'task':
    case 'assign':
    case 'progress':
      return work(room, wish)
    default:
      return absurd(wish)
  }
}

function steer(room: Room, text: string): Deed {
  const [run] = activeRuns(room.timeline)
  return run === undefined ? { hint: NOTHING_ANSWERED } : { posting: room.steer(run.id, text) }
}

function edit(room: Room, text: string, me: string | undefined): Deed {
  const said = lastSaid(room.timeline, me)
  return said === undefined ? { hint: 'you have said nothing yet' } : { posting: room.edit(said.id, text) }
}

/** Without `call`: about the one that has waited longest. */
function decide(room: Room, approved: boolean, { call, reason }: { call?: string; reason?: string }): Deed {
  const tool = asking(room.timeline).find((one) => call === undefined || one.call === call)
  if (tool === undefined)
    return { hint: call === undefined ? 'nothing asks to be allowed' : `no tool call ${call} asks to be allowed` }
  const hint = `${approved ? 'allowed' : 'denied'}: ${wishOf(tool)}`
  return { hint, works: [room.approve(tool.call, approved, reason)] }
}

export function stop(room: Room): Deed {
  const running = activeRuns(room.timeline).filter(({ state }) => state === 'running')
  return running.length === 0 ? { hint: NOTHING_ANSWERED } : { works: running.map(({ id }) => room.cancel(id)) }
}

function stopTools(room: Room): Deed {
  const tools = toolsAtWork(room.timeline)
  if (tools.length === 0) return { hint: 'no tool is at work' }
  return { works: tools.map(({ run, call }) => room.cancel(run, call)) }
}

/** Says once more what was refused; where nothing was, has the last answer written anew. */
function retry(room: Room): Deed {
  const refused = refusedIn(room)
  for (const id of refused) room.retry(id)
  if (refused.length > 0) return {}
  const run = lastAnswer(room.timeline)
  if (run === undefined) return { hint: 'nothing was refused, and nothing answered' }
  return { works: [room.regenerate(run.id)] }
}

function discard(room: Room): Deed {
  const refused = refusedIn(room)
  for (const id of refused) room.discard(id)
  return refused.length === 0 ? { hint: 'nothing was refused' } : {}
}

function refusedIn({ timeline }: Room): readonly string[] {
  return timeline.pending.filter(({ state }) => state === 'refused').map(({ id }) => id)
}
