// How a room looks: the fold of its log. Total, pure, shares structure; the same object back means nothing changed.
import {
  type Event,
  type Fact,
  type Failure,
  type MessageAdded,
  type MessageClosed,
  type MessageGrew,
  type MessageReacted,
  messageKey,
  type Outcome,
  type Part,
  type Task,
  type ToolCalled,
  type ToolEnded,
  type ToolGrew,
  type ToolOutcome,
  type Usage,
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
  /** What says it better: the key of the question that was asked anew, or the run that answers anew. Show that instead. */
  readonly supersededBy?: string
  /** Key of the message that it answers. */
  readonly replyTo?: string
  readonly mentions?: readonly string[]
  /** When it was edited last, ms since 1970. */
  readonly editedAt?: number
  /** Its content was removed; `parts` is empty. */
  readonly redacted?: boolean
  /** Who reacted how: ids of users by reaction. */
  readonly reactions?: ReadonlyMap<string, readonly string[]>
}

export interface Run {
  readonly id: RunId
  readonly agent: Author
  /** Key of the message that it answers. */
  readonly cause: string
  readonly state: 'running' | 'cancelling' | Outcome
  readonly failure?: Failure
  /** Keys of messages that were given to it while it was at work. */
  readonly steeredBy?: readonly string[]
  readonly usage?: Usage
}

/** A decision about a tool call, or that one is waited for. */
export interface Approval {
  /** When it is too late, ms since 1970. */
  readonly until: number
  /** Absent: not decided yet. */
  readonly approved?: boolean
  readonly reason?: string
  /** Who decided; absent when nobody did in time. */
  readonly user?: Author
}

export interface Tool {
  readonly call: string
  readonly run: RunId
  /** Id of the message that it stands in. */
  readonly message: string
  /** Whose tool it is. */
  readonly by: Author
  readonly name: string
  readonly title?: string
  /** Absent as long as it is being written. */
  readonly input?: Json
  /** The JSON of the input so far, while it is being written. */
  readonly inputText?: string
  /** `writing`: the input is not whole; `asking`: somebody must allow it first. */
  readonly state: 'writing' | 'asking' | 'running' | 'cancelling' | ToolOutcome
  readonly approval?: Approval
  /** What it printed. */
  readonly printed?: string
  readonly output?: Json
  readonly failure?: Failure
}

export function isToolOver({ state }: Tool): boolean {
  return state !== 'writing' && state !== 'asking' && state !== 'running' && state !== 'cancelling'
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
  /** By call. */
  readonly tools: ReadonlyMap<string, Tool>
  /** What is superseded, message keys and runs, and by what: also what lies before `start`. */
  readonly superseded: ReadonlyMap<string, string>
  /** By id: those that are not over, and those that changed since `start`. */
  readonly tasks: ReadonlyMap<string, Task>
  /** What was said since `start` about messages before it, by message key, for when these are asked for. */
  readonly afterthoughts: ReadonlyMap<string, readonly Event[]>
}

export function emptyTimeline(room: RoomId): Timeline {
  const none = {
    messages: [],
    runs: new Map(),
    tools: new Map(),
    superseded: new Map(),
    tasks: new Map(),
    afterthoughts: new Map(),
  }
  return { room, position: undefined, start: 0, earlier: false, ...none }
}

/** The picture after a page that came live, by joining or by catching up. A page that adds nothing, or does not follow, is ignored. */
export function applyPage(timeline: Timeline, page: Page): Timeline {
  const { position } = timeline
  if (page.reset !== undefined || position === undefined) {
    const fresh: Timeline = { ...emptyTimeline(timeline.room), start: page.after, earlier: page.earlier ?? false }
    const position = { epoch: page.epoch, seq: page.upTo }
    const standing = fold(fresh, page.standing ?? [], position)
    return fold(standing, page.events, position)
  }
  if (page.epoch !== position.epoch || page.upTo <= position.seq || page.after > position.seq) return timeline
  const events = page.after === position.seq ? page.events : page.events.filter((event) => event.seq > position.seq)
  return fold(timeline, events, { epoch: page.epoch, seq: page.upTo })
}

