// Messages of a room as content of the model's: what people say and show, what agents said and did.
import type Anthropic from '@anthropic-ai/sdk'
import { type Attachment, isAttached, isFields, type Json, type Message, type Part, type Tool } from '@parley/protocol'
import { nothingShown, type Shelf, type Shown, wordsAbout } from './shown-files.ts'

export type Block = Anthropic.ContentBlockParam

export interface Saying {
  readonly role: 'user' | 'assistant'
  readonly content: Block[]
}

/** Characters of base64 that the model takes as one image. */
const MOST_IMAGE = 5 * 1024 * 1024
/** Characters that are told of what an earlier tool call was given, and of what came of it. */
const MOST_TOOL = 10_000
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** A person's words and files. `name`: who says it, where the model could not know. */
export function saidBy({ parts }: Pick<Message, 'parts'>, name?: string, shelf: Shelf = nothingShown): Block[] {
  const blocks: Block[] = []
  for (const part of parts) {
    const block = blockOf(part, shelf)
    if (block !== undefined) append(blocks, block, '')
  }
  const told = blocks.filter(isTold)
  const [first, ...rest] = told
  if (name === undefined || first === undefined) return told
  if (first.type === 'text') return [{ type: 'text', text: `${name}: ${first.text}` }, ...rest]
  return [{ type: 'text', text: `${name}:` }, ...told]
}

/** An agent's words, and the tools among `calls` that it used: each use is followed by its result before more is said. */
export function doneBy({ parts }: Pick<Message, 'parts'>, calls: ReadonlyMap<string, Tool>): Saying[] {
  const sayings: Saying[] = []
  let results: Block[] = []
  const answer = (): void => {
    add(sayings, 'user', results)
    results = []
  }
  for (const part of parts) {
    if (part.type === 'tool') {
      const tool = calls.get(part.call)
      if (tool === undefined) continue
      add(sayings, 'assistant', [useOf(tool)])
      results.push(resultOf(tool))
    } else if (part.type !== 'data' && !isAttached(part)) {
      answer()
      if (part.type === 'text' && part.text.trim() !== '') add(sayings, 'assistant', [part], '')
    }
  }
  answer()
  return sayings
}

/** The conversation goes on. Who speaks twice in a row says one thing, with `between` between two texts. */
export function add(sayings: Saying[], role: Saying['role'], content: readonly Block[], between = '\n\n'): void {
  if (content.length === 0) return
  const last = sayings.at(-1)
  if (last?.role !== role) sayings.push({ role, content: [...content] })
  else for (const block of content) append(last.content, block, between)
}

/** About how many characters of attention it takes. Pictures count by what they weigh, lest a request become too large. */
export function sizeOf(sayings: readonly Saying[]): number {
  return sayings.flatMap(({ content }) => content).reduce((sum, block) => sum + weightOf(block), 0)
}

function weightOf(block: Block): number {
  if (block.type === 'text') return block.text.length
  if (block.type === 'document' && block.source.type === 'base64')
    return Math.max(6_000, block.source.data.length / 100)
  if (block.type !== 'image') return JSON.stringify(block).length
  return block.source.type === 'base64' ? Math.max(6_000, block.source.data.length / 100) : 6_000
}

function append(blocks: Block[], block: Block, between: string): void {
  const last = blocks.at(-1)
  if (last?.type === 'text' && block.type === 'text')
    blocks[blocks.length - 1] = { type: 'text', text: last.text + between + block.text }
  else blocks.push(block)
}

function isTold(block: Block): boolean {
  return block.type !== 'text' || block.text.trim() !== ''
}

/** Undefined for what the model is not told. */
function blockOf(part: Part, shelf: Shelf): Block | undefined {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (isAttached(part)) return fileOf(part.attachment, shelf.get(part.attachment.id))
  if (part.type === 'data' && part.name === 'image') return pictureOf(part.data)
  return undefined
}

function fileOf(attachment: Attachment, shown: Shown | undefined): Block {
  if (shown?.as === 'text')
    return {
      type: 'document',
      title: attachment.name,
      source: { type: 'text', media_type: 'text/plain', data: shown.text },
    }
  if (shown?.mediaType === 'application/pdf')
    return {
      type: 'document',
      title: attachment.name,
      source: { type: 'base64', media_type: 'application/pdf', data: shown.base64 },
    }
  return shown === undefined
    ? { type: 'text', text: wordsAbout(attachment) }
    : pictureOf({ mediaType: shown.mediaType, base64: shown.base64 })
}

/** The data of an image: `{ mediaType, base64 }` or `{ url }`. */
function pictureOf(data: Json): Block {
  const { mediaType, base64, url } = isFields(data) ? data : {}
  if (typeof url === 'string' && URL.canParse(url) && url.startsWith('https:'))
    return { type: 'image', source: { type: 'url', url } }
  if (typeof base64 !== 'string' || !BASE64.test(base64))
    return { type: 'text', text: '[a picture that cannot be read]' }
  if (base64.length > MOST_IMAGE) return { type: 'text', text: '[a picture that is too large to be shown to you]' }
  switch (mediaType) {
    case 'image/png':
    case 'image/jpeg':
    case 'image/gif':
    case 'image/webp':
      return { type: 'image', source: { type: 'base64', media_type: mediaType, data: base64 } }
    default:
      return { type: 'text', text: '[a picture of a kind that cannot be shown to you]' }
  }
}

function useOf({ call, name, input = {} }: Tool): Block {
  const text = JSON.stringify(input)
  const told = text.length > MOST_TOOL ? { beginning: text.slice(0, MOST_TOOL) } : input
  return {
    type: 'tool_use',
    id: wordOf(call),
    name: wordOf(name).slice(0, 64),
    input: isFields(told) ? told : { input: told },
  }
}

function resultOf(tool: Tool): Block {
  const result = { type: 'tool_result', tool_use_id: wordOf(tool.call) } as const
  const content = shortened(tool.state === 'ok' ? outputOf(tool) : whyNot(tool))
  return tool.state === 'ok' ? { ...result, content } : { ...result, content, is_error: true }
}

function outputOf({ output, printed = '' }: Tool): string {
  if (output === undefined) return printed === '' ? 'Done.' : printed
  return typeof output === 'string' ? output : JSON.stringify(output)
}

function whyNot({ state, failure }: Tool): string {
  return failure?.message || `The call was ${state.replace('_', ' ')}.`
}

function shortened(text: string): string {
  return text.length <= MOST_TOOL
    ? text
    : `${text.slice(0, MOST_TOOL)}\n… and ${text.length - MOST_TOOL} more characters`
}

/** Ids and names here may have dots and colons; the model's may not. */
function wordOf(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, '_')
}
