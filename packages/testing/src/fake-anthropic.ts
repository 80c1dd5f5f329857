// A model server for tests: speaks the Anthropic Messages API over HTTP, says what the test scripted, remembers what it was asked.
import { createServer, type ServerResponse } from 'node:http'
import { isFields } from '@parley/protocol'
import { complaint } from './fake-anthropic-rules.ts'
import { type Asked, eventsOf, type FakeAnswer, wholeOf } from './fake-anthropic-wire.ts'
import { bodyOf, type FakeRequest, listening, noted } from './fake-model-server.ts'

export type { FakeAnswer, FakeBlock, FakePieces, FakeStop, FakeUsage } from './fake-anthropic-wire.ts'
export type { FakeRequest } from './fake-model-server.ts'

/** An answer with another status. */
export interface FakeRefusal {
  readonly status: number
  /** Default: what the API calls this status. */
  readonly type?: string
  readonly message?: string
  /** Seconds of the `retry-after` header. Default: no such header. */
  readonly retryAfter?: number
}

/** A text is an answer that streams it word by word. */
export type FakeReply = string | FakeAnswer | FakeRefusal

export interface FakeAnthropic {
  /** What the SDK takes as `baseURL`: `http://127.0.0.1:<port>`. */
  readonly url: string
  /** All requests so far, oldest first. */
  readonly requests: readonly FakeRequest[]
  /** Queues replies, one per request to come. When the queue is empty, `You said: <last user text>` is the answer. */
  script(...replies: readonly FakeReply[]): void
  close(): Promise<void>
}

/** Starts on a free port of 127.0.0.1. Wants a key in every request (any will do), as `Authorization: Bearer` or `x-api-key`. */
export async function fakeAnthropic(): Promise<FakeAnthropic> {
  const requests: FakeRequest[] = []
  const queue: FakeReply[] = []
  const signed = new Set<string>()
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const number = requests.push(noted(request, response, body))
    const scripted = (): FakeReply => queue.shift() ?? `You said: ${lastText(body)}`
    const reply = complaint(request, body, signed) ?? scripted()
    response.setHeader('request-id', `req_${number}`)
    if (typeof reply === 'object' && 'status' in reply) refuse(response, reply)
    else {
      const asked = { body, number, signed: (thinking: string) => void signed.add(thinking) }
      await answer(response, typeof reply === 'string' ? inWords(reply) : reply, asked)
    }
  })
  const { origin, close } = await listening(server)
  return { url: origin, requests, script: (...replies) => void queue.push(...replies), close }
}

/** The text of the last message of a request that passed {@link complaint}. */
function lastText(body: unknown): string {
  const messages = isFields(body) && Array.isArray(body.messages) ? body.messages : []
  const content: unknown = messages.at(-1)?.content
  if (typeof content === 'string') return content
  const blocks: unknown[] = Array.isArray(content) ? content : []
  return blocks.flatMap((block) => (isFields(block) && block.type === 'text' ? [block.text] : [])).join('')
}

function inWords(text: string): FakeAnswer {
  return { blocks: [{ type: 'text', pieces: text.split(/(?<=\s)(?=\S)/) }] }
}

const ERROR_TYPES = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
])

function refuse(response: ServerResponse, { status, type, message, retryAfter }: FakeRefusal): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter))
  const kind = type ?? ERROR_TYPES.get(status) ?? 'api_error'
  sayJson(response, status, { type: 'error', error: { type: kind, message: message ?? kind } })
}

function sayJson(response: ServerResponse, status: number, json: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(json))
}

async function answer(response: ServerResponse, reply: FakeAnswer, asked: Asked): Promise<void> {
  const { ending = 'complete' } = reply
  const streams = isFields(asked.body) && asked.body.stream === true
  if (streams) await stream(response, reply, asked)
  if (ending === 'hang' || response.destroyed) return
  if (ending === 'cut') response.destroy()
  else if (streams) response.end()
  else if (ending === 'complete') sayJson(response, 200, await wholeOf(reply, asked))
  else refuse(response, { status: 500 })
}

async function stream(response: ServerResponse, reply: FakeAnswer, asked: Asked): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for await (const event of eventsOf(reply, asked)) {
    if (response.destroyed) return
    // Each event has left for the network before the next one is made: what was said before a cut does arrive.
    await new Promise<void>((resolve) => {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`, () => resolve())
    })
  }
  if (reply.ending === 'garbled') response.write('event: content_block_delta\ndata: {"type": "content_blo\n\n')
}
