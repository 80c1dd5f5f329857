// An answer of the model as it arrives: what people see of it at once, and what the model must be told of it afterwards.
import type Anthropic from '@anthropic-ai/sdk'
import type { Thought } from '../seams/agent.ts'
import type { Block } from './claude-content.ts'
import { garbled } from './claude-failure.ts'

/** The model wants to use a tool. */
export interface Use {
  readonly id: string
  readonly name: string
  /** Its input as it was written, in pieces; empty where it came as a whole, in `given`. */
  readonly json: string
  readonly given: unknown
}

type Piece =
  | { readonly type: 'text'; text: string }
  | { readonly type: 'thinking'; thinking: string; signature: string; whole: boolean }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly given: unknown; json: string }
  | { readonly type: 'other' }

export class Speech {
  readonly #titleOf: (name: string) => string | undefined
  readonly #pieces = new Map<number, Piece>()
  #model = ''
  #counts: Counts = {}
  #stop: Anthropic.StopReason | null = null
  #whole = false

  constructor(titleOf: (name: string) => string | undefined) {
    this.#titleOf = titleOf
  }

  /** Whether the model has said all it wanted. */
  get whole(): boolean {
    return this.#whole
  }

  get stop(): Anthropic.StopReason | null {
    return this.#stop
  }

  get uses(): readonly Use[] {
    return [...this.#pieces.values()].filter((piece) => piece.type === 'tool_use')
  }

  /** The counts of the model so far; each is told anew, not added. */
  *usage(): Generator<Thought> {
    const { read = 0, cached = 0, kept = 0, written } = this.#counts
    if (written === undefined) return
    yield { type: 'usage', model: this.#model, inputTokens: read + cached + kept, outputTokens: written }
  }

  /** Throws an `AgentFailure` where what arrives makes no sense. */
  *take(event: Anthropic.RawMessageStreamEvent): Generator<Thought> {
    switch (event.type) {
      case 'message_start':
        this.#model = event.message.model
        this.#counts = countsOf(event.message.usage)
        return
      case 'content_block_start':
        return yield* this.#begin(event.index, event.content_block)
      case 'content_block_delta':
        return yield* this.#grow(event.index, event.delta)
      case 'content_block_stop': {
        const piece = this.#pieces.get(event.index)
        if (piece?.type === 'thinking') piece.whole = true
        return
      }
      case 'message_delta':
        this.#stop = event.delta.stop_reason
        this.#counts = { ...this.#counts, ...countsOf(event.usage) }
        return
      case 'message_stop':
        this.#whole = true
    }
  }

  /**
   * What the model must be told that it said: thinking exactly as it came, or not at all; uses of tools only where
   * `withUses`. Empty where it came to nothing.
   */
  content(withUses: boolean): Block[] {
    const blocks = [...this.#pieces.values()].map(toldOf).filter((block) => block !== undefined)
    const kept = withUses ? blocks : blocks.filter(({ type }) => type !== 'tool_use')
    return kept.some(({ type }) => type === 'text' || type === 'tool_use') ? kept : []
  }

  *#begin(index: number, block: Anthropic.RawContentBlockStartEvent['content_block']): Generator<Thought> {
    if (this.#pieces.has(index)) throw garbled()
    switch (block.type) {
      case 'text':
        this.#pieces.set(index, { type: 'text', text: block.text })
        if (block.text !== '') yield block.text
        return
      case 'thinking':
        this.#pieces.set(index, { ...block, whole: false })
        if (block.thinking !== '') yield { type: 'reasoning', text: block.thinking }
        return
      case 'redacted_thinking':
        this.#pieces.set(index, { type: 'redacted_thinking', data: block.data })
        return
      case 'tool_use': {
        const { id, name, input: given } = block
        this.#pieces.set(index, { type: 'tool_use', id, name, given, json: '' })
        const title = this.#titleOf(name)
        yield { type: 'tool.called', call: id, name, ...(title === undefined ? {} : { title }) }
        return
      }
      default:
        this.#pieces.set(index, { type: 'other' })
    }
  }

  *#grow(index: number, delta: Anthropic.RawContentBlockDelta): Generator<Thought> {
    const piece = this.#pieces.get(index)
    if (piece?.type === 'other' || delta.type === 'citations_delta') return
    if (delta.type === 'text_delta' && piece?.type === 'text') {
      piece.text += delta.text
      if (delta.text !== '') yield delta.text
    } else if (delta.type === 'thinking_delta' && piece?.type === 'thinking') {
      piece.thinking += delta.thinking
      if (delta.thinking !== '') yield { type: 'reasoning', text: delta.thinking }
    } else if (delta.type === 'signature_delta' && piece?.type === 'thinking') piece.signature += delta.signature
    else if (delta.type === 'input_json_delta' && piece?.type === 'tool_use') {
      piece.json += delta.partial_json
      if (delta.partial_json !== '') yield { type: 'tool.input', call: piece.id, text: delta.partial_json }
    } else throw garbled()
  }
}

/** The input that the model wants to give, or undefined where what it wrote is no JSON. */
export function givenBy({ json, given }: Use): { readonly input: unknown } | undefined {
  try {
    return { input: json.trim() === '' ? given : JSON.parse(json) }
  } catch {
    return undefined
  }
}

function toldOf(piece: Piece): Block | undefined {
  switch (piece.type) {
    case 'text':
      return piece.text.trim() === '' ? undefined : piece
    case 'thinking': {
      const { type, thinking, signature, whole } = piece
      return whole ? { type, thinking, signature } : undefined
    }
    case 'redacted_thinking':
      return piece
    case 'tool_use':
      return repeated(piece)
    case 'other':
      return undefined
  }
}

/** The model takes only objects back, even where it wrote something else. */
function repeated(use: Use): Block {
  const { id, name, json } = use
  const input = givenBy(use)?.input
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input)
  return { type: 'tool_use', id, name, input: isObject ? input : { unreadable: json } }
}

/** Tokens, as far as they were told: read anew, from a cache, and into one; and written. */
interface Counts {
  readonly read?: number
  readonly cached?: number
  readonly kept?: number
  readonly written?: number
}

function countsOf(usage: Anthropic.Usage | Anthropic.MessageDeltaUsage): Counts {
  const { input_tokens: read, cache_read_input_tokens: cached, cache_creation_input_tokens: kept } = usage
  return {
    written: usage.output_tokens,
    ...(typeof read === 'number' ? { read } : {}),
    ...(typeof cached === 'number' ? { cached } : {}),
    ...(typeof kept === 'number' ? { kept } : {}),
  }
}
