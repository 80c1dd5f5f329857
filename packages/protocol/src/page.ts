// A page: all that a server ever says about a room. Join, catch-up, live, history and recovery share this shape.
import {
  type Event,
  type Fact,
  type Growth,
  isGrowth,
  type MessageGrew,
  messageKey,
  type ToolGrew,
  toolSpan,
} from './event.ts'
import type { Author, RoomId } from './words.ts'

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
  /** With `reset`: how what still matters stood at `after` (see `standingOf`), told by its latest events, oldest first. */
  readonly standing?: readonly Event[]
}

/**
 * The same page in fewer words: growth of a message or a tool call that ends within the page is dropped,
 * growth that follows growth of the same text is joined. Pure; folding either page gives the same timeline.
 */
export function compact(page: Page): Page {
  // One event has nothing to be joined with.
  if (page.events.length < 2) return page
  const closed = new Set<string>()
  let growth = 0
  for (const { by, fact } of page.events) {
    if (isGrowth(fact)) growth += 1
    else if (fact.type === 'message.closed' || fact.type === 'tool.ended') closed.add(subjectOf(by, fact) ?? '')
  }
  if (growth === 0 || (growth === 1 && closed.size === 0)) return page

  const events: Event[] = []
  const last = new Map<string, number>()
  for (const event of page.events) {
    const { by, fact } = event
    const subject = subjectOf(by, fact)
    if (!isGrowth(fact) || subject === undefined) {
      // Growth may only be joined across events of others: anything about its own subject comes between.
      if (subject !== undefined) last.delete(subject)
      events.push(event)
      continue
    }
    if (closed.has(subject)) continue
    const index = last.get(subject)
    const joined = index === undefined ? undefined : join(events[index], fact)
    if (joined !== undefined && index !== undefined) {
      events[index] = joined
      continue
    }
    last.set(subject, events.push(event) - 1)
  }
  return events.length === page.events.length ? page : { ...page, events }
}

/** The message or tool call that a fact is about. A call is no part of its message's growth: it may go on beside it. */
function subjectOf(by: Author, fact: Fact): string | undefined {
  if ('message' in fact) return messageKey(by.id, fact.message)
  return 'call' in fact ? toolSpan(fact) : undefined
}

/** The earlier growth, lengthened; it keeps its place, for nothing of its subject lies between. */
function join(before: Event | undefined, fact: Growth): Event | undefined {
  const was = before?.fact
  if (before === undefined || was === undefined || was.type === 'message.added' || fact.type === 'message.added')
    return undefined
  if (was.type === 'message.grew' && fact.type === 'message.grew') {
    if (was.part !== fact.part || !follows(was, fact)) return undefined
    return { ...before, fact: { ...was, text: was.text + fact.text } }
  }
  if (was.type === 'tool.grew' && fact.type === 'tool.grew' && follows(was, fact))
    return { ...before, fact: { ...was, text: was.text + fact.text } }
  return undefined
}

function follows<G extends MessageGrew | ToolGrew>(was: G, { kind, from }: G): boolean {
  return was.kind === kind && was.from + was.text.length === from
}
