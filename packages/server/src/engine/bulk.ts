// How heavy events are, so that neither what a room remembers nor a page of it grows without bound.
import type { Event, Fact, Part } from '@parley/protocol'

/**
 * What a reader that catches up is told in one go: so little that a reply, or what is live, never waits behind more of it
 * than the soft limit of a socket.
 */
export const PAST = { events: 1_000, bytes: 48 * 1024 } as const

/** Ids, names and punctuation of an event. */
const FRAME = 200

/** About how many characters of JSON an event is. */
export function bulkOf({ fact }: Event): number {
  return FRAME + bulkOfFact(fact)
}

function bulkOfFact(fact: Fact): number {
  switch (fact.type) {
    case 'message.grew':
    case 'tool.grew':
      return fact.text.length
    case 'message.added':
      return bulkOfJson(fact.content)
    case 'message.posted':
      return bulkOfParts(fact.parts) + bulkOfJson(fact.meta)
    case 'message.closed':
    case 'message.edited':
      return bulkOfParts(fact.parts)
    case 'task.set':
      return bulkOfJson(fact.task)
    case 'tool.called':
    case 'tool.ready':
      return bulkOfJson(fact.input)
    case 'tool.ended':
      return bulkOfJson(fact.output) + (fact.printed?.length ?? 0)
    default:
      return 0
  }
}

function bulkOfParts(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + ('text' in part ? part.text.length : bulkOfJson(part)), 0)
}

function bulkOfJson(value: unknown): number {
  return value === undefined ? 0 : JSON.stringify(value).length
}

/** The first of these events that make about `most` characters; at least one, where there is one. */
export function handful(events: readonly Event[], most: number): readonly Event[] {
  let bulk = 0
  const end = events.findIndex((event) => {
    const full = bulk >= most
    bulk += bulkOf(event)
    return full
  })
  return end < 0 ? events : events.slice(0, end)
}
