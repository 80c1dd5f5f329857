// How dialects without positions tell a growing message: only the pieces that this listener has not heard yet.
import { type MessageClosed, type MessageGrew, textOf } from '../event.ts'
import type { Heard } from './dialect.ts'

/** The piece of visible text to say for a growth. `heard` counts visible text over all parts; it is advanced here and only here. */
export function pieceOf(key: string, fact: MessageGrew, heard: Heard): string {
  if (fact.kind !== 'text') return ''
  heard.set(key, (heard.get(key) ?? 0) + fact.text.length)
  return fact.text
}

/** What is left to say of a message that closed: its text beyond what was heard. */
export function restOf(key: string, fact: MessageClosed, heard: Heard): string {
  const rest = textOf(fact.parts).slice(heard.get(key) ?? 0)
  heard.delete(key)
  return rest
}
