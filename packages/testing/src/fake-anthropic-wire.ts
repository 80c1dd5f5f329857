// What the Anthropic Messages API says when it answers: a scripted answer as server-sent events, or whole.
import { setTimeout as pause } from 'node:timers/promises'
import { isFields } from '@parley/protocol'

export type FakeStop =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded'

/** Text to stream, piece by piece. An async iterable lets the test say when the next piece goes out. */
export type FakePieces = Iterable<string> | AsyncIterable<string>

export type FakeBlock =
  | { readonly type: 'text'; readonly pieces: FakePieces }
  /** `signature` proves that the model thought so; by default it is made up, another for each block. */
  | { readonly type: 'thinking'; readonly pieces: FakePieces; readonly signature?: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  /** `pieces` is the JSON of the input as it is written, valid or not; `id` is made up where it is absent. */
  | {
      readonly type: 'tool_use'
      readonly name: string
      readonly id?: string
      readonly input: object
      readonly pieces?: FakePieces
    }

/** An answer with status 200. */
export interface FakeAnswer {
  readonly blocks: readonly FakeBlock[]
  /** Default: `end_turn`. */
  readonly stop?: FakeStop
  /** Milliseconds before each piece. Default: 0. */
  readonly paceMs?: number
  /**
   * What happens after the last block. `complete` (default): the proper end; `error`: an `error` event instead of it;
   * `cut`: the socket is destroyed; `short`: the body ends politely, but without `message_stop`; `garbled`: what follows
   * is not JSON; `astray`: what follows belongs to no block; `hang`: nothing, until the client leaves.
   */
  readonly ending?: 'complete' | 'error' | 'cut' | 'short' | 'garbled' | 'astray' | 'hang'
  /** Type of the error of `ending: 'error'`. Default: `overloaded_error`. */
  readonly error?: string
  /** Tokens that it counts, `cached` those that were read from a cache. Default: a guess. */
  readonly usage?: FakeUsage
}

export interface FakeUsage {
  readonly input: number
  readonly cached?: number
  readonly output: number
}

/** A request that is answered. */
export interface Asked {
  readonly body: unknown
  /** From 1. */
  readonly number: number
  /** Hears of each piece of thinking that was signed, as {@link signedAs} tells it. */
  signed(thinking: string): void
}

/** Thinking and its signature as one text: only the two together are what the model said. */
export function signedAs(thinking: unknown, signature: unknown): string {
  return JSON.stringify([thinking, signature])
}

export interface FakeEvent {
  readonly type: string
  readonly [field: string]: unknown
}

const NO_USAGE = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0, server_tool_use: null }

interface Said {
  readonly content: readonly object[]
  readonly stop: FakeStop | null
  readonly usage: FakeUsage
}

function messageOf({ body, number }: Asked, { content, stop, usage }: Said): object {
  return {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model: isFields(body) ? body.model : '',
    content,
    stop_reason: stop,
    stop_sequence: null,
    stop_details: stop === 'refusal' ? REFUSED : null,
    usage: {
      ...NO_USAGE,
      input_tokens: usage.input,
      cache_read_input_tokens: usage.cached ?? 0,
      output_tokens: usage.output,
    },
  }
}

const REFUSED = { type: 'refusal', category: null, explanation: null }

/** The answer as server-sent events, up to its ending. */
export async function* eventsOf(reply: FakeAnswer, asked: Asked): AsyncGenerator<FakeEvent> {
  const { blocks, stop = 'end_turn', ending = 'complete', usage = { input: guess(asked), output: 0 } } = reply
  yield {
    type: 'message_start',
    message: messageOf(asked, { content: [], stop: null, usage: { ...usage, output: 1 } }),
  }
  yield { type: 'ping' }
  let pieces = 0
  for (const [index, block] of blocks.entries()) {
    yield { type: 'content_block_start', index, content_block: emptyBlock(block, idOf(asked, index)) }
    for await (const delta of deltasOf(block, idOf(asked, index), asked)) {
      if (reply.paceMs !== undefined) await pause(reply.paceMs)
      pieces += 1
      yield { type: 'content_block_delta', index, delta }
    }
    // Only a message that is whole closes its last block.
    if (ending === 'complete' || index < blocks.length - 1) yield { type: 'content_block_stop', index }
  }
  if (ending === 'error')
    yield { type: 'error', error: { type: reply.error ?? 'overloaded_error', message: 'It went wrong.' } }
  if (ending === 'astray')
    yield { type: 'content_block_delta', index: blocks.length, delta: { type: 'text_delta', text: 'lost' } }
  if (ending !== 'complete') return
  const stop_details = stop === 'refusal' ? REFUSED : null
  const delta = { stop_reason: stop, stop_sequence: null, stop_details, container: null }
  const output_tokens = reply.usage?.output ?? pieces
  yield {
    type: 'message_delta',
    delta,
    usage: { ...NO_USAGE, input_tokens: null, cache_read_input_tokens: null, output_tokens },
  }
  yield { type: 'message_stop' }
}

function guess({ body }: Asked): number {
  return JSON.stringify(body).length >> 2
}

/** Unique in a conversation of many requests. */
function idOf({ number }: Asked, index: number): string {
  return `${number}_${index}`
}

function emptyBlock(block: FakeBlock, id: string): object {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '', citations: null }
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' }
    case 'redacted_thinking':
      return block
    case 'tool_use':
      return {
        type: 'tool_use',
        id: block.id ?? `toolu_${id}`,
        name: block.name,
        input: {},
        caller: { type: 'direct' },
      }
  }
}

async function* deltasOf(block: FakeBlock, id: string, asked: Asked): AsyncGenerator<object> {
  switch (block.type) {
    case 'text':
      for await (const text of block.pieces) yield { type: 'text_delta', text }
      return
    case 'thinking': {
      let whole = ''
      for await (const thinking of block.pieces) {
        whole += thinking
        yield { type: 'thinking_delta', thinking }
      }
      yield { type: 'signature_delta', signature: sign(block.signature, id, whole, asked) }
      return
    }
    case 'tool_use':
      yield { type: 'input_json_delta', partial_json: '' }
      for await (const partial_json of block.pieces ?? JSON.stringify(block.input).match(/.{1,16}/gs) ?? [])
        yield { type: 'input_json_delta', partial_json }
  }
}

function sign(scripted: string | undefined, id: string, thinking: string, asked: Asked): string {
  const signature = scripted ?? Buffer.from(`signed ${id}`).toString('base64')
  asked.signed(signedAs(thinking, signature))
  return signature
}

/** The same answer as one message, for who did not ask for a stream. */
export async function wholeOf(reply: FakeAnswer, asked: Asked): Promise<object> {
  const { blocks, stop = 'end_turn', usage = { input: guess(asked), output: blocks.length } } = reply
  const content: object[] = []
  for (const [index, block] of blocks.entries()) content.push(await wholeBlock(block, idOf(asked, index), asked))
  return messageOf(asked, { content, stop, usage })
}

async function wholeBlock(block: FakeBlock, id: string, asked: Asked): Promise<object> {
  const empty = emptyBlock(block, id)
  if (block.type === 'redacted_thinking') return empty
  if (block.type === 'tool_use') return { ...empty, input: block.input }
  let text = ''
  for await (const piece of block.pieces) text += piece
  if (block.type === 'text') return { ...empty, text }
  return { ...empty, thinking: text, signature: sign(block.signature, id, text, asked) }
}
