// One request to a model: what it says as it says it, and the tools that it wants to use.
import type OpenAI from 'openai'
import type { Thought, Turn } from '../seams/agent.ts'
import { type Call, Calls } from './openai-calls.ts'
import type { Naming } from './openai-context.ts'
import { cut, failureOf, refused, refusesUsage } from './openai-failure.ts'

export interface Said {
  readonly text: string
  readonly calls: readonly Call[]
  /** `steered`: people have spoken meanwhile, and the rest was not waited for. */
  readonly end: 'whole' | 'length' | 'steered' | 'aborted'
}

export interface Model {
  readonly client: OpenAI
  readonly host: string
  readonly model: string
  /** Whether the server tells what a request used; found out by asking. */
  tellsUsage: boolean
}

export type Ask = Omit<OpenAI.ChatCompletionCreateParamsStreaming, 'model' | 'stream' | 'stream_options'>

type Chunks = AsyncIterable<OpenAI.ChatCompletionChunk>
type Delta = OpenAI.ChatCompletionChunk.Choice.Delta

/** What local servers call what a model thinks. */
interface Thinking {
  readonly reasoning_content?: unknown
  readonly reasoning?: unknown
}

/** Throws an `AgentFailure`; what was said by then has been yielded. */
export async function* step(
  model: Model,
  ask: Ask,
  turn: Turn,
  name: Naming,
  titles: ReadonlyMap<string, string>,
): AsyncGenerator<Thought, Said> {
  const { steered } = turn
  const stop = AbortSignal.any([turn.signal, steered])
  const calls = new Calls(name, titles)
  let text = ''
  let finish: string | undefined
  let begun = false
  try {
    for await (const { choices, usage } of await chunksOf(model, ask, stop)) {
      if (stop.aborted) break
      begun = true
      const choice = choices[0]
      if (choice !== undefined) {
        text += choice.delta.content ?? ''
        yield* thoughtsOf(choice.delta, calls)
        finish = choice.finish_reason ?? finish
      }
      if (usage) yield usageOf(model.model, usage)
    }
  } catch (error) {
    if (!stop.aborted) throw failureOf(error, { ...model, begun })
  }
  if (turn.signal.aborted) return { text, calls: [], end: 'aborted' }
  if (steered.aborted && finish === undefined) {
    for (const { id } of calls.all) yield { type: 'tool.ended', call: id, outcome: 'skipped' }
    return { text, calls: [], end: 'steered' }
  }
  if (finish === undefined) throw cut(new Error('the stream ended without finish_reason'))
  if (finish === 'content_filter') throw refused()
  return { text, calls: calls.all, end: finish === 'length' ? 'length' : 'whole' }
}

async function chunksOf(model: Model, ask: Ask, signal: AbortSignal): Promise<Chunks> {
  const { client, tellsUsage } = model
  const usage = tellsUsage ? { stream_options: { include_usage: true } } : {}
  const params = { ...ask, ...usage, model: model.model, stream: true } as const
  try {
    return await client.chat.completions.create(params, { signal })
  } catch (error) {
    if (!tellsUsage || !refusesUsage(error)) throw error
    model.tellsUsage = false
    return chunksOf(model, ask, signal)
  }
}

function* thoughtsOf(delta: Delta & Thinking, calls: Calls): Generator<Thought> {
  const thinking = delta.reasoning_content ?? delta.reasoning
  if (typeof thinking === 'string' && thinking !== '') yield { type: 'reasoning', text: thinking }
  if (delta.content) yield delta.content
  for (const call of delta.tool_calls ?? []) yield* calls.hear(call)
}

function usageOf(model: string, { prompt_tokens, completion_tokens }: OpenAI.CompletionUsage): Thought {
  return { type: 'usage', model, inputTokens: prompt_tokens, outputTokens: completion_tokens }
}
