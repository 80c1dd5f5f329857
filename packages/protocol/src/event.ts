// Facts: what a room's log is made of. A fact is past, whole and never changes.
import type { Author, Json, Priority, RunId } from './words.ts'

/** A piece of a message. A message may mix them in any order. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'tool'; readonly call: string }
  | { readonly type: 'data'; readonly name: string; readonly data: Json }
  | AttachedPart

/** A file beside the log, said in a message: to be looked at, to be heard, or to be had. */
export interface AttachedPart {
  readonly type: 'image' | 'audio' | 'file'
  readonly attachment: Attachment
}

/** What is known of a file beside the log. All of it is the server's word, but for the name. */
export interface Attachment {
  /** Unique in all rooms, and nobody's to guess. */
  readonly id: string
  /** As its owner called it: 1 to 255 characters, never a path. */
  readonly name: string
  /** Told by its first bytes. */
  readonly mediaType: string
  /** Bytes. */
  readonly size: number
  /** Of all its bytes, in hex. */
  readonly sha256: string
  /** Of an image, in pixels, as it is to be shown. */
  readonly width?: number
  readonly height?: number
  /** Of a sound. */
  readonly durationMs?: number
  /** How loud a sound is, from its beginning to its end: 0 to 100 each. */
  readonly peaks?: readonly number[]
}

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
  /** Key of an earlier message of the same author, which this one says better. That one and its answers stay in the log. */
  readonly supersedes?: string
  /** Key of the message that it answers. */
  readonly replyTo?: string
  /** Ids of users and agents who are meant. */
  readonly mentions?: readonly string[]
  /** Set by the log when the content was removed: `parts` is empty. */
  readonly redacted?: true
}

/** Its author says a message differently. It keeps its place; `message` is its key. */
export interface MessageEdited {
  readonly type: 'message.edited'
  readonly message: string
  readonly parts: readonly Part[]
}

/** The content of a message is removed, from the log too; its place stays. By its author, or by who manages the room. */
export interface MessageRedacted {
  readonly type: 'message.redacted'
  readonly message: string
  readonly reason?: string
}

