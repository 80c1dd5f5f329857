// A room's conversation, as Claude wants to be told it: user and assistant in turn, bounded, never empty.
import type { Message, Tool } from '@parley/protocol'
import type { Turn } from '../seams/agent.ts'
import { add, type Block, doneBy, type Saying, saidBy, sizeOf } from './claude-content.ts'
import { type Appetite, nothingShown, type Shelf, shelfOf } from './shown-files.ts'

export interface ContextLimit {
  /** At most about this many messages of the room, the one to answer included. */
  readonly messages: number
  /** At most about this many characters. The message to answer is told whole even so. */
  readonly characters: number
}

export interface Told extends Pick<Turn, 'message' | 'history' | 'calls' | 'partial'> {
  /** What can be shown of its files. Default: nothing. */
  readonly shelf?: Shelf
}

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** Images, documents and texts, as large as the model takes them. */
export const APPETITE: Appetite = {
  takes: (mediaType) => PICTURES.has(mediaType) || mediaType === 'application/pdf',
  fileBytes: 3.75 * 1024 * 1024,
  bytes: 20 * 1024 * 1024,
  texts: true,
}

/** For an answer that was cut short, and is to be finished. */
export const GO_ON: readonly Block[] = [
  {
    type: 'text',
    text: 'Your answer was interrupted here. Go on exactly where it stopped, in the middle of a word if need be, and repeat nothing.',
  },
]

/**
 * What was said and done up to and including the message to answer, and what of the answer is there already, oldest first.
 * Begins and ends with `user`, never says the same role twice in a row, and each use of a tool is followed by its result.
 * Answers that were cut short are told as far as they came. Empty where there is nothing to answer. `tools`: whether tool
 * calls are told; the model takes them only where it has tools itself.
 */
export function contextOf(
  { message, history, calls, partial, shelf = nothingShown }: Told,
  limit: ContextLimit,
  tools: boolean,
): Saying[] {
  if (saidBy(message).length === 0) return []
  const known = tools ? calls : new Map<string, Tool>()
  const tell = (said: Message, named: boolean): Saying[] => sayingsOf(said, known, shelf, named)
  const recent = latest(history, tell, limit, sizeOf(tell(message, false)))
  const several = manyPeople([...recent, message])

  const sayings: Saying[] = []
  for (const said of [...recent, message, ...(partial === undefined ? [] : [partial])])
    for (const { role, content } of tell(said, several)) add(sayings, role, content)
  if (sayings.at(-1)?.role === 'assistant') add(sayings, 'user', GO_ON)
  return sayings
}

/** What people said to an answer while it was written. */
export async function steeringOf(turn: Pick<Turn, 'message' | 'history' | 'files' | 'steering'>): Promise<Block[]> {
  const steering = turn.steering()
  const shelf = await shelfOf(turn, steering, APPETITE)
  const several = manyPeople([...turn.history, turn.message, ...steering])
  return steering.flatMap((said) => saidBy(said, several ? nameOf(said) : undefined, shelf))
}

/** The end of the history that fits, without the answers at its beginning whose question does not. */
function latest(
  history: readonly Message[],
  tell: (said: Message, named: boolean) => Saying[],
  limit: ContextLimit,
  used: number,
): readonly Message[] {
  const kept: Message[] = []
  let characters = used
  for (const message of history.toReversed()) {
    const sayings = tell(message, false)
    if (sayings.length === 0) continue
    characters += sizeOf(sayings)
    if (characters > limit.characters || kept.length >= limit.messages - 1) break
    kept.unshift(message)
  }
  const question = kept.findIndex(isPerson)
  return question < 0 ? [] : kept.slice(question)
}

function sayingsOf(message: Message, calls: ReadonlyMap<string, Tool>, shelf: Shelf, named: boolean): Saying[] {
  if (message.by.kind === 'agent') return doneBy(message, calls)
  const content = message.by.kind === 'user' ? saidBy(message, named ? nameOf(message) : undefined, shelf) : []
  return content.length === 0 ? [] : [{ role: 'user', content }]
}

/** Where several people speak, Claude must know who said what. */
function manyPeople(messages: readonly Message[]): boolean {
  return new Set(messages.filter(isPerson).map(({ by }) => by.id)).size > 1
}

function isPerson({ by }: Message): boolean {
  return by.kind === 'user'
}

function nameOf({ by }: Message): string {
  return by.name ?? by.id
}
