// How a room looks: the fold of its log. Total, pure, shares structure; the same object back means nothing changed.
import {
  type Event,
  type Fact,
  type Failure,
  type MessageClosed,
  type MessageGrew,
  messageKey,
  type Outcome,
  type Part,
  type ToolCalled,
  type ToolEnded,
  type ToolOutcome,
} from './event.ts'
import type { Page } from './page.ts'
import type { Author, Json, Position, Priority, RoomId, RunId } from './words.ts'
import { absurd } from './words.ts'

export interface Message {
  /** `author/id`: ids are scoped to their author. */
  readonly key: string
  readonly id: string
  readonly by: Author
  readonly at: number
  /** Where it begins in the log. */
  readonly seq: number
  readonly parts: readonly Part[]
  readonly state: 'streaming' | Outcome
  readonly failure?: Failure
  readonly run?: RunId
  readonly priority?: Priority
  readonly meta?: { readonly [key: string]: Json }
}

export interface Run {
  readonly id: RunId
  readonly agent: Author
  /** Key of the message that it answers. */
  readonly cause: string
  readonly state: 'running' | 'cancelling' | Outcome
  readonly failure?: Failure
}

export interface Tool {
  readonly call: string
  readonly run: RunId
  readonly message: string
  readonly name: string
  readonly title?: string
  readonly input: Json
  readonly state: 'running' | ToolOutcome
  readonly output?: Json
  readonly failure?: Failure
}

export interface Timeline {
  readonly room: RoomId
  /** How far this picture goes; undefined before the first page. */
  readonly position: Position | undefined
  /** Where this picture begins: it tells all of (start, position]. */
  readonly start: number
  /** Whether the log holds events before `start`. */
  readonly earlier: boolean
  readonly messages: readonly Message[]
  readonly runs: ReadonlyMap<RunId, Run>
  readonly tools: ReadonlyMap<string, Tool>
}

export function emptyTimeline(room: RoomId): Timeline {
  return { room, position: undefined, start: 0, earlier: false, messages: [], runs: new Map(), tools: new Map() }
}

/** The picture after a page that came live, by joining or by catching up. A page that adds nothing, or does not follow, is ignored. */
export function applyPage(timeline: Timeline, page: Page): Timeline {
  const { position } = timeline
  if (page.reset !== undefined || position === undefined) {
    const fresh: Timeline = { ...emptyTimeline(timeline.room), start: page.after, earlier: page.earlier ?? false }
    return fold(fresh, page.events, { epoch: page.epoch, seq: page.upTo })
  }
  if (page.epoch !== position.epoch || page.upTo <= position.seq || page.after > position.seq) return timeline
  const events = page.after === position.seq ? page.events : page.events.filter((event) => event.seq > position.seq)
  return fold(timeline, events, { epoch: page.epoch, seq: page.upTo })
}

/** The picture with a page of history before it. The page must end where the picture starts. */
export function prependPage(timeline: Timeline, page: Page): Timeline {
  if (timeline.position === undefined || page.epoch !== timeline.position.epoch || page.upTo !== timeline.start)
    return timeline
  const past = fold({ ...emptyTimeline(timeline.room), start: page.after }, page.events, timeline.position)
  return {
    ...timeline,
    start: page.after,
    earlier: page.earlier ?? false,
    messages: [...past.messages, ...timeline.messages],
    runs: new Map([...past.runs, ...timeline.runs]),
    tools: new Map([...past.tools, ...timeline.tools]),
  }
}

/** The picture of a whole page by itself. */
export function timelineOf(page: Page): Timeline {
  return applyPage(emptyTimeline(page.room), page)
}

/** Collections are copied at most once per page, not once per event; what no event speaks of stays the same object. */
class Draft {
  readonly #from: Timeline
  readonly messages: Message[]
  #runs: Map<RunId, Run> | undefined
  #tools: Map<string, Tool> | undefined
  readonly #at = new Map<string, number>()

  constructor(timeline: Timeline) {
    this.#from = timeline
    this.messages = [...timeline.messages]
  }

  get runs(): ReadonlyMap<RunId, Run> {
    return this.#runs ?? this.#from.runs
  }

  get tools(): ReadonlyMap<string, Tool> {
    return this.#tools ?? this.#from.tools
  }