/** Somebody reacts to a message, with an emoji or a word of at most 32 characters, or takes that back. */
export interface MessageReacted {
  readonly type: 'message.reacted'
  readonly message: string
  readonly reaction: string
  readonly on: boolean
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

/**
 * A part that does not grow, a `data` part for instance, stands as part `part`; where one stands there already, with the
 * same type, it takes its place.
 */
export interface MessageAdded {
  readonly type: 'message.added'
  readonly message: string
  readonly part: number
  readonly content: Part
}

/** The message is whole; `parts` carries all of it, so growth before it is disposable. */
export interface MessageClosed {
  readonly type: 'message.closed'
  readonly message: string
  readonly parts: readonly Part[]
  readonly outcome: Outcome
  readonly failure?: Failure
  /** Set by the log when the content was removed: `parts` is empty. */
  readonly redacted?: true
}

/** An agent sets to work on the server process `node`, to answer the message with the key `cause` (`author/id`). */
export interface RunStarted {
  readonly type: 'run.started'
  readonly run: RunId
  readonly cause: string
  readonly node: string
  /** The run whose answer this one replaces. That one stays in the log. */
  readonly supersedes?: RunId
}

/**
 * Another server process `node` has taken over the run, with what was written so far. From here on the log takes nothing
 * of it from the process that held it before.
 */
export interface RunResumed {
  readonly type: 'run.resumed'
  readonly run: RunId
  readonly node: string
  /** Seq at which the run started. */
  readonly since: number
}

/** The message with the key `cause` (`author/id`) goes to the run at work, instead of beginning one. */
export interface RunSteered {
  readonly type: 'run.steered'
  readonly run: RunId
  readonly cause: string
}

/** Somebody asked the run to stop. */
export interface RunCancelling {
  readonly type: 'run.cancelling'
  readonly run: RunId
}

/** What a run used of its model, over all its steps. */
export interface Usage {
  readonly model?: string
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface RunEnded {
  readonly type: 'run.ended'
  readonly run: RunId
  readonly outcome: Outcome
  readonly failure?: Failure
  readonly usage?: Usage
}

/** The agent uses a tool; it stands as part `part` of `message`. Without `input`, that is still being written. */
export interface ToolCalled {
  readonly type: 'tool.called'
  readonly run: RunId
  readonly message: string
  readonly part: number
  /** Unique in the room. */
  readonly call: string
  readonly name: string
  readonly title?: string
  readonly input?: Json
}

/** The text of the input (JSON) or of what the tool prints becomes longer. Applies only where it has exactly `from` UTF-16 units. */
export interface ToolGrew {
  readonly type: 'tool.grew'
  readonly run: RunId
  readonly call: string
  readonly kind: 'input' | 'output'
  readonly from: number
  readonly text: string
}

/** The input is whole. */
export interface ToolReady {
  readonly type: 'tool.ready'
  readonly run: RunId
  readonly call: string
  readonly input: Json
}

/** The tool may be used only if somebody who may run agents in the room allows it, at the latest `until` (ms since 1970). */
export interface ApprovalAsked {
  readonly type: 'approval.asked'
  readonly run: RunId
  readonly call: string
  readonly until: number
}

/** The only decision about a call. Said by the system, so that there is one; `user` is who decided, absent when nobody did. */
export interface ApprovalGiven {
  readonly type: 'approval.given'
  readonly run: RunId
  readonly call: string
  readonly approved: boolean
  readonly reason?: string
  readonly user?: Author
}

/** A tool that needed approval sets to work. After this it is never begun again. */
export interface ToolStarted {
  readonly type: 'tool.started'
  readonly run: RunId
  readonly call: string
}

/** Somebody asked the tool to stop; the run goes on. */
export interface ToolCancelling {
  readonly type: 'tool.cancelling'
  readonly run: RunId
  readonly call: string
}

/** The only end of a call. `printed` is all that is kept of what it printed, so growth before it is disposable. */
export interface ToolEnded {
  readonly type: 'tool.ended'
  readonly run: RunId
  readonly call: string
  readonly outcome: ToolOutcome
  readonly output?: Json
  readonly printed?: string
  readonly failure?: Failure
}

/** Work to be done. */
export interface Task {
  /** Unique in the room. */
  readonly id: string
  readonly title: string
  /** `open`, `in_progress`, `blocked`, `done`, `cancelled`, or a label of the app's own. */
  readonly status: string
  /** 0 to 100. */
  readonly progress: number
  readonly priority: Priority
  /** Id of a user or an agent. */
  readonly assignee?: string
  readonly metadata?: { readonly [key: string]: Json }
}

/** A task as it stands from now on, whole; `change` says what is different. */
export interface TaskSet {
  readonly type: 'task.set'
  readonly task: Task
  readonly change: 'created' | 'updated' | 'assigned'
}

/** Whether nothing is to be done any more. */
export function isTaskOver({ status }: Task): boolean {
  return status === 'done' || status === 'cancelled'
}

export type Fact =
  | MessagePosted
  | MessageEdited
  | MessageRedacted
  | MessageReacted
  | TaskSet
  | MessageOpened
  | MessageGrew
  | MessageAdded
  | MessageClosed
  | RunStarted
  | RunResumed
  | RunSteered
  | RunCancelling
  | RunEnded
  | ToolCalled
  | ToolGrew
  | ToolReady
  | ApprovalAsked
  | ApprovalGiven
  | ToolStarted
  | ToolCancelling
  | ToolEnded

/** Growth is disposable once the span that it lies within is closed: what closes it tells the whole. */
export type Growth = MessageGrew | MessageAdded | ToolGrew

export function isGrowth(fact: Fact): fact is Growth {
  return fact.type === 'message.grew' || fact.type === 'tool.grew' || fact.type === 'message.added'
}

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
 * Which stretch of the log a fact belongs to. A log refuses `within`, `closes` and `retakes` for a span that is not open,
 * so nobody writes on after the end, and the retention horizon never falls inside a span.
 */
export interface SpanUse {
  readonly opens?: string
  readonly closes?: string
  readonly within?: string
  /** The span goes on, but begins anew for whoever holds it: only they may write in it as its holder. */
  readonly retakes?: string
}

const outside: SpanUse = {}

export function spanUse(fact: Fact): SpanUse {
  switch (fact.type) {
    case 'message.opened':
      return fact.run === undefined
        ? { opens: `message/${fact.message}` }
        : { opens: `message/${fact.message}`, within: runSpan(fact.run) }
    case 'message.grew':
    case 'message.added':
      return { within: `message/${fact.message}` }
    case 'message.closed':
      return { closes: `message/${fact.message}` }
    case 'run.started':
      return { opens: runSpan(fact.run) }
    case 'run.resumed':
      return { retakes: runSpan(fact.run) }
    case 'run.cancelling':
    case 'run.steered':
      return { within: runSpan(fact.run) }
    case 'tool.called':
      return { opens: toolSpan(fact), within: runSpan(fact.run) }
    case 'tool.grew':
    case 'tool.ready':
    case 'tool.started':
    case 'tool.cancelling':
      return { within: toolSpan(fact) }
    case 'approval.asked':
      return { opens: approvalSpan(fact), within: toolSpan(fact) }
    case 'approval.given':
      return { closes: approvalSpan(fact) }
    case 'tool.ended':
      return { closes: toolSpan(fact) }
    case 'run.ended':
      return { closes: runSpan(fact.run) }
    case 'message.posted':
    case 'message.edited':
    case 'message.redacted':
    case 'message.reacted':
    case 'task.set':
      return outside
  }
}

/**
 * Facts that tell how something stands, whole: only the latest with a key counts. A log keeps it beyond the retention
 * horizon, and a page that starts anew tells the `live` ones that lie before it.
 */
export interface Standing {
  readonly key: string
  readonly live: boolean
}

export function standingOf(fact: Fact): Standing | undefined {
  if (fact.type !== 'task.set') return undefined
  return { key: `task/${fact.task.id}`, live: !isTaskOver(fact.task) }
}

type OfCall = { readonly run: RunId; readonly call: string }

export function runSpan(run: RunId): string {
  return `run/${run}`
}

export function toolSpan({ run, call }: OfCall): string {
  return `tool/${run}/${call}`
}

function approvalSpan({ run, call }: OfCall): string {
  return `approval/${run}/${call}`
}

/** The words of a message, without its reasoning, tools and data. */
export function textOf(parts: readonly Part[]): string {
  let text = ''
  for (const part of parts) if (part.type === 'text') text += part.text
  return text
}

export function isAttached(part: Part): part is AttachedPart {
  return part.type === 'image' || part.type === 'audio' || part.type === 'file'
}

/** The files that are said in a message, in their order. */
export function attachmentsOf(parts: readonly Part[]): readonly Attachment[] {
  return parts.filter(isAttached).map(({ attachment }) => attachment)
}

/** As what a file is said unless somebody chose otherwise. */
export function attachedPart(attachment: Attachment): AttachedPart {
  const [kind] = attachment.mediaType.split('/')
  return { type: kind === 'image' || kind === 'audio' ? kind : 'file', attachment }
}

/** What a message says in few words: its text, or the names of its files where it has none. */
export function gistOf(parts: readonly Part[]): string {
  const text = textOf(parts)
  return text.trim() === '' ? namesOf(parts) : text
}

/** All words of a message that can be looked for: its text and the names of its files. */
export function wordsIn(parts: readonly Part[]): string {
  const names = namesOf(parts)
  return names === '' ? textOf(parts) : `${textOf(parts)} ${names}`
}

function namesOf(parts: readonly Part[]): string {
  return attachmentsOf(parts)
    .map(({ name }) => name)
    .join(', ')
}

/** The key of a message: ids are scoped to their author. */
export function messageKey(author: string, id: string): string {
  return `${author}/${id}`
}

/** Author and id of a message's key. Ids hold no slash; whoever says something may have one in theirs. */
export function partsOfKey(key: string): readonly [author: string, id: string] {
  const slash = key.lastIndexOf('/')
  return [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)]
}

/** The event without the content of the message with this key, if it held any: as it is after `message.redacted`. */
export function withoutContent(event: Event, key: string): Event {
  const { by, id, fact } = event
  if (fact.type === 'message.posted' && messageKey(by.id, id ?? '') === key) {
    const { meta: _, ...rest } = fact
    return { ...event, fact: { ...rest, parts: [], redacted: true } }
  }
  if (fact.type === 'message.closed' && messageKey(by.id, fact.message) === key)
    return { ...event, fact: { ...fact, parts: [], redacted: true } }
  if (fact.type === 'message.edited' && fact.message === key) return { ...event, fact: { ...fact, parts: [] } }
  return event
}