/** The picture with a page of history before it. The page must end where the picture starts. */
export function prependPage(timeline: Timeline, page: Page): Timeline {
  if (timeline.position === undefined || page.epoch !== timeline.position.epoch || page.upTo !== timeline.start)
    return timeline
  const told = fold({ ...emptyTimeline(timeline.room), start: page.after }, page.events, timeline.position)
  const past = fold(told, [...timeline.afterthoughts.values()].flat(), timeline.position)
  const superseded = new Map([...past.superseded, ...timeline.superseded])
  const runs = new Map([...past.runs, ...timeline.runs])
  for (const { id, cause } of runs.values()) {
    const by = superseded.get(cause)
    if (by !== undefined) superseded.set(id, by)
  }
  const messages = [...past.messages, ...timeline.messages]
  return {
    ...timeline,
    start: page.after,
    earlier: page.earlier ?? false,
    superseded,
    messages: messages.map((message) => withSuperseder(message, superseded)),
    runs,
    tools: new Map([...past.tools, ...timeline.tools]),
    tasks: new Map([...past.tasks, ...timeline.tasks]),
    afterthoughts: past.afterthoughts,
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
  #superseded: Map<string, string> | undefined
  #tasks: Map<string, Task> | undefined
  #afterthoughts: Map<string, readonly Event[]> | undefined
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

  get superseded(): ReadonlyMap<string, string> {
    return this.#superseded ?? this.#from.superseded
  }

  get tasks(): ReadonlyMap<string, Task> {
    return this.#tasks ?? this.#from.tasks
  }

  get afterthoughts(): ReadonlyMap<string, readonly Event[]> {
    return this.#afterthoughts ?? this.#from.afterthoughts
  }

  task(task: Task): void {
    this.#tasks ??= new Map(this.#from.tasks)
    this.#tasks.set(task.id, task)
  }

  /** What is said about a message: now, or when that message is told. */
  reconsider(key: string, event: Event): void {
    if (this.find(key) >= 0) return this.change(key, (message) => reconsider(message, event))
    this.#afterthoughts ??= new Map(this.#from.afterthoughts)
    this.#afterthoughts.set(key, [...(this.#afterthoughts.get(key) ?? []), event])
  }

  #setRun(run: Run): void {
    this.#runs ??= new Map(this.#from.runs)
    this.#runs.set(run.id, run)
  }

  #setTool(tool: Tool): void {
    this.#tools ??= new Map(this.#from.tools)
    this.#tools.set(tool.call, tool)
  }

  /** Each event is folded once and its key is unique in the log, so nothing needs to be looked for. */
  add(message: Message): void {
    this.#at.set(message.key, this.messages.push(message) - 1)
  }

  /** `what`: the key of a message, or a run whose messages are meant. */
  supersede(what: string, by: string): void {
    this.#superseded ??= new Map(this.#from.superseded)
    this.#superseded.set(what, by)
    for (const [index, message] of this.messages.entries())
      if (message.key === what || message.run === what) this.messages[index] = { ...message, supersededBy: by }
  }

  start(run: Run): void {
    if (!this.runs.has(run.id)) this.#setRun(run)
  }

  /** A run that has ended stays as it ended. */
  run(id: RunId, how: (run: Run) => Run): void {
    const run = this.runs.get(id)
    if (run?.state === 'running' || run?.state === 'cancelling') this.#setRun(how(run))
  }

  call(tool: Tool): void {
    if (!this.tools.has(tool.call)) this.#setTool(tool)
  }

  /** A call that has ended stays as it ended. */
  tool({ run, call }: { readonly run: RunId; readonly call: string }, how: (tool: Tool) => Tool): void {
    const tool = this.tools.get(call)
    if (tool !== undefined && tool.run === run && !isToolOver(tool)) this.#setTool(how(tool))
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
  const { messages, runs, tools, superseded, tasks, afterthoughts } = draft
  return { ...timeline, position, messages, runs, tools, superseded, tasks, afterthoughts }
}

function apply(draft: Draft, event: Event, fact: Fact): void {
  const { by, at, seq } = event
  switch (fact.type) {
    case 'message.posted': {
      const id = event.id ?? `${seq}`
      const { parts, priority, meta, supersedes, replyTo, mentions, redacted } = fact
      const key = messageKey(by.id, id)
      const rest = {
        ...(priority === undefined ? {} : { priority }),
        ...(meta === undefined ? {} : { meta }),
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(mentions === undefined ? {} : { mentions }),
        ...(redacted === undefined ? {} : { redacted }),
      }
      draft.add({ key, id, by, at, seq, parts, state: 'completed', ...rest })
      if (supersedes !== undefined) supersedeQuestion(draft, supersedes, key)
      break
    }
    case 'message.edited':
    case 'message.redacted':
    case 'message.reacted':
      draft.reconsider(fact.message, event)
      break
    case 'task.set':
      draft.task(fact.task)
      break
    case 'message.opened': {
      const { message: id, run } = fact
      const rest = run === undefined ? {} : { run }
      const message: Message = { key: messageKey(by.id, id), id, by, at, seq, parts: [], state: 'streaming', ...rest }
      draft.add(withSuperseder(message, draft.superseded))
      break
    }
    case 'message.grew':
      draft.change(messageKey(by.id, fact.message), (message) => grow(message, fact))
      break
    case 'message.added':
      draft.change(messageKey(by.id, fact.message), (message) => add(message, fact))
      break
    case 'message.closed':
      draft.change(messageKey(by.id, fact.message), (message) => close(message, fact))
      break
    case 'run.started': {
      const { run, cause, supersedes } = fact
      draft.start({ id: run, agent: by, cause, state: 'running' })
      // What says the question better says better than any answer to it.
      const better = draft.superseded.get(cause)
      if (better !== undefined) draft.supersede(run, better)
      else if (supersedes !== undefined) draft.supersede(supersedes, run)
      break
    }
    case 'run.resumed':
      break
    case 'run.steered':
      draft.run(fact.run, (run) => ({ ...run, steeredBy: [...(run.steeredBy ?? []), fact.cause] }))
      break
    case 'run.cancelling':
      draft.run(fact.run, (run) => ({ ...run, state: 'cancelling' }))
      break
    case 'run.ended': {
      const { outcome: state, failure, usage } = fact
      const rest = { ...(failure === undefined ? {} : { failure }), ...(usage === undefined ? {} : { usage }) }
      draft.run(fact.run, (run) => ({ ...run, state, ...rest }))
      break
    }
    case 'tool.called': {
      const { call, run, message, name, input, title } = fact
      const rest = { ...(title === undefined ? {} : { title }), ...(input === undefined ? {} : { input }) }
      draft.call({ call, run, message, by, name, state: input === undefined ? 'writing' : 'running', ...rest })
      draft.change(messageKey(by.id, message), (whole) => place(whole, fact))
      break
    }
    case 'tool.grew':
      draft.tool(fact, (tool) => print(tool, fact))
      break
    case 'tool.ready':
      draft.tool(fact, ({ inputText: _, ...tool }) => ({
        ...tool,
        input: fact.input,
        state: tool.state === 'writing' ? 'running' : tool.state,
      }))
      break
    case 'approval.asked':
      draft.tool(fact, (tool) => ({
        ...tool,
        approval: { until: fact.until },
        state: tool.state === 'cancelling' ? tool.state : 'asking',
      }))
      break
    case 'approval.given': {
      const { approved, reason, user } = fact
      const rest = { ...(reason === undefined ? {} : { reason }), ...(user === undefined ? {} : { user }) }
      draft.tool(fact, (tool) => ({
        ...tool,
        approval: { until: 0, ...tool.approval, approved, ...rest },
        state: tool.state === 'asking' ? 'running' : tool.state,
      }))
      break
    }
    case 'tool.started':
      break
    case 'tool.cancelling':
      draft.tool(fact, (tool) => ({ ...tool, state: 'cancelling' }))
      break
    case 'tool.ended':
      draft.tool(fact, (tool) => end(tool, fact))
      break
    default:
      absurd(fact)
  }
}