  #setRun(run: Run): void {
    this.#runs ??= new Map(this.#from.runs)
    this.#runs.set(run.id, run)
  }

  setTool(tool: Tool): void {
    this.#tools ??= new Map(this.#from.tools)
    this.#tools.set(tool.call, tool)
  }

  /** Each event is folded once and its key is unique in the log, so nothing needs to be looked for. */
  add(message: Message): void {
    this.#at.set(message.key, this.messages.push(message) - 1)
  }

  start(run: Run): void {
    if (!this.runs.has(run.id)) this.#setRun(run)
  }

  /** A run that has ended stays as it ended. */
  move(id: RunId, state: Run['state'], failure?: Failure): void {
    const run = this.runs.get(id)
    if (run?.state !== 'running' && run?.state !== 'cancelling') return
    this.#setRun({ ...run, state, ...(failure === undefined ? {} : { failure }) })
  }

  /** A message that is spoken of is nearly always among the last. */
  find(key: string): number {
    const known = this.#at.get(key)
    if (known !== undefined) return known
    const found = this.messages.findLastIndex((message) => message.key === key)
    if (found >= 0) this.#at.set(key, found)
    return found
  }

  change(key: string, how: (message: Message) => Message): void {
    const index = this.find(key)
    const message = this.messages[index]
    if (message !== undefined) this.messages[index] = how(message)
  }
}

function fold(timeline: Timeline, events: readonly Event[], position: Position): Timeline {
  if (events.length === 0) return { ...timeline, position }
  const draft = new Draft(timeline)
  for (const event of events) apply(draft, event, event.fact)
  return { ...timeline, position, messages: draft.messages, runs: draft.runs, tools: draft.tools }
}

function apply(draft: Draft, event: Event, fact: Fact): void {
  const { by, at, seq } = event
  switch (fact.type) {
    case 'message.posted': {
      const id = event.id ?? `${seq}`
      const { parts, priority, meta } = fact
      const rest = { ...(priority === undefined ? {} : { priority }), ...(meta === undefined ? {} : { meta }) }
      draft.add({ key: messageKey(by.id, id), id, by, at, seq, parts, state: 'completed', ...rest })
      break
    }
    case 'message.opened': {
      const { message: id, run } = fact
      const rest = run === undefined ? {} : { run }
      draft.add({ key: messageKey(by.id, id), id, by, at, seq, parts: [], state: 'streaming', ...rest })
      break
    }
    case 'message.grew':
      draft.change(messageKey(by.id, fact.message), (message) => grow(message, fact))
      break
    case 'message.closed':
      draft.change(messageKey(by.id, fact.message), (message) => close(message, fact))
      break
    case 'run.started':
      draft.start({ id: fact.run, agent: by, cause: fact.cause, state: 'running' })
      break
    case 'run.cancelling':
      draft.move(fact.run, 'cancelling')
      break
    case 'run.ended':
      draft.move(fact.run, fact.outcome, fact.failure)
      break
    case 'tool.called': {
      const { call, run, message, name, input, title } = fact
      const rest = title === undefined ? {} : { title }
      draft.setTool({ call, run, message, name, input, state: 'running', ...rest })
      draft.change(messageKey(by.id, message), (whole) => place(whole, fact))
      break
    }
    case 'tool.ended': {
      const tool = draft.tools.get(fact.call)
      if (tool?.state === 'running') draft.setTool(end(tool, fact))
      break
    }
    default:
      absurd(fact)
  }
}

function close(message: Message, { parts, outcome, failure }: MessageClosed): Message {
  if (message.state !== 'streaming') return message
  return { ...message, parts, state: outcome, ...(failure === undefined ? {} : { failure }) }
}

function place(message: Message, { part, call }: ToolCalled): Message {
  if (message.state !== 'streaming' || message.parts.length !== part) return message
  return { ...message, parts: [...message.parts, { type: 'tool', call }] }
}

function end(tool: Tool, { outcome, output, failure }: ToolEnded): Tool {
  const rest = { ...(output === undefined ? {} : { output }), ...(failure === undefined ? {} : { failure }) }
  return { ...tool, state: outcome, ...rest }
}

/** The message with one more piece, or the same message where the piece does not fit. */
function grow(message: Message, fact: MessageGrew): Message {
  if (message.state !== 'streaming') return message
  const part = message.parts[fact.part]
  if (part === undefined) {
    if (fact.part !== message.parts.length || fact.from !== 0) return message
    return { ...message, parts: [...message.parts, { type: fact.kind, text: fact.text }] }
  }
  if (part.type !== fact.kind || part.text.length !== fact.from) return message
  const parts = message.parts.with(fact.part, { ...part, text: part.text + fact.text })
  return { ...message, parts }
}
