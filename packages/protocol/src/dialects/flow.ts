// How dialects without positions tell a growing message: only the pieces that this listener has not heard yet.
import { type MessageClosed, type MessageGrew, textOf } from '../event.ts'

type Heard = Map<string, number> | undefined

/**
 * The piece of visible text to say for a growth. `heard` counts visible text over all parts, so it is advanced here
 * and only here. Where all hear alike (no `heard`) that is the piece itself.
 */
export function pieceOf(key: string, fact: MessageGrew, heard: Heard): string {
  if (fact.kind !== 'text') return ''
  if (heard !== undefined) heard.set(key, (heard.get(key) ?? 0) + fact.text.length)
  return fact.text
}

/** What is left to say of a message that closed: its text beyond what was heard. */
export function restOf(key: string, fact: MessageClosed, heard: Heard): string {
  if (heard === undefined) return ''
  const rest = textOf(fact.parts).slice(heard.get(key) ?? 0)
  heard.delete(key)
  return rest
}
