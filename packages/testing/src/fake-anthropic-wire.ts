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
  | { readonly type: 'thinking'; readonly pieces: FakePieces }
  | { readonly type: 'tool_use'; readonly name: string; readonly input: object }

/** An answer with status 200. */
export interface FakeAnswer {
  readonly blocks: readonly FakeBlock[]
  /** Default: `end_turn`. */
  readonly stop?: FakeStop
  /** Milliseconds before each piece. Default: 0. */
  readonly paceMs?: number
  /**
   * What happens after the last block. `complete` (default): the proper end; `error`: an `error` event instead of it;
   * `cut`: the socket is destroyed; `short`: the body ends politely, but without `message_stop`; `hang`: nothing, until the client leaves.
   */
  readonly ending?: 'complete' | 'error' | 'cut' | 'short' | 'hang'
}

/** The request that is answered, and the id of the message that answers it. */
export interface Asked {
  readonly body: unknown
  readonly id: string
}

const SIGNATURE = 'c2lnbmVk'

export interface FakeEvent {
  readonly type: string
  readonly [field: string]: unknown
}

const NO_USAGE = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0, server_tool_use: null }

function messageOf({ body, id }: Asked, content: readonly object[], stop: FakeStop | null, output: number): object {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: isFields(body) ? body.model : '',
    content,
    stop_reason: stop,
    stop_sequence: null,
    stop_details: stop === 'refusal' ? REFUSED : null,
    usage: { ...NO_USAGE, input_tokens: JSON.stringify(body).length >> 2, output_tokens: output },
  }
}

const REFUSED = { type: 'refusal', category: null, explanation: null }

/** The answer as server-sent events, up to its ending. */
export async function* eventsOf(reply: FakeAnswer, asked: Asked): AsyncGenerator<FakeEvent> {
  const { blocks, stop = 'end_turn', ending = 'complete' } = reply
  yield { type: 'message_start', message: messageOf(asked, [], null, 1) }
  yield { type: 'ping' }
  let output = 0
  for (const [index, block] of blocks.entries()) {
    yield { type: 'content_block_start', index, content_block: emptyBlock(block, `toolu_${index}`) }
    for await (const delta of deltasOf(block)) {
      if (reply.paceMs !== undefined) await pause(reply.paceMs)
      output += 1
      yield { type: 'content_block_delta', index, delta }
    }
    // Only a message that is whole closes its last block.
    if (ending === 'complete' || index < blocks.length - 1) yield { type: 'content_block_stop', index }
  }
  if (ending === 'error') yield { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
  if (ending !== 'complete') return
  const stop_details = stop === 'refusal' ? REFUSED : null
  const delta = { stop_reason: stop, stop_sequence: null, stop_details, container: null }
  yield { type: 'message_delta', delta, usage: { ...NO_USAGE, input_tokens: null, output_tokens: output } }
  yield { type: 'message_stop' }
}

function emptyBlock(block: FakeBlock, id: string): object {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '', citations: null }
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' }
    case 'tool_use':
      return { type: 'tool_use', id, name: block.name, input: {}, caller: { type: 'direct' } }
  }
}

async function* deltasOf(block: FakeBlock): AsyncGenerator<object> {
  if (block.type === 'tool_use') {
    yield { type: 'input_json_delta', partial_json: '' }
    for (const partial_json of JSON.stringify(block.input).match(/.{1,16}/gs) ?? [])
      yield { type: 'input_json_delta', partial_json }
    return
  }
  for await (const piece of block.pieces)
    yield block.type === 'text' ? { type: 'text_delta', text: piece } : { type: 'thinking_delta', thinking: piece }
  if (block.type === 'thinking') yield { type: 'signature_delta', signature: SIGNATURE }
}

/** The same answer as one message, for who did not ask for a stream. */
export async function wholeOf(reply: FakeAnswer, asked: Asked): Promise<object> {
  const content: object[] = []
  for (const [index, block] of reply.blocks.entries()) content.push(await wholeBlock(block, `toolu_${index}`))
  return messageOf(asked, content, reply.stop ?? 'end_turn', content.length)
}

async function wholeBlock(block: FakeBlock, id: string): Promise<object> {
  const empty = emptyBlock(block, id)
  if (block.type === 'tool_use') return { ...empty, input: block.input }
  let text = ''
  for await (const piece of block.pieces) text += piece
  return block.type === 'text' ? { ...empty, text } : { ...empty, thinking: text, signature: SIGNATURE }
}
