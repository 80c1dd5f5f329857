// Claude as a member of rooms, through the official SDK.
import type Anthropic from '@anthropic-ai/sdk'
import { type Agent, AgentFailure } from '../seams/agent.ts'
import type { Tool } from '../seams/tool.ts'
import { APPETITE, contextOf } from './claude-context.ts'
import { open } from './claude-sdk.ts'
import { steps } from './claude-steps.ts'
import { defineAgent, inputSchemaOf } from './define.ts'
import { shelfOf } from './shown-files.ts'

export interface ClaudeOptions {
  /** Default: what the SDK finds, first of all in `ANTHROPIC_API_KEY`. */
  readonly apiKey?: string
  /** Default: `ANTHROPIC_BASE_URL`, or the API itself. */
  readonly baseURL?: string
  /** Default: {@link DEFAULT_MODEL}. */
  readonly model?: string
  /** What Claude is told about itself. Default: that it speaks in a chat, in Markdown. */
  readonly system?: string
  /** Tokens of one step, thinking included. Default: 8192. */
  readonly maxTokens?: number
  /** How often a request that failed before its answer began is made again. Default: 2. */
  readonly maxRetries?: number
  /** What it can use. Default: nothing. */
  readonly tools?: readonly Tool[]
  /**
   * Whether and how it thinks before it speaks; people see a summary. `adaptive`: as much as the question needs;
   * `between_tools`: only there; `budgetTokens`: at most so many tokens, from 1024 to less than `maxTokens`, for models
   * that are told how much to think (those from version 5 on take `adaptive` instead). Default: whatever the model does.
   */
  readonly thinking?: 'adaptive' | 'between_tools' | 'disabled' | { readonly budgetTokens: number }
  /** Requests that one answer may take: one more each time after tools were used or people steered. Default: 20. */
  readonly maxSteps?: number
  /** What becomes of an answer whose process ended, as `Agent.onInterrupted` says. Default: `wait`. */
  readonly onInterrupted?: 'end' | 'wait' | 'retry'
}

export const DEFAULT_MODEL = 'claude-sonnet-5-5' satisfies Anthropic.Model

const SYSTEM = 'You speak in a chat that one or more people read live. Answer in Markdown, and no longer than it takes.'
const CONTEXT = { messages: 100, characters: 200_000 }

/**
 * Keys, models and weather fail a run in words for the user; nothing of that is asked before the first message. Throws a
 * `TypeError` when a tool or a limit could not work.
 */
export function claude(options: ClaudeOptions = {}): Agent {
  const { model = DEFAULT_MODEL, system = SYSTEM, maxTokens = 8192, tools = [], maxSteps = 20 } = options
  const { onInterrupted = 'wait' } = options
  if (!Number.isInteger(maxSteps) || maxSteps < 1) throw new TypeError('maxSteps is a whole number from 1 on')
  const thinking = thinkingOf(options.thinking, maxTokens)
  const told = tools.map(toolOf)
  const titleOf = (name: string): string | undefined => tools.find((tool) => tool.name === name)?.title
  let opened: Promise<Anthropic> | undefined
  return defineAgent({
    id: 'claude',
    name: 'claude',
    tools,
    steers: true,
    onInterrupted,
    async *reply(turn) {
      const shelf = await shelfOf(turn, [...turn.history, turn.message], APPETITE)
      const messages = contextOf({ ...turn, shelf }, CONTEXT, tools.length > 0)
      if (messages.length === 0) throw new AgentFailure('message.empty', 'There is nothing to answer.')
      opened ??= open(options)
      const ask = {
        model,
        system,
        max_tokens: maxTokens,
        messages,
        stream: true,
        ...(told.length === 0 ? {} : { tools: told }),
        ...(thinking === undefined ? {} : { thinking }),
      } as const
      yield* steps(await opened, ask, turn, { maxSteps, titleOf })
    },
  })
}

function toolOf(tool: Tool): Anthropic.Tool {
  const { name, description } = tool
  const schema = inputSchemaOf(tool)
  if ((schema.type ?? 'object') !== 'object') throw new TypeError(`${name}: models give tools an object`)
  return { name, description, input_schema: { ...schema, type: 'object' } }
}

function thinkingOf(thinking: ClaudeOptions['thinking'], maxTokens: number): Anthropic.ThinkingConfigParam | undefined {
  if (thinking === undefined) return undefined
  if (thinking === 'adaptive') return { type: 'adaptive', display: 'summarized' }
  if (typeof thinking === 'string') return { type: thinking }
  const { budgetTokens } = thinking
  if (!Number.isInteger(budgetTokens) || budgetTokens < 1024 || budgetTokens >= maxTokens)
    throw new TypeError('budgetTokens is a whole number, from 1024 to less than maxTokens')
  return { type: 'enabled', budget_tokens: budgetTokens, display: 'summarized' }
}
