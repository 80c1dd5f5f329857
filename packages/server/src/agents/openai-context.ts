// A room's conversation as chat completions take it: tool calls with their results, people's messages in between.
import { type Attachment, gistOf, isAttached, type Message, type Part, type Tool } from '@parley/protocol'
import type OpenAI from 'openai'
import type { Turn } from '../seams/agent.ts'
import { recent } from './conversation.ts'
import { type Appetite, nothingShown, type Shelf, type Shown, wordsAbout } from './shown-files.ts'

export type ContentPart = OpenAI.ChatCompletionContentPart

export type ChatMessage =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: string | ContentPart[] }
  | {
      readonly role: 'assistant'
      readonly content: string
      readonly tool_calls?: OpenAI.ChatCompletionMessageFunctionToolCall[]
    }
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string }

/** What a model says, and what comes of the tools that it calls. */
export type AnswerMessage = Extract<ChatMessage, { readonly role: 'assistant' | 'tool' }>

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
export function contextOf(
  turn: Pick<Turn, 'message' | 'history' | 'calls' | 'partial'>,
  name: Naming,
  shelf: Shelf = nothingShown,
): ChatMessage[] {
  if (gistOf(turn.message.parts).trim() === '') return []
  const messages: ChatMessage[] = []
  for (const message of recent(turn)) add(messages, messagesOf(message, turn.calls, name, shelf))
  if (turn.partial === undefined) return messages
  add(messages, messagesOf(turn.partial, turn.calls, name, shelf))
  if (messages.at(-1)?.role === 'assistant') messages.push({ role: 'user', content: GO_ON })
  return messages
}

function messagesOf({ by, parts }: Message, calls: Turn['calls'], name: Naming, shelf: Shelf): ChatMessage[] {
  return by.kind === 'agent' ? answerOf(parts, calls, name) : saidBy(parts, shelf)
}

/** A person's words and files. Words alone are a plain text: not every server takes parts. */
export function saidBy(parts: readonly Part[], shelf: Shelf): ChatMessage[] {
  const content = parts.flatMap((part): ContentPart[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }]
    return isAttached(part) ? [fileOf(part.attachment, shelf.get(part.attachment.id))] : []
  })
  const words = content.flatMap((part) => (part.type === 'text' ? part.text : []))
  if (words.length < content.length) return [{ role: 'user', content }]
  // Pieces of one text belong together, words about files stand by themselves.
  const text = parts.some(isAttached) ? words.join('\n\n') : words.join('')
  return text.trim() === '' ? [] : [{ role: 'user', content: text }]
}

function fileOf(attachment: Attachment, shown: Shown | undefined): ContentPart {
  const { name } = attachment
  if (shown === undefined) return { type: 'text', text: wordsAbout(attachment) }
  if (shown.as === 'text') return { type: 'text', text: `The file "${name}":\n\n${shown.text}` }
  const { mediaType, base64 } = shown
  const url = `data:${mediaType};base64,${base64}`
  if (mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url } }
  const format = SOUNDS.get(mediaType)
  if (format !== undefined) return { type: 'input_audio', input_audio: { data: base64, format } }
  return { type: 'file', file: { filename: name, file_data: url } }
}

const SOUNDS = new Map<string, 'wav' | 'mp3'>([
  ['audio/wav', 'wav'],
  ['audio/mpeg', 'mp3'],
])

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** `images` or `all`: what of files a server takes beside images is known of OpenAI itself alone. */
export function appetiteFor(files: 'none' | 'images' | 'all'): Appetite {
  const others = (type: string): boolean => SOUNDS.has(type) || type === 'application/pdf'
  return {
    takes: (type) => files !== 'none' && (PICTURES.has(type) || (files === 'all' && others(type))),
    fileBytes: 15 * 1024 * 1024,
    bytes: 20 * 1024 * 1024,
    texts: true,
  }
}

/** Some models know only a conversation in turns. */
export function add(messages: ChatMessage[], more: readonly ChatMessage[]): void {
  for (const message of more) {
    const last = messages.at(-1)
    if (last?.role === 'user' && message.role === 'user')
      messages[messages.length - 1] = { role: 'user', content: together(last.content, message.content) }
    else messages.push(message)
  }
}

function together(one: string | ContentPart[], other: string | ContentPart[]): string | ContentPart[] {
  if (typeof one === 'string' && typeof other === 'string') return `${one}\n\n${other}`
  return [...contentOf(one), ...contentOf(other)]
}

function contentOf(content: string | ContentPart[]): ContentPart[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

/** One message for each step of the answer: text, the calls that followed it, their results. */
export function answerOf(parts: readonly Part[], calls: Turn['calls'], name: Naming): AnswerMessage[] {
  const messages: AnswerMessage[] = []
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
export function stepOf(content: string, used: readonly Used[]): AnswerMessage[] {
  if (used.length === 0) return content.trim() === '' ? [] : [{ role: 'assistant', content }]
  const tool_calls = used.map(({ id, name, input }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
  }))
  const results = used.map(({ id, text }): AnswerMessage => ({ role: 'tool', tool_call_id: id, content: text }))
  return [{ role: 'assistant', content, tool_calls }, ...results]
}

function resultOf({ state, output, printed = '', failure, approval }: Tool): string {
  if (state !== 'ok') return failure?.message ?? approval?.reason ?? `The call was ${state.replace('_', ' ')}.`
  if (output === undefined) return printed === '' ? 'Done.' : printed
  return typeof output === 'string' ? output : JSON.stringify(output)
}