/** What answered the old question is as old as the question. */
function supersedeQuestion(draft: Draft, question: string, by: string): void {
  draft.supersede(question, by)
  for (const run of draft.runs.values()) if (run.cause === question) draft.supersede(run.id, by)
}

function withSuperseder(message: Message, superseded: ReadonlyMap<string, string>): Message {
  const by = superseded.get(message.key) ?? (message.run === undefined ? undefined : superseded.get(message.run))
  return by === undefined || by === message.supersededBy ? message : { ...message, supersededBy: by }
}

/** A message after something was said about it. What was removed stays removed. */
function reconsider(message: Message, { by, at, fact }: Event): Message {
  switch (fact.type) {
    case 'message.edited':
      return message.redacted === true ? message : { ...message, parts: fact.parts, editedAt: at }
    case 'message.redacted':
      return { ...message, parts: [], redacted: true }
    case 'message.reacted':
      return { ...message, reactions: reactionsAfter(message.reactions, fact, by.id) }
    default:
      return message
  }
}

function reactionsAfter(
  was: ReadonlyMap<string, readonly string[]> = new Map(),
  { reaction, on }: MessageReacted,
  user: string,
): ReadonlyMap<string, readonly string[]> {
  const others = (was.get(reaction) ?? []).filter((one) => one !== user)
  const users = on ? [...others, user] : others
  const reactions = new Map(was)
  if (users.length === 0) reactions.delete(reaction)
  else reactions.set(reaction, users)
  return reactions
}

function close(message: Message, { parts, outcome, failure, redacted }: MessageClosed): Message {
  if (message.state !== 'streaming') return message
  return {
    ...message,
    parts,
    state: outcome,
    ...(redacted === undefined ? {} : { redacted }),
    ...(failure === undefined ? {} : { failure }),
  }
}

function place(message: Message, { part, call }: ToolCalled): Message {
  if (message.state !== 'streaming' || message.parts.length !== part) return message
  return { ...message, parts: [...message.parts, { type: 'tool', call }] }
}

function end({ inputText: _, printed: __, ...tool }: Tool, { outcome, output, printed, failure }: ToolEnded): Tool {
  return {
    ...tool,
    state: outcome,
    ...(output === undefined ? {} : { output }),
    ...(printed === undefined ? {} : { printed }),
    ...(failure === undefined ? {} : { failure }),
  }
}

/** The call with one more piece of its input or its output, or the same call where the piece does not fit. */
function print(tool: Tool, { kind, from, text }: ToolGrew): Tool {
  const field = kind === 'input' ? 'inputText' : 'printed'
  const was = tool[field] ?? ''
  if (was.length !== from || (kind === 'input' && tool.state !== 'writing')) return tool
  return { ...tool, [field]: was + text }
}

function add(message: Message, { part, content }: MessageAdded): Message {
  if (message.state !== 'streaming') return message
  const there = message.parts[part]
  if (there === undefined && part === message.parts.length) return { ...message, parts: [...message.parts, content] }
  if (there?.type !== content.type) return message
  return { ...message, parts: message.parts.with(part, content) }
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
