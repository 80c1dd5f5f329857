// What is meant by "the answer", "the tool", "my last message": found in the picture of a room.
import { type RoomPicture, type ToolPicture, toolsOf } from '@parley/client'
import type { Call, Message, Run, RunId } from '@parley/protocol'
import { nameOf } from '../printable.ts'

/** Runs that have not ended; the first is at work, others of the same agent wait for it. */
export function activeRuns({ runs }: RoomPicture): readonly Run[] {
  return [...runs.values()].filter(({ state }) => state === 'running' || state === 'cancelling')
}

/** Tools that wait to be allowed, longest first. */
export function asking(picture: RoomPicture): readonly ToolPicture[] {
  return toolsOf(picture).filter(({ state }) => state === 'asking')
}

export function toolsAtWork(picture: RoomPicture): readonly ToolPicture[] {
  return toolsOf(picture).filter(({ state }) => state === 'writing' || state === 'running' || state === 'asking')
}

/** The last run whose answer nothing replaces. */
export function lastAnswer({ runs, superseded }: RoomPicture): Run | undefined {
  return [...runs.values()].findLast(({ id }) => !superseded.has(id))
}

/** The last message of the one who looks that nothing replaces. */
export function lastSaid({ messages }: RoomPicture, me: string | undefined): Message | undefined {
  return messages.findLast(({ by, supersededBy }) => by.id === me && supersededBy === undefined)
}

/** What became of a message beyond being answered at once; true until the runs `until` are over. */
export interface Reception {
  readonly text: string
  readonly until: readonly RunId[]
}

export function receptionOf(calls: readonly Call[], picture: RoomPicture): Reception | undefined {
  const late = calls.filter(({ how }) => how !== 'answers')
  if (late.length === 0) return undefined
  const called = new Set(calls.map(({ run }) => run))
  const before = activeRuns(picture).flatMap(({ id }) => (called.has(id) ? [] : [id]))
  const steered = late.flatMap(({ how, run }) => (how === 'steers' ? [run] : []))
  return { text: late.map((call) => receptionText(call, picture)).join(' · '), until: [...before, ...steered] }
}

function receptionText({ agent, run, how }: Call, { runs }: RoomPicture): string {
  const name = nameOf(runs.get(run)?.agent ?? { id: agent })
  if (how === 'steers') return `steers: ${name} takes it into account`
  return how === 'interrupts' ? `interrupts: ${name} stops and answers this` : `waits for its turn: ${name} is at work`
}
