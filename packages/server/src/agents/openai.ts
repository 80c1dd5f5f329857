// Any model behind an OpenAI-compatible address as a member of rooms: OpenAI, llama.cpp, Ollama, vLLM and others.
import { type Agent, AgentFailure, type Thought, type Turn } from '../seams/agent.ts'
import type { Tool } from '../seams/tool.ts'
import { defineAgent, inputSchemaOf } from './define.ts'
import type { Call } from './openai-calls.ts'
import { open } from './openai-client.ts'
import { add, appetiteFor, type ChatMessage, contextOf, naming, saidBy, stepOf, type Used } from './openai-context.ts'
import { type Ask, type Model, type Said, step } from './openai-step.ts'
import { type Appetite, shelfOf } from './shown-files.ts'

export interface OpenAIOptions {
  /** Where the API is, `/v1` included. Default: `OPENAI_BASE_URL`, or OpenAI itself. */
  readonly baseURL?: string
  /** Default: `OPENAI_API_KEY`. Local servers need none. */
  readonly apiKey?: string
  /** Default: the first that the server lists; OpenAI itself must be told. */
  readonly model?: string
  /** What the model is told about itself. Default: that it speaks in a chat, in Markdown. */
  readonly system?: string
  /** Tokens of one step of an answer. Default: as the server has it. */
  readonly maxTokens?: number
  /** Which files of people it is shown; it hears of all others, and texts are told as words. Default: `images`, and `all` of what OpenAI itself takes there. */
  readonly files?: 'none' | 'images' | 'all'
  /** How often the model may be asked for one answer, tools in between. Default: 20. */
  readonly maxSteps?: number
  readonly tools?: readonly Tool[]
  /** Default: `wait`. */
  readonly onInterrupted?: Agent['onInterrupted']
  /** How often a request that failed before its answer began is made again. Default: 2. */
  readonly maxRetries?: number
}

const SYSTEM = 'You speak in a chat that one or more people read live. Answer in Markdown, and no longer than it takes.'

/** Keys, models and weather fail a run in words for the user; nothing here is asked before the first message. */
export function openai(options: OpenAIOptions = {}): Agent {
  const { system = SYSTEM, maxSteps = 20, tools = [], onInterrupted = 'wait', maxRetries = 2 } = options
  const titles = new Map(tools.flatMap(({ name, title }) => (title === undefined ? [] : [[name, title]])))
  let opened: Promise<Model> | undefined
  return defineAgent({
    id: 'openai',
    name: 'openai',
    tools,
    steers: true,
    onInterrupted,
    async *reply(turn) {
      const name = naming()
      const baseURL = options.baseURL ?? (process.env.OPENAI_BASE_URL || undefined)
      const appetite = appetiteFor(options.files ?? (baseURL === undefined ? 'all' : 'images'))
      const context = contextOf(turn, name, await shelfOf(turn, [...turn.history, turn.message], appetite))
      if (context.length === 0) throw new AgentFailure('message.empty', 'There is nothing to answer.')
      const messages: ChatMessage[] = [{ role: 'system', content: system }, ...context]
      const apiKey = options.apiKey ?? (process.env.OPENAI_API_KEY || undefined)
      opened ??= open({ baseURL, apiKey, model: options.model, maxRetries })
      // A server that was away is looked for again.
      opened.catch(() => {
        opened = undefined
      })
      const model = await opened
      const ask = askOf(options, tools, baseURL === undefined)
      for (let steps = 1; ; steps += 1) {
        const said = yield* step(model, { ...ask, messages }, turn, name, titles)
        if (said.end === 'aborted') return
        add(messages, stepOf(said.text, yield* used(said.calls, turn)))
        if (turn.signal.aborted) return
        const steering = await steeringOf(turn, appetite)
        add(messages, steering)
        if (isLast(said) && steering.length === 0) return yield* noteOn(said)
        if (steps === maxSteps) return yield note(`it has taken the model ${maxSteps} steps, which is the limit`)
      }
    },
  })
}

function askOf({ maxTokens }: OpenAIOptions, tools: readonly Tool[], itself: boolean): Omit<Ask, 'messages'> {
  // OpenAI has renamed it; others have not.
  const limit = itself ? { max_completion_tokens: maxTokens ?? null } : { max_tokens: maxTokens ?? null }
  return {
    ...(maxTokens === undefined ? {} : limit),
    ...(tools.length === 0 ? {} : { tools: tools.map(functionOf) }),
  }
}

function functionOf(tool: Tool) {
  const { name, description } = tool
  return { type: 'function' as const, function: { name, description, parameters: inputSchemaOf(tool) } }
}

/** Uses all tools at once, and waits for all of them. */
async function* used(calls: readonly Call[], turn: Turn): AsyncGenerator<Thought, readonly Used[]> {
  const uses: Promise<Used>[] = []
  for (const { id, name, json } of calls) {
    const input = parsed(json)
    if (input === undefined) {
      const message = 'The input is not valid JSON.'
      yield { type: 'tool.ended', call: id, outcome: 'failed', failure: { code: 'tool.input', message } }
      uses.push(Promise.resolve({ id, name, input: '{}', text: message }))
    } else
      uses.push(turn.use(name, input.json, { call: id }).then(({ text }) => ({ id, name, input: json || '{}', text })))
  }
  return Promise.all(uses)
}

function parsed(json: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(json.trim() === '' ? '{}' : json) }
  } catch {
    return undefined
  }
}

async function steeringOf(turn: Turn, appetite: Appetite): Promise<ChatMessage[]> {
  const steering = turn.steering()
  const shelf = await shelfOf(turn, steering, appetite)
  return steering.flatMap(({ parts }) => saidBy(parts, shelf))
}

function isLast({ calls, end }: Said): boolean {
  return calls.length === 0 && end !== 'steered'
}

function* noteOn({ end }: Said): Generator<Thought> {
  if (end === 'length') yield note('it is as long as the model may make it')
}

function note(why: string): string {
  return `\n\n*(The answer stops here: ${why}.)*`
}
