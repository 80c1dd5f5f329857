// What an agent can do besides talking.
import type { Author, Json, RoomId, RunId } from '@parley/protocol'
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { Progress, RoomFiles } from './agent.ts'

/**
 * What a tool takes: a schema that can check and describe itself (zod 4.2 or later, and others that implement Standard
 * Schema and Standard JSON Schema), or a plain JSON Schema, which is told to models and not checked here.
 */
export type ToolInput<Input> = (StandardSchemaV1<unknown, Input> & StandardJSONSchemaV1<unknown, Input>) | JsonSchema

export interface JsonSchema {
  readonly jsonSchema: { readonly [key: string]: Json }
}

/** Under which circumstances a tool is used. */
export interface ToolContext {
  readonly room: RoomId
  readonly run: RunId
  readonly call: string
  /** Who asked the question that the run answers. */
  readonly user: Author
  readonly files: RoomFiles
  /** From 1; more than 1 after a failure that is tried again. */
  readonly attempt: number
  /** Aborts when the call or its run is cancelled, and when its time is up. Nobody waits for a tool that ignores it. */
  readonly signal: AbortSignal
}

/** What a tool says while it works: how far it has come, or (as text) what it prints. */
export type ToolNews = string | ({ readonly type: 'progress' } & Progress)

type Execution = AsyncIterator<ToolNews, unknown> & AsyncIterable<ToolNews, unknown>

/** Decides whether a call needs approval. (A method, so that tools of all inputs fit into one list.) */
interface Scruple<Input> {
  asks(input: Input, context: Omit<ToolContext, 'attempt' | 'signal'>): boolean | Promise<boolean>
}

export interface Tool<Input = unknown> {
  /** What models call it: 1 to 64 of `A-Z a-z 0-9 _ -`. */
  readonly name: string
  /** What people read. Default: the name. */
  readonly title?: string
  /** What it does and when to use it, for models. */
  readonly description: string
  readonly input: ToolInput<Input>
  /** Whether somebody must allow it first; may depend on the input. Default false. */
  readonly approval?: boolean | Scruple<Input>['asks']
  /** How long an approval is waited for, ms. Default one hour. */
  readonly approvalMs?: number
  /** How long one attempt may take, ms. Default one minute. */
  readonly timeoutMs?: number
  /** How often it is tried again after a failure or a time-out. Default 0. */
  readonly retries?: number
  /** What is used instead, with the same input, when it fails for good. */
  readonly fallback?: Tool<Input>
  /**
   * Does it. An async generator may yield {@link ToolNews}; what it returns is the output, which must be JSON. Without
   * any, what it printed is the output. Throwing fails the attempt: an `AgentFailure` in words for the user.
   */
  execute(input: Input, context: ToolContext): Execution | unknown
}
