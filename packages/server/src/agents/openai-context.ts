// A room's conversation as chat completions take it: tool calls with their results, people's messages in between.
import { type Message, type Part, type Tool, textOf } from '@parley/protocol'
import type OpenAI from 'openai'
import type { Turn } from '../seams/agent.ts'
import { recent } from './conversation.ts'

export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | {
      readonly role: 'assistant'
      readonly content: string
      readonly tool_calls?: OpenAI.ChatCompletionMessageFunctionToolCall[]
    }
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string }

/** Names calls, those of the room by their own; each name is unique in one request, and no longer than any server takes. */
export type Naming = (call?: string) => string

export function naming(): Naming {
  let count = 0
  return () => {
    count += 1
    return `call_${count}`
  }
}

const GO_ON = 'You were interrupted. Go on where you stopped, without repeating anything.'

/**
 * What was said up to and including the message to answer, oldest first, and what was written of the answer before an
 * interruption. Ends with something to answer; empty where there is nothing.
 */
export function contextOf(turn: Pick<Turn, 'message' | 'history' | 'calls' | 'partial'>, name: Naming): ChatMessage[] {
  if (textOf(turn.message.parts).trim() === '') return []
  const messages: ChatMessage[] = []
  for (const message of recent(turn)) add(messages, messagesOf(message, turn.calls, name))
  if (turn.partial === undefined) return messages
  add(messages, messagesOf(turn.partial, turn.calls, name))
  if (messages.at(-1)?.role === 'assistant') messages.push({ role: 'user', content: GO_ON })
  return messages
}

function messagesOf({ by, parts }: Message, calls: Turn['calls'], name: Naming): ChatMessage[] {
  if (by.kind === 'agent') return answerOf(parts, calls, name)
  const content = textOf(parts)
  return content.trim() === '' ? [] : [{ role: 'user', content }]
}

/** Some models know only a conversation in turns. */
export function add(messages: ChatMessage[], more: readonly ChatMessage[]): void {
  for (const message of more) {
    const last = messages.at(-1)
    if (last?.role === 'user' && message.role === 'user')
      messages[messages.length - 1] = { role: 'user', content: `${last.content}\n\n${message.content}` }
    else messages.push(message)
  }
}

/** One message for each step of the answer: text, the calls that followed it, their results. */
export function answerOf(parts: readonly Part[], calls: Turn['calls'], name: Naming): ChatMessage[] {
  const messages: ChatMessage[] = []
  let text = ''
  let used: Tool[] = []
  const step = (): void => {
    messages.push(
      ...stepOf(
        text,
        used.map((tool) => ({ id: name(tool.call), ...tool, text: resultOf(tool) })),
      ),
    )
    text = ''
    used = []
  }
  for (const part of parts) {
    if (part.type === 'text' && used.length > 0) step()
    if (part.type === 'text') text += part.text
    const tool = part.type === 'tool' ? calls.get(part.call) : undefined
    if (tool?.input !== undefined) used.push(tool)
  }
  step()
  return messages
}

export interface Used {
  readonly id: string
  readonly name: string
  /** JSON, or the string that was meant to be JSON. */
  readonly input?: unknown
  /** What came of it. */
  readonly text: string
}

/** What the model said in one step, and what came of the tools that it called. */
export function stepOf(content: string, used: readonly Used[]): ChatMessage[] {
  if (used.length === 0) return content.trim() === '' ? [] : [{ role: 'assistant', content }]
  const tool_calls = used.map(({ id, name, input }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
  }))
  const results = used.map(({ id, text }): ChatMessage => ({ role: 'tool', tool_call_id: id, content: text }))
  return [{ role: 'assistant', content, tool_calls }, ...results]
}

function resultOf({ state, output, printed = '', failure, approval }: Tool): string {
  if (state !== 'ok') return failure?.message ?? approval?.reason ?? `The call was ${state.replace('_', ' ')}.`
  if (output === undefined) return printed === '' ? 'Done.' : printed
  return typeof output === 'string' ? output : JSON.stringify(output)
}
