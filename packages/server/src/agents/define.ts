// An agent of your own: a name and a function that yields as it thinks.
import { isId } from '@parley/protocol'
import type { Agent } from '../seams/agent.ts'

const NAME = /^[^\s@]{1,64}$/

/**
 * An {@link Agent} from its parts, checked at once instead of at the first message. `reply` is usually an async generator.
 * Throws a `TypeError` when `id` is not an id (1 to 128 characters of `A-Z a-z 0-9 _ . : -`), or when `@name` would not be one word.
 */
export function defineAgent(agent: Agent): Agent {
  const { id, name } = agent
  if (!isId(id)) throw new TypeError(`an agent's id is 1 to 128 characters of A-Z a-z 0-9 _ . : -, not ${quote(id)}`)
  if (!NAME.test(name)) throw new TypeError(`an agent's name is one word of at most 64 characters, not ${quote(name)}`)
  return { id, name, reply: (turn) => agent.reply(turn) }
}

function quote(text: string): string {
  return JSON.stringify(text)
}
