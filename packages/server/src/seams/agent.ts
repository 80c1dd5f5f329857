// Whoever answers.
import type { Failure, Json, Message, RoomId, RunId, ToolOutcome } from '@parley/protocol'

/** Why an agent is called, and what it may look at. */
export interface Turn {
  readonly room: RoomId
  readonly run: RunId
  /** The message to answer. */
  readonly message: Message
  /** The conversation before it, oldest first: whole messages, and what was kept of those that were cut short. */
  readonly history: readonly Message[]
  /** Aborts when somebody cancels, the time is up, or the server stops. What is yielded afterwards is not heard. */
  readonly signal: AbortSignal
}

/** A piece of an answer. A plain string is text. */
export type Thought =
  | string
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'tool.called'
      readonly call: string
      readonly name: string
      readonly title?: string
      readonly input: Json
    }
  | {
      readonly type: 'tool.ended'
      readonly call: string
      readonly outcome: ToolOutcome
      readonly output?: Json
      readonly failure?: Failure
    }

export interface Agent {
  /** Its user id, and the name by which `@name` calls it. */
  readonly id: string
  readonly name: string
  /** Streams an answer. Throwing fails the run: an {@link AgentFailure} in words for the user, anything else in general words. */
  reply(turn: Turn): AsyncIterable<Thought>
}

/** A failure whose text may be shown to the user. */
export class AgentFailure extends Error {
  readonly failure: Failure
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AgentFailure'
    this.failure = { code, message }
  }
}
