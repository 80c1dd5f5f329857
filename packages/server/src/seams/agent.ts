// Whoever answers.
import type {
  Approval,
  AttachedPart,
  Failure,
  Json,
  Message,
  RoomId,
  RunId,
  Tool as ToolCall,
  ToolOutcome,
  ToolProgress,
  Usage,
} from '@parley/protocol'
import type { Tool } from './tool.ts'

/** The files of a room, for whoever answers there. */
export interface RoomFiles {
  /** The bytes of a file that is said in the room, from the beginning. Rejects with a `Refusal` (`attachment.unknown`) where it is gone. */
  read(id: string): AsyncIterable<Uint8Array>
  /** A small picture of an image (WebP); undefined where none can be made. Rejects like `read`. */
  preview(id: string): Promise<Uint8Array | undefined>
  /** Keeps a file of the agent's own, to be said by yielding what this resolves with. Rejects with a `Refusal`. */
  keep(name: string, bytes: AsyncIterable<Uint8Array>): Promise<AttachedPart>
}

/** Why an agent is called, and what it may look at and do. */
export interface Turn {
  readonly room: RoomId
  readonly run: RunId
  /** The message to answer. */
  readonly message: Message
  /** The conversation before it, oldest first: whole messages that nothing supersedes, and what was kept of those that were cut short. */
  readonly history: readonly Message[]
  /** The tool calls of the history and of `partial`, by call. */
  readonly calls: ReadonlyMap<string, ToolCall>
  /**
   * What this run had written when its process ended: go on from there. Every tool call in it has ended. Only for agents
   * whose `onInterrupted` says so.
   */
  readonly partial?: Message
  readonly files: RoomFiles
  /** Aborts when somebody cancels, the time is up, or the server stops. What is yielded afterwards is not heard. */
  readonly signal: AbortSignal
  /**
   * Uses a tool: checks its input, asks for approval where it needs that, and sees it through its time limit, retries and
   * fallback while the room watches. Resolves when it has ended, one way or another; never rejects. `tool` is one of
   * the agent's own, or the name of one of `Agent.tools`. `call`: the agent's own id of a call that it has yielded already
   * as `tool.called`.
   */
  use(tool: Tool | string, input: unknown, options?: { readonly call?: string }): Promise<ToolResult>
  /**
   * Whether a call that the agent itself runs (one that it yielded as `tool.called`) may be made: asks the members of the
   * room and waits, at most `ms`. Undefined where the run is over.
   */
  approval(call: string, ms?: number): Promise<Approval | undefined>
  /**
   * The messages with which people have steered this run since this was last asked. After the end of a process, all of
   * the run's are told again: nobody knows which ones had been looked at.
   */
  steering(): readonly Message[]
  /** Aborts when there is something to be had from {@link steering}; each time it was emptied there is a new signal. */
  readonly steered: AbortSignal
}

/** How a tool call ended. */
export interface ToolResult {
  /** The call's id in the room. */
  readonly call: string
  readonly outcome: ToolOutcome
  readonly output?: Json
  readonly failure?: Failure
  /** What to tell a model: the output, what was printed, or why there is none. */
  readonly text: string
}

/**
 * A piece of an answer. A plain string is text. The kinds that begin with `tool.` are for tools that the agent, or a
 * library behind it, runs by itself; `call` is its own id, unique in the run.
 */
export type Thought =
  | string
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | AttachedPart
  /** With an `id`, a later one of the same name and id takes its place. */
  | { readonly type: 'data'; readonly name: string; readonly data: Json; readonly id?: string }
  | {
      readonly type: 'tool.called'
      readonly call: string
      readonly name: string
      readonly title?: string
      /** Absent: it follows in pieces (`tool.input`), then as a whole (`tool.ready`, or by `Turn.use`). */
      readonly input?: Json
    }
  /** A piece of the input's JSON. */
  | { readonly type: 'tool.input'; readonly call: string; readonly text: string }
  | { readonly type: 'tool.ready'; readonly call: string; readonly input: Json }
  /** A piece of what the tool prints. */
  | { readonly type: 'tool.output'; readonly call: string; readonly text: string }
  | ({ readonly type: 'tool.progress'; readonly call: string } & Progress)
  | {
      readonly type: 'tool.ended'
      readonly call: string
      readonly outcome: ToolOutcome
      readonly output?: Json
      readonly failure?: Failure
    }
  /** What one step used of a model; steps are added up. */
  | ({ readonly type: 'usage' } & Usage)

/** How far a tool has come. */
export type Progress = Omit<ToolProgress, 'type' | 'run' | 'call'>

export interface Agent {
  /** Its user id, and the name by which `@name` calls it. */
  readonly id: string
  readonly name: string
  /** Tools that it may use by name, and that can be taken up again after their process has ended. */
  readonly tools?: readonly Tool[]
  /** Whether it looks at {@link Turn.steering}. Default false: a message during a run waits. */
  readonly steers?: boolean
  /**
   * How many messages it is given as {@link Turn.history} at most, the latest. 0: it remembers by itself, or needs no memory,
   * and nothing is read for it. Default: as many as the last 200 events hold.
   */
  readonly history?: number
  /**
   * What becomes of a run whose process ended. `end`: it is interrupted. `wait`: if a tool of {@link tools} was waiting for
   * approval it goes on waiting elsewhere, and `reply` is called with `partial` afterwards; otherwise as `end`.
   * `retry`: `reply` is called again with `partial` in any case. Default `end`.
   */
  readonly onInterrupted?: 'end' | 'wait' | 'retry'
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
