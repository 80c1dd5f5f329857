// A model server for tests: speaks chat completions as OpenAI, llama.cpp, Ollama and vLLM do, says what the test scripted.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isFields } from '@parley/protocol'
import { bodyOf, type FakeRequest, listening, noted } from './fake-model-server.ts'
import { dataOf, type OpenAIAnswer } from './fake-openai-wire.ts'

export type { OpenAIAnswer, OpenAICall, OpenAIPieces } from './fake-openai-wire.ts'

/** An answer with another status. */
export interface OpenAIRefusal {
  readonly status: number
  readonly message?: string
  readonly code?: string
  /** Seconds of the `retry-after` header. Default: no such header. */
  readonly retryAfter?: number
}

/** A text is an answer that streams it word by word. */
export type OpenAIReply = string | OpenAIAnswer | OpenAIRefusal

export interface FakeOpenAIOptions {
  /** What `GET /models` lists. Default: `tiny`. */
  readonly models?: readonly string[]
  /** The key that requests must have. Default: any, or none. */
  readonly key?: string
  /** Whether it refuses `stream_options`, as some servers do. Default: false. */
  readonly strict?: boolean
}

export interface FakeOpenAI {
  /** What clients take as base URL: `http://127.0.0.1:<port>/v1`. */
  readonly url: string
  /** All requests for an answer so far, oldest first. */
  readonly requests: readonly FakeRequest[]
  /** Queues replies, one per request to come. When the queue is empty, `You said: <last user text>` is the answer. */
  script(...replies: readonly OpenAIReply[]): void
  close(): Promise<void>
}

/** Starts on a free port of 127.0.0.1. */
export async function fakeOpenAI(options: FakeOpenAIOptions = {}): Promise<FakeOpenAI> {
  const requests: FakeRequest[] = []
  const queue: OpenAIReply[] = []
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    if (request.method === 'GET' && request.url === '/v1/models') return list(response, options)
    const number = requests.push(noted(request, response, body))
    const reply = complaint(request, body, options) ?? queue.shift() ?? `You said: ${lastText(body)}`
    if (typeof reply === 'object' && 'status' in reply) return refuse(response, reply)
    await stream(response, typeof reply === 'string' ? { text: reply.split(/(?<=\s)(?=\S)/) } : reply, body, number)
  })
  const { origin, close } = await listening(server)
  return { url: `${origin}/v1`, requests, script: (...replies) => void queue.push(...replies), close }
}

function list(response: ServerResponse, { models = ['tiny'] }: FakeOpenAIOptions): void {
  sayJson(response, 200, {
    object: 'list',
    data: models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'us' })),
  })
}

/** What a careful server would find wrong with a request, before it looks for an answer. */
function complaint(
  { method, url, headers }: IncomingMessage,
  body: unknown,
  { key, models = ['tiny'], strict = false }: FakeOpenAIOptions,
): OpenAIRefusal | undefined {
  const invalid = (message: string): OpenAIRefusal => ({ status: 400, message })
  if (method !== 'POST' || url !== '/v1/chat/completions') return { status: 404, message: 'not found' }
  if (key !== undefined && headers.authorization !== `Bearer ${key}`)
    return { status: 401, message: `Incorrect API key provided: ${headers.authorization}`, code: 'invalid_api_key' }
  if (!isFields(body) || !Array.isArray(body.messages) || body.messages.length === 0) return invalid('no messages')
  if (strict && 'stream_options' in body) return invalid('Unrecognized request argument supplied: stream_options')
  if (!models.includes(String(body.model)))
    return { status: 404, message: `The model ${body.model} does not exist`, code: 'model_not_found' }
  return disorder(body.messages)
}

/** Every call must be answered by a message of the role `tool`, right after the message that made it, and no others. */
function disorder(messages: readonly unknown[]): OpenAIRefusal | undefined {
  let open = new Set<unknown>()
  for (const message of messages) {
    if (!isFields(message)) return { status: 400, message: 'a message is no object' }
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) return { status: 400, message: 'a tool message answers no tool call' }
      continue
    }
    if (open.size > 0) return { status: 400, message: 'tool calls must be followed by tool messages' }
    const calls: unknown[] = Array.isArray(message.tool_calls) ? message.tool_calls : []
    open = new Set(calls.map((call) => (isFields(call) ? call.id : undefined)))
    if (open.size !== calls.length) return { status: 400, message: 'two tool calls have the same id' }
  }
  return open.size > 0 ? { status: 400, message: 'tool calls must be followed by tool messages' } : undefined
}

function lastText(body: unknown): string {
  const messages: unknown[] = isFields(body) && Array.isArray(body.messages) ? body.messages : []
  const last = messages.at(-1)
  return isFields(last) && typeof last.content === 'string' ? last.content : ''
}

function refuse(response: ServerResponse, { status, message = 'no', code = '', retryAfter }: OpenAIRefusal): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter))
  sayJson(response, status, { error: { message, type: 'error', param: null, code } })
}

function sayJson(response: ServerResponse, status: number, json: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(json))
}

async function stream(response: ServerResponse, answer: OpenAIAnswer, body: unknown, number: number): Promise<void> {
  const { ending = 'complete' } = answer
  const asked = isFields(body) ? body : {}
  const usage = isFields(asked.stream_options) && asked.stream_options.include_usage === true
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for await (const data of dataOf(answer, { id: `chatcmpl-${number}`, model: String(asked.model), usage })) {
    if (response.destroyed) return
    // Each event has left for the network before the next one is made: what was said before a cut does arrive.
    await new Promise<void>((resolve) => {
      response.write(`data: ${data}\n\n`, () => resolve())
    })
  }
  if (ending === 'cut') response.destroy()
  else if (ending !== 'hang') response.end()
}
