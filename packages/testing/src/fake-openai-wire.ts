// What a server with an OpenAI-compatible API says when it answers: a scripted answer as chunks of a chat completion.
import { setTimeout as pause } from 'node:timers/promises'

/** Text to stream, piece by piece. An async iterable lets the test say when the next piece goes out. */
export type OpenAIPieces = Iterable<string> | AsyncIterable<string>

export interface OpenAICall {
  readonly name: string
  /** A string is sent as it is, so that it may be no JSON. */
  readonly input: object | string
  /** Default: `call_<n>`, counted in this answer alone, as some local servers do. `null`: none at all. */
  readonly id?: string | null
  /** Default: its place among the calls. `null`: none at all. */
  readonly index?: number | null
}

/** An answer with status 200. */
export interface OpenAIAnswer {
  readonly reasoning?: OpenAIPieces
  /** What the reasoning is called on the wire. Default: `reasoning_content`. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning'
  readonly text?: OpenAIPieces
  readonly calls?: readonly OpenAICall[]
  /** Default: `tool_calls` where there are calls, else `stop`. */
  readonly finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter'
  /** Milliseconds before each piece. Default: 0. */
  readonly paceMs?: number
  /**
   * What happens after the last piece. `complete` (default): the proper end; `error`: an error instead of it; `cut`: the
   * socket is destroyed; `short`: the body ends politely, but without a reason; `garbage`: something that is not JSON;
   * `hang`: nothing, until the client leaves.
   */
  readonly ending?: 'complete' | 'error' | 'cut' | 'short' | 'garbage' | 'hang'
}

/** What every chunk of one answer has in common. */
export interface OpenAIHead {
  readonly id: string
  readonly model: string
  /** Whether the client wants to know what was used. */
  readonly usage: boolean
}

/** The data of server-sent events, up to the answer's ending. */
export async function* dataOf(answer: OpenAIAnswer, head: OpenAIHead): AsyncGenerator<string> {
  const { reasoning = [], reasoningField = 'reasoning_content', text = [], calls = [], ending = 'complete' } = answer
  const chunk = (delta: object, finish_reason: string | null = null): string =>
    chunkOf(head, [{ index: 0, delta, finish_reason }])
  let pieces = 0
  yield chunk({ role: 'assistant', content: '' })
  for await (const piece of reasoning) yield chunk({ [reasoningField]: piece })
  for await (const piece of text) {
    if (answer.paceMs !== undefined) await pause(answer.paceMs)
    pieces += 1
    yield chunk({ content: piece })
  }
  for (const [place, call] of calls.entries())
    for (const delta of deltasOf(call, place)) yield chunk({ tool_calls: [delta] })
  if (ending === 'error') yield JSON.stringify({ error: { message: 'the model crashed', type: 'server_error' } })
  if (ending === 'garbage') yield '{"id":'
  if (ending !== 'complete') return
  yield chunk({}, answer.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop'))
  if (head.usage) {
    const usage = { prompt_tokens: 7, completion_tokens: pieces, total_tokens: 7 + pieces }
    yield chunkOf(head, [], { usage })
  }
  yield '[DONE]'
}

function chunkOf({ id, model }: OpenAIHead, choices: readonly object[], more: object = {}): string {
  return JSON.stringify({ id, object: 'chat.completion.chunk', created: 0, model, choices, ...more })
}

function deltasOf({ name, input, id, index }: OpenAICall, place: number): object[] {
  const where = index === null ? {} : { index: index ?? place }
  const whose = id === null ? {} : { id: id ?? `call_${place}` }
  const json = typeof input === 'string' ? input : JSON.stringify(input)
  const pieces = json.match(/.{1,8}/gs) ?? []
  return [
    { ...where, ...whose, type: 'function', function: { name, arguments: '' } },
    ...pieces.map((piece) => ({ ...where, function: { arguments: piece } })),
  ]
}
