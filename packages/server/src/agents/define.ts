// An agent of your own: a name and a function that yields as it thinks; and the tools that it uses.
import { isFields, isId, isJson, type Json } from '@parley/protocol'
import type { Agent } from '../seams/agent.ts'
import type { Tool } from '../seams/tool.ts'

const NAME = /^[^\s@]{1,64}$/
/** What timers can count: 24 days. */
const LONGEST_MS = 2_147_483_647
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/

/**
 * An {@link Agent} from its parts, checked at once instead of at the first message. `reply` is usually an async generator.
 * Throws a `TypeError` when `id` is not an id (1 to 128 characters of `A-Z a-z 0-9 _ . : -`), when `@name` would not be one
 * word, or when `history` is no number of messages.
 */
export function defineAgent(agent: Agent): Agent {
  const { id, name, history = 0 } = agent
  if (!isId(id)) throw new TypeError(`an agent's id is 1 to 128 characters of A-Z a-z 0-9 _ . : -, not ${quote(id)}`)
  if (!NAME.test(name)) throw new TypeError(`an agent's name is one word of at most 64 characters, not ${quote(name)}`)
  if (!Number.isInteger(history) || history < 0) throw new TypeError(`${id}: history is a whole number of messages`)
  const names = (agent.tools ?? []).map((tool) => tool.name)
  const twice = names.find((one, index) => names.indexOf(one) !== index)
  if (twice !== undefined) throw new TypeError(`the agent ${id} has two tools called ${twice}`)
  return agent
}

/**
 * A {@link Tool} from its parts, checked at once. The type of the input is that of its schema. Throws a `TypeError` when the
 * name, a limit or the input's schema could not work.
 */
export function defineTool<Input>(tool: Tool<Input>): Tool {
  const { name, timeoutMs = 1, retries = 0, approvalMs = 1, input, fallback } = tool
  if (!TOOL_NAME.test(name)) throw new TypeError(`a tool's name is 1 to 64 of A-Z a-z 0-9 _ -, not ${quote(name)}`)
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_MS)) throw new TypeError(`${name}: timeoutMs is from 1 to ${LONGEST_MS}`)
  if (!(approvalMs > 0 && approvalMs <= LONGEST_MS))
    throw new TypeError(`${name}: approvalMs is from 1 to ${LONGEST_MS}`)
  if (!Number.isInteger(retries) || retries < 0) throw new TypeError(`${name}: retries is a whole number`)
  if (!('jsonSchema' in input) && !('jsonSchema' in input['~standard']))
    throw new TypeError(
      `${name}: the input's schema cannot describe itself as JSON Schema; use zod 4.2 or { jsonSchema }`,
    )
  if (fallback !== undefined) defineTool(fallback)
  return tool
}

/** The JSON Schema of a tool's input, draft 2020-12, for models. */
export function inputSchemaOf({ input }: Tool): { readonly [key: string]: Json } {
  if ('jsonSchema' in input) return input.jsonSchema
  const described: unknown = input['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
  if (!isFields(described) || !isJson(described)) throw new TypeError('a schema described itself as something else')
  return described
}

function quote(text: string): string {
  return JSON.stringify(text)
}
