// Claude as a member of rooms, through the official SDK.
import type Anthropic from '@anthropic-ai/sdk'
import { type Agent, AgentFailure, type Thought, type Turn } from '../seams/agent.ts'
import { contextOf } from './claude-context.ts'
import { brokenOff, failureOf, refused } from './claude-failure.ts'

export interface ClaudeOptions {
  /** Default: what the SDK finds, first of all in `ANTHROPIC_API_KEY`. */
  readonly apiKey?: string
  /** Default: `ANTHROPIC_BASE_URL`, or the API itself. */
  readonly baseURL?: string
  /** Default: {@link DEFAULT_MODEL}. */
  readonly model?: string
  /** What Claude is told about itself. Default: that it speaks in a chat, in Markdown. */
  readonly system?: string
  /** Tokens of one answer, thinking included. Default: 8192. */
  readonly maxTokens?: number
  /** How often a request that failed before its answer began is made again. Default: 2. */
  readonly maxRetries?: number
}

export const DEFAULT_MODEL = 'claude-sonnet-5-5' satisfies Anthropic.Model

const SYSTEM = 'You speak in a chat that one or more people read live. Answer in Markdown, and no longer than it takes.'
const CONTEXT = { messages: 100, characters: 200_000 }
/** Seconds that an answer may be put off by a model that asks for a pause; beyond them the user is told instead. */
const PATIENCE_S = 5

/** Keys, models and weather fail a run in words for the user; nothing here is asked before the first message. */
export function claude(options: ClaudeOptions = {}): Agent {
  const { model = DEFAULT_MODEL, system = SYSTEM, maxTokens = 8192 } = options
  let opened: Promise<Anthropic> | undefined
  return {
    id: 'claude',
    name: 'claude',
    async *reply(turn) {
      const messages = contextOf(turn, CONTEXT)
      if (messages.length === 0) throw new AgentFailure('message.empty', 'There is no text to answer.')
      opened ??= open(options)
      const ask = { model, system, max_tokens: maxTokens, messages, stream: true } as const
      yield* answer(await opened, ask, turn)
    },
  }
}

async function* answer(
  client: Anthropic,
  ask: Anthropic.MessageCreateParamsStreaming,
  { signal }: Turn,
): AsyncGenerator<Thought> {
  let begun = false
  let whole = false
  let stop: Anthropic.StopReason | null = null
  try {
    const events = await client.messages.create(ask, { signal })
    begun = true
    for await (const event of events) {
      if (event.type === 'content_block_delta') yield* thoughtsOf(event.delta)
      else if (event.type === 'message_delta') stop = event.delta.stop_reason
      else if (event.type === 'message_stop') whole = true
    }
  } catch (error) {
    if (signal.aborted) return
    throw failureOf(error, begun)
  }
  if (signal.aborted) return
  if (!whole) throw brokenOff()
  if (stop === 'refusal') throw refused()
  const note = noteOn(stop, ask.max_tokens)
  if (note !== undefined) yield `\n\n*(${note})*`
}

function* thoughtsOf(delta: Anthropic.RawContentBlockDelta): Generator<Thought> {
  if (delta.type === 'text_delta' && delta.text !== '') yield delta.text
  if (delta.type === 'thinking_delta' && delta.thinking !== '') yield { type: 'reasoning', text: delta.thinking }
}

/** What the reader should know of an answer that ended before its end. */
function noteOn(stop: Anthropic.StopReason | null, maxTokens: number): string | undefined {
  switch (stop) {
    case 'max_tokens':
      return `The answer stops here: it has reached the limit of ${maxTokens} tokens.`
    case 'model_context_window_exceeded':
      return 'The answer stops here: the conversation is as long as the model can hold.'
    case 'pause_turn':
      return 'The model paused here. Ask it to go on.'
    default:
      return undefined
  }
}

async function open({ apiKey, baseURL, maxRetries = 2 }: ClaudeOptions): Promise<Anthropic> {
  const { default: Client } = await import('@anthropic-ai/sdk').catch((cause: unknown) => {
    const message = 'The claude agent needs the package @anthropic-ai/sdk, which is not installed on this server.'
    throw new AgentFailure('agent.unready', message, { cause })
  })
  return new Client({
    maxRetries,
    fetch: impatient,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseURL === undefined ? {} : { baseURL }),
  })
}

/** The SDK waits as long as `retry-after` says, were it an hour; here that is answered instead. */
async function impatient(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init)
  const { status, headers, body } = response
  if (response.ok || !(Number(headers.get('retry-after')) > PATIENCE_S)) return response
  return new Response(body, { status, headers: [...headers, ['x-should-retry', 'false']] })
}
