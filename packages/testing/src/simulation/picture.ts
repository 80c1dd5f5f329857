// Whether a picture of a room is the fold of its log.
import { isDeepStrictEqual } from 'node:util'
import {
  applyPage,
  type Event,
  emptyTimeline,
  type Message,
  type Part,
  type RoomId,
  type Timeline,
  type Tool,
} from '@parley/protocol'
import type { Witness } from '../witness.ts'
import { faultOfTasks } from './chores.ts'

/** What is wrong with a picture of a room; undefined when it is the fold of the log up to its position. */
export function faultOfPicture(witness: Witness, picture: Timeline): string | undefined {
  const { room, position, start } = picture
  if (position === undefined) return undefined
  const { epoch, events } = witness.of(room)
  if (position.epoch !== epoch) return `${room}: epoch ${position.epoch} never was, it is ${epoch}`
  const head = witness.position(room).seq
  if (position.seq > head) return `${room}: position ${position.seq} lies beyond the head ${head}`
  const expected = foldOf(room, epoch, events, start, position.seq)
  const place = `${room}@${start}..${position.seq}`
  const messages = expected.messages.map((message, index) => lenient(message, picture.messages[index], events))
  const tools = [...expected.tools.values()].map((tool) => lenientTool(tool, picture.tools.get(tool.call), events))
  return (
    difference(`${place} messages`, picture.messages, messages) ??
    difference(`${place} runs`, [...picture.runs.values()], [...expected.runs.values()]) ??
    difference(`${place} tools`, [...picture.tools.values()], tools) ??
    difference(`${place} superseded`, byKey(picture.superseded), byKey(expected.superseded)) ??
    faultOfTasks(witness, picture)
  )
}

/** A map says nothing by its order: whoever reads the past later learns of some of it last. */
function byKey(map: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/**
 * What must be seen of a message. Growth may be skipped once the log holds the end of the message: until that is seen,
 * any first part of the text will do.
 */
function lenient(expected: Message, seen: Message | undefined, events: readonly Event[]): Message {
  if (expected.state !== 'streaming' || seen?.state !== 'streaming') return expected
  const closed = events.some(({ fact }) => fact.type === 'message.closed' && fact.message === expected.id)
  return closed && isBeginning(seen.parts, expected.parts) ? { ...expected, parts: seen.parts } : expected
}

/** Data may be what stood there before, and of each text there may be only the beginning: what follows was skipped as well. */
function isBeginning(parts: readonly Part[], whole: readonly Part[]): boolean {
  return parts.every((part, index) => {
    const full = whole[index]
    if ('text' in part && full !== undefined && 'text' in full)
      return part.type === full.type && full.text.startsWith(part.text)
    return part.type === 'data' ? full?.type === 'data' : isDeepStrictEqual(part, full)
  })
}

/** The same for what a tool prints, and for its input while that is being written. */
function lenientTool(expected: Tool, seen: Tool | undefined, events: readonly Event[]): Tool {
  const { call, printed = '', inputText = '' } = expected
  if (seen === undefined || (seen.printed === expected.printed && seen.inputText === expected.inputText))
    return expected
  const ended = events.some(({ fact }) => fact.type === 'tool.ended' && fact.call === call)
  const begins = printed.startsWith(seen.printed ?? '') && inputText.startsWith(seen.inputText ?? '')
  if (!ended || !begins) return expected
  const { printed: _, inputText: __, ...rest } = expected
  const { printed: said, inputText: typed } = seen
  return {
    ...rest,
    ...(said === undefined ? {} : { printed: said }),
    ...(typed === undefined ? {} : { inputText: typed }),
  }
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
