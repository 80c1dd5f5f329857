// What the Anthropic Messages API finds wrong with a request before it looks for an answer.
import type { IncomingMessage } from 'node:http'
import { isFields } from '@parley/protocol'
import { signedAs } from './fake-anthropic-wire.ts'

export interface Complaint {
  readonly status: number
  readonly message: string
  readonly type?: string
}

interface Spoken {
  readonly role: unknown
  readonly blocks: readonly Block[]
}

type Block = { readonly [field: string]: unknown }

const NAME = /^[a-zA-Z0-9_-]{1,128}$/
const CALL = /^[a-zA-Z0-9_-]+$/

/** @param signed all thinking that was ever said, as `signedAs` tells it. */
export function complaint(
  { method, url = '', headers }: IncomingMessage,
  body: unknown,
  signed: ReadonlySet<string>,
): Complaint | undefined {
  if (url.split('?')[0] !== '/v1/messages') return { status: 404, message: 'not found' }
  if (method !== 'POST') return { status: 405, type: 'invalid_request_error', message: 'Method Not Allowed' }
  const key = headers['x-api-key'] ?? headers.authorization?.match(/^Bearer +(.*)$/)?.[1]
  if (!key) return { status: 401, message: 'authentication is missing' }
  if (headers['anthropic-version'] === undefined)
    return { status: 400, message: 'anthropic-version: header is required' }
  if (!isFields(body)) return { status: 400, message: 'the body is not a JSON object' }
  const wrong = wrongParams(body) ?? wrongMessages(body, signed)
  return wrong === undefined ? undefined : { status: 400, message: wrong }
}

function wrongParams({ model, max_tokens, tools = [] }: Block): string | undefined {
  if (typeof model !== 'string' || model === '') return 'model: field required'
  if (!Number.isSafeInteger(max_tokens)) return 'max_tokens: field required'
  if (!Array.isArray(tools)) return 'tools: should be a list'
  const names = tools.map((tool) => (isFields(tool) ? tool.name : undefined))
  if (!names.every((name) => typeof name === 'string' && NAME.test(name))) return 'tools: each has a name'
  if (new Set(names).size < names.length) return 'tools: names must be unique'
  const described = tools.every(({ input_schema }) => isFields(input_schema) && input_schema.type === 'object')
  return described ? undefined : 'tools: each has an input_schema of type object'
}

function wrongMessages({ messages, tools }: Block, signed: ReadonlySet<string>): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one message is required'
  if (!messages.every(isSpoken)) return 'messages: each has a role and content that is not empty'
  const spoken: Spoken[] = messages.map(({ role, content }) => ({
    role,
    blocks: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  }))
  if (spoken[0]?.role !== 'user') return 'messages: first message must use the "user" role'
  if (spoken.at(-1)?.role !== 'user') return 'messages: the conversation must end with a user message'
  const blocks = spoken.flatMap((message) => message.blocks)
  if (blocks.some(({ type, text }) => type === 'text' && String(text).trim() === ''))
    return 'messages: text content blocks must contain non-whitespace text'
  if (blocks.some(({ type, thinking, signature }) => type === 'thinking' && !signed.has(signedAs(thinking, signature))))
    return 'messages: invalid signature in thinking block'
  return wrongTools(spoken, tools !== undefined)
}

/** Each use of a tool is answered at the beginning of the next message, and nothing else is. */
function wrongTools(spoken: readonly Spoken[], hasTools: boolean): string | undefined {
  const all = spoken.flatMap(({ blocks }) => idsOf(blocks, 'tool_use', 'id'))
  if (all.length > 0 && !hasTools) return 'tools: must be defined where tool_use blocks are'
  if (!all.every((id) => typeof id === 'string' && CALL.test(id))) return `messages: ids must match ${CALL.source}`
  if (new Set(all).size < all.length) return 'messages: `tool_use` ids must be unique'
  for (const [index, { role, blocks }] of spoken.entries()) {
    if (blocks.some(({ type, input }) => type === 'tool_use' && !isFields(input)))
      return 'messages: tool_use.input: should be a valid dictionary'
    if (blocks.some(({ type, is_error, content }) => type === 'tool_result' && is_error === true && !content))
      return 'messages: content cannot be empty if `is_error` is true'
    const uses = role === 'assistant' ? idsOf(blocks, 'tool_use', 'id') : []
    const next = spoken[index + 1]?.blocks ?? []
    const results = new Set(idsOf(next.slice(0, uses.length), 'tool_result', 'tool_use_id'))
    if (!uses.every((id) => results.has(id))) return 'messages: `tool_use` ids without `tool_result` blocks right after'
    if (idsOf(next, 'tool_result', 'tool_use_id').length > uses.length)
      return 'messages: unexpected `tool_use_id` found in `tool_result` blocks'
  }
  return undefined
}

function idsOf(blocks: readonly Block[], type: string, field: string): unknown[] {
  return blocks.filter((block) => block.type === type).map((block) => block[field])
}

function isSpoken(message: unknown): boolean {
  if (!isFields(message) || (message.role !== 'user' && message.role !== 'assistant')) return false
  const { content } = message
  if (typeof content === 'string') return content.trim() !== ''
  return Array.isArray(content) && content.length > 0 && content.every(isFields)
}
