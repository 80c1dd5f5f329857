// A room's conversation, as Claude wants to be told it: user and assistant in turn, bounded, never empty.
import { type Message, textOf } from '@parley/protocol'
import type { Turn } from '../seams/agent.ts'

export interface Saying {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

export interface ContextLimit {
  /** At most about this many messages of the room, the one to answer included. */
  readonly messages: number
  /** At most about this many characters. The message to answer is told whole even so. */
  readonly characters: number
}

/**
 * What was said up to and including the message to answer, oldest first. Begins and ends with `user`, and never says the
 * same role twice in a row. Answers that were cut short are told as far as they came. Empty where there is nothing to answer.
 */
export function contextOf(turn: Pick<Turn, 'message' | 'history'>, limit: ContextLimit): Saying[] {
  const question = textOf(turn.message.parts)
  if (question.trim() === '') return []
  const recent = latest(turn.history, limit, question.length)
  const people = new Set([...recent, turn.message].filter(isPerson).map(({ by }) => by.id))
  const say = (message: Message): string =>
    people.size > 1 && isPerson(message) ? named(message) : textOf(message.parts)

  const sayings: Saying[] = []
  for (const message of recent) add(sayings, message.by.kind === 'agent' ? 'assistant' : 'user', say(message))
  add(sayings, 'user', say(turn.message))
  return sayings
}

/** The end of the history that fits, without the answers at its beginning whose question does not. */
function latest(history: readonly Message[], limit: ContextLimit, used: number): readonly Message[] {
  const spoken = history.filter(({ by, parts }) => by.kind !== 'system' && textOf(parts).trim() !== '')
  let from = spoken.length
  let characters = used
  while (from > 0 && spoken.length - from < limit.messages - 1) {
    characters += textOf(spoken[from - 1]?.parts ?? []).length
    if (characters > limit.characters) break
    from -= 1
  }
  const kept = spoken.slice(from)
  const question = kept.findIndex(isPerson)
  return question < 0 ? [] : kept.slice(question)
}

function isPerson({ by }: Message): boolean {
  return by.kind === 'user'
}

/** Where several people speak, Claude must know who said what. */
function named({ by, parts }: Message): string {
  return `${by.name ?? by.id}: ${textOf(parts)}`
}

function add(sayings: Saying[], role: Saying['role'], content: string): void {
  const last = sayings.at(-1)
  if (last?.role === role) sayings[sayings.length - 1] = { role, content: `${last.content}\n\n${content}` }
  else sayings.push({ role, content })
}
