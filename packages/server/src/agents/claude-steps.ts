// Claude at work on an answer: it speaks, uses tools, hears what came of them and what people say meanwhile, until it is done.
import type Anthropic from '@anthropic-ai/sdk'
import type { Failure, ToolOutcome } from '@parley/protocol'
import type { Thought, ToolResult, Turn } from '../seams/agent.ts'
import { add, type Saying } from './claude-content.ts'
import { GO_ON, steeringOf } from './claude-context.ts'
import { brokenOff, failureOf, refused } from './claude-failure.ts'
import { givenBy, Speech, type Use } from './claude-speech.ts'

export interface StepsOptions {
  /** At most so many requests. */
  readonly maxSteps: number
  /** What people call a tool. */
  titleOf(name: string): string | undefined
}

type Ask = Anthropic.MessageCreateParamsStreaming & { readonly messages: Saying[] }

/** The answer to the conversation `ask.messages`, which grows with each step. Ends early, and without a failure, when the turn is over. */
export async function* steps(client: Anthropic, ask: Ask, turn: Turn, options: StepsOptions): AsyncGenerator<Thought> {
  const { messages } = ask
  for (let left = options.maxSteps; ; left -= 1) {
    const speech = yield* listen(client, ask, turn, options)
    if (speech === undefined) return
    const { stop, uses } = speech
    const works = speech.whole && stop === 'tool_use' && uses.length > 0
    if (works && left > 1) {
      add(messages, 'assistant', speech.content(true))
      const results = yield* work(uses, turn)
      add(messages, 'user', [...results, ...(await steeringOf(turn))])
      continue
    }
    yield* dropped(uses, speech.whole ? 'skipped' : 'cancelled')
    if (stop === 'refusal') throw refused()
    const steering = await steeringOf(turn)
    const ends = speech.whole && steering.length === 0
    if (works || (left === 1 && !ends)) return yield `\n\n*(${outOfSteps(options.maxSteps)})*`
    if (ends) return yield* noteOn(stop, ask.max_tokens)
    const said = speech.content(false)
    add(messages, 'assistant', said)
    add(messages, 'user', steering.length === 0 ? GO_ON : steering)
    // Who was spoken to begins anew; it does not finish the sentence.
    if (steering.length > 0 && said.at(-1)?.type === 'text') yield '\n\n'
  }
}

/** One request, until the model has said all it wants or is interrupted by people. Undefined when the turn is over. */
async function* listen(
  client: Anthropic,
  ask: Ask,
  { signal, steered }: Turn,
  { titleOf }: StepsOptions,
): AsyncGenerator<Thought, Speech | undefined> {
  const speech = new Speech(titleOf)
  let begun = false
  let failure: unknown
  try {
    const events = await client.messages.create(ask, { signal: AbortSignal.any([signal, steered]) })
    begun = true
    for await (const event of events) yield* speech.take(event)
    if (!speech.whole) failure = brokenOff()
  } catch (error) {
    failure = failureOf(error, begun)
  }
  if (signal.aborted) return undefined
  yield* speech.usage()
  if (failure !== undefined && !steered.aborted) throw failure
  return speech
}

/** Uses the tools, all at once. Resolves with what the model is told of them. */
async function* work(uses: readonly Use[], turn: Turn): AsyncGenerator<Thought, Anthropic.ToolResultBlockParam[]> {
  const results: Promise<Anthropic.ToolResultBlockParam>[] = []
  for (const use of uses) {
    const given = givenBy(use)
    if (given === undefined) results.push(Promise.resolve(yield* unreadable(use)))
    else results.push(turn.use(use.name, given.input, { call: use.id }).then((result) => resultOf(use, result)))
  }
  return Promise.all(results)
}

const UNREADABLE: Failure = { code: 'tool.input', message: 'The input is not valid JSON.' }

/** The call is shown as it was written, and has failed: nothing may be done with an input that nobody can read. */
async function* unreadable(use: Use): AsyncGenerator<Thought, Anthropic.ToolResultBlockParam> {
  const call = use.id
  yield { type: 'tool.ready', call, input: use.json }
  yield { type: 'tool.ended', call, outcome: 'failed', failure: UNREADABLE }
  return resultOf(use, { outcome: 'failed', text: UNREADABLE.message })
}

function resultOf(
  { id }: Use,
  { outcome, text }: Pick<ToolResult, 'outcome' | 'text'>,
): Anthropic.ToolResultBlockParam {
  const result = { type: 'tool_result', tool_use_id: id } as const
  return outcome === 'ok'
    ? { ...result, content: text }
    : { ...result, content: text || `It was ${outcome}.`, is_error: true }
}

/** Calls that the model began to make, and that are not made. */
function* dropped(uses: readonly Use[], outcome: ToolOutcome): Generator<Thought> {
  for (const { id } of uses) yield { type: 'tool.ended', call: id, outcome }
}

function outOfSteps(maxSteps: number): string {
  return `The answer stops here: it has taken ${maxSteps} ${maxSteps === 1 ? 'step' : 'steps'}, as many as it may.`
}

/** What the reader should know of an answer that ended before its end. */
function* noteOn(stop: Anthropic.StopReason | null, maxTokens: number): Generator<Thought> {
  switch (stop) {
    case 'max_tokens':
      return yield `\n\n*(The answer stops here: it has reached the limit of ${maxTokens} tokens.)*`
    case 'model_context_window_exceeded':
      return yield '\n\n*(The answer stops here: the conversation is as long as the model can hold.)*'
    case 'pause_turn':
      return yield '\n\n*(The model paused here. Ask it to go on.)*'
  }
}
