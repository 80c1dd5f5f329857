// What of a conversation a model is told: the end of it that fits, and who said what where several people speak.
import type { Message, Part } from '@parley/protocol'
import type { Turn } from '../seams/agent.ts'

export interface ContextLimit {
  /** At most about this many messages of the room, the one to answer included. */
  readonly messages: number
  /** At most about this many characters, tools included. The message to answer is told whole even so. */
  readonly characters: number
}

const STANDARD: ContextLimit = { messages: 100, characters: 200_000 }

/**
 * What was said up to and including the message to answer, oldest first, without what the system said. Begins with a
 * person. Where more than one person speaks, their text begins with their name.
 */
export function recent(turn: Pick<Turn, 'message' | 'history' | 'calls'>, limit = STANDARD): readonly Message[] {
  const spoken = turn.history.filter(({ by, parts }) => by.kind !== 'system' && parts.length > 0)
  let from = spoken.length
  let characters = lengthOf(turn.message, turn)
  while (from > 0 && spoken.length - from < limit.messages - 1) {
    const earlier = spoken[from - 1]
    characters += earlier === undefined ? 0 : lengthOf(earlier, turn)
    if (characters > limit.characters) break
    from -= 1
  }
  const question = spoken.findIndex((message, index) => index >= from && isPerson(message))
  const told = [...(question < 0 ? [] : spoken.slice(question)), turn.message]
  const people = new Set(told.filter(isPerson).map(({ by }) => by.id))
  return people.size > 1 ? told.map((message) => (isPerson(message) ? named(message) : message)) : told
}

function isPerson({ by }: Message): boolean {
  return by.kind === 'user'
}

function lengthOf({ parts }: Message, { calls }: Pick<Turn, 'calls'>): number {
  let length = 0
  for (const part of parts) {
    if (part.type === 'text') length += part.text.length
    if (part.type !== 'tool') continue
    const { input, output, printed } = calls.get(part.call) ?? {}
    length += JSON.stringify([input, output, printed]).length
  }
  return length
}

function named({ by, parts, ...message }: Message): Message {
  const first = parts.findIndex(({ type }) => type === 'text')
  const name = `${by.name ?? by.id}: `
  const told = parts.map(
    (part, index): Part => (index === first && part.type === 'text' ? { type: 'text', text: name + part.text } : part),
  )
  return { by, parts: told, ...message }
}
