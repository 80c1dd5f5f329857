// A page: all that a server ever says about a room. Join, catch-up, live, history and recovery share this shape.
import { type Event, type MessageGrew, messageKey } from './event.ts'
import type { RoomId } from './words.ts'

/**
 * Why a page starts anew instead of following the position that was asked for.
 * `start`: no position was given; `epoch`: the log was replaced; `retention`: the events after the position are gone;
 * `future`: the position lies beyond the log's head.
 */
export type ResetReason = 'start' | 'epoch' | 'retention' | 'future'

export interface Page {
  readonly room: RoomId
  readonly epoch: string
  /** The page tells all that is kept of (after, upTo]. */
  readonly after: number
  readonly upTo: number
  readonly events: readonly Event[]
  /** Present: forget what you knew of the room; it now begins with this page. */
  readonly reset?: ResetReason
  /** Present with `reset` and in history: events before `after` exist and can be asked for. */
  readonly earlier?: boolean
}

/**
 * The same page in fewer words: growth of a message that closes within the page is dropped,
 * growth that follows growth of the same part is joined. Pure; folding either page gives the same timeline.
 */
export function compact(page: Page): Page {
  const closed = new Set<string>()
  let growth = 0
  for (const { by, fact } of page.events) {
    if (fact.type === 'message.grew') growth += 1
    else if (fact.type === 'message.closed') closed.add(messageKey(by.id, fact.message))
  }
  if (growth === 0 || (growth === 1 && closed.size === 0)) return page

  const events: Event[] = []
  const last = new Map<string, number>()
  for (const event of page.events) {
    const { by, fact } = event
    const key = 'message' in fact ? messageKey(by.id, fact.message) : undefined
    if (fact.type !== 'message.grew' || key === undefined) {
      // Growth may only be joined across events of other messages: anything about its own message comes between.
      if (key !== undefined) last.delete(key)
      events.push(event)
      continue
    }
    if (closed.has(key)) continue
    const index = last.get(key)
    const joined = index === undefined ? undefined : join(events[index], fact)
    if (joined !== undefined && index !== undefined) {
      events[index] = joined
      continue
    }
    last.set(key, events.push(event) - 1)
  }
  return events.length === page.events.length ? page : { ...page, events }
}

/** The earlier growth, lengthened; it keeps its place, for nothing of its message lies between. */
function join(before: Event | undefined, fact: MessageGrew): Event | undefined {
  if (before?.fact.type !== 'message.grew') return undefined
  const was = before.fact
  if (was.part !== fact.part || was.kind !== fact.kind || was.from + was.text.length !== fact.from) return undefined
  return { ...before, fact: { ...was, text: was.text + fact.text } }
}
