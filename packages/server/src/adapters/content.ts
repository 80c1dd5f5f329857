// Which message a fact holds content of, and what is left of the fact when that is removed. Pure.
// From the one file that it needs: the thread of the SQLite log loads this, and need not load every dialect with it.
import { attachmentsOf, type Event, type Fact, messageKey, type Part, wordsIn } from '@parley/protocol/event'

/** The key of the message that it holds content of, or begins; `id` is the event's. */
export function contentOf(author: string, id: string | undefined, fact: Fact): string | undefined {
  switch (fact.type) {
    case 'message.posted':
      return id === undefined ? undefined : messageKey(author, id)
    case 'message.opened':
    case 'message.grew':
    case 'message.added':
    case 'message.closed':
      return messageKey(author, fact.message)
    case 'message.edited':
      return fact.message
    default:
      return undefined
  }
}

/** The fact without content: its place in the log, and nothing of what was said. */
export function blank(fact: Fact): Fact {
  switch (fact.type) {
    case 'message.posted': {
      const { meta: _, ...rest } = fact
      return { ...rest, parts: [], redacted: true }
    }
    case 'message.closed':
      return { ...fact, parts: [], redacted: true }
    case 'message.edited':
      return { ...fact, parts: [] }
    case 'message.grew':
      return { ...fact, text: '' }
    case 'message.added':
      return { ...fact, content: { type: 'text', text: '' } }
    default:
      return fact
  }
}

/** The words of a whole message; undefined for any other fact. */
export function wordsOf(fact: Fact): string | undefined {
  return fact.type === 'message.posted' || fact.type === 'message.closed' ? wordsIn(fact.parts) : undefined
}

const none: readonly string[] = []

/** Ids of the files that the fact holds; growth holds none, for its message tells them again. */
export function filesOf(fact: Fact): readonly string[] {
  if (fact.type !== 'message.posted' && fact.type !== 'message.edited' && fact.type !== 'message.closed') return none
  const ids = attachmentsOf(fact.parts).map(({ id }) => id)
  return ids.length < 2 ? ids : [...new Set(ids)]
}

/** The event of a whole message as it was edited. */
export function edited(event: Event, parts: readonly Part[]): Event {
  const { fact } = event
  return fact.type === 'message.posted' || fact.type === 'message.closed'
    ? { ...event, fact: { ...fact, parts } }
    : event
}
