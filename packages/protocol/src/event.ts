// Facts: what a room's log is made of. A fact is past, whole and never changes.
import type { Author, Json, Priority, RunId } from './words.ts'

/** A piece of a message. A message may mix them in any order. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'tool'; readonly call: string }
  | { readonly type: 'data'; readonly name: string; readonly data: Json }

/** How a run, and the message it wrote, came to its end. Exactly one of these is always written. */
export type Outcome = 'completed' | 'cancelled' | 'failed' | 'timed_out' | 'interrupted'

export type ToolOutcome = 'ok' | 'failed' | 'timed_out' | 'cancelled' | 'denied' | 'skipped'

/** Why something failed, in words meant for the user. */
export interface Failure {
  readonly code: string
  readonly message: string
}

/** A whole message at once, as people send it. Its id is the event's id. */
export interface MessagePosted {
  readonly type: 'message.posted'
  readonly parts: readonly Part[]
  readonly priority?: Priority
  readonly meta?: { readonly [key: string]: Json }
}

/** A message begins that will grow. Its author is the event's. */
export interface MessageOpened {
  readonly type: 'message.opened'
  readonly message: string
  readonly run?: RunId
}

/** Text is added to part `part`. Applies only where that part's text has exactly `from` UTF-16 units. */
export interface MessageGrew {
  readonly type: 'message.grew'
  readonly message: string
  readonly part: number
  readonly kind: 'text' | 'reasoning'
  readonly from: number
  readonly text: string
}

/** The message is whole; `parts` carries all of it, so growth before it is disposable. */
export interface MessageClosed {
  readonly type: 'message.closed'
  readonly message: string
  readonly parts: readonly Part[]
  readonly outcome: Outcome
  readonly failure?: Failure
}

/** An agent sets to work on the server process `node`, to answer the message with the key `cause` (`author/id`). */
export interface RunStarted {
  readonly type: 'run.started'
  readonly run: RunId
  readonly cause: string
  readonly node: string
}

/** Somebody asked the run to stop. */
export interface RunCancelling {
  readonly type: 'run.cancelling'
  readonly run: RunId
}

export interface RunEnded {
  readonly type: 'run.ended'
  readonly run: RunId
  readonly outcome: Outcome
  readonly failure?: Failure
}

/** The agent uses a tool; it stands as part `part` of `message`. */
export interface ToolCalled {
  readonly type: 'tool.called'
  readonly run: RunId
  readonly message: string
  readonly part: number
  readonly call: string
  readonly name: string
  readonly title?: string
  readonly input: Json
}

export interface ToolEnded {
  readonly type: 'tool.ended'
  readonly run: RunId
  readonly call: string
  readonly outcome: ToolOutcome
  readonly output?: Json
  readonly failure?: Failure
}

export type Fact =
  | MessagePosted
  | MessageOpened
  | MessageGrew
  | MessageClosed
  | RunStarted
  | RunCancelling
  | RunEnded
  | ToolCalled
  | ToolEnded

/** A fact in its room's log. */
export interface Event {
  /** 1, 2, 3 … in its room and epoch. Seqs of disposed growth are missing, never reused. */
  readonly seq: number
  /** Milliseconds since 1970 by the server's clock: for people to read, never for ordering. */
  readonly at: number
  readonly by: Author
  /** The author's own id for it: the idempotency key (room, by.id, id). Growth has none. */
  readonly id?: string
  readonly fact: Fact
}

/**
 * Which stretch of the log a fact belongs to. A log refuses `within` and `closes` for a span that is not open,
 * so nobody writes on after the end, and the retention horizon never falls inside a span.
 */
export interface SpanUse {
  readonly opens?: string
  readonly closes?: string
  readonly within?: string
}

const outside: SpanUse = {}

export function spanUse(fact: Fact): SpanUse {
  switch (fact.type) {
    case 'message.opened':
      return fact.run === undefined
        ? { opens: `message/${fact.message}` }
        : { opens: `message/${fact.message}`, within: `run/${fact.run}` }
    case 'message.grew':
      return { within: `message/${fact.message}` }
    case 'message.closed':
      return { closes: `message/${fact.message}` }
    case 'run.started':
      return { opens: `run/${fact.run}` }
    case 'run.cancelling':
    case 'tool.called':
    case 'tool.ended':
      return { within: `run/${fact.run}` }
    case 'run.ended':
      return { closes: `run/${fact.run}` }
    case 'message.posted':
      return outside
  }
}

/** The words of a message, without its reasoning, tools and data. */
export function textOf(parts: readonly Part[]): string {
  let text = ''
  for (const part of parts) if (part.type === 'text') text += part.text
  return text
}

/** The key of a message: ids are scoped to their author. */
export function messageKey(author: string, id: string): string {
  return `${author}/${id}`
}
