// What stands in a conversation, line by line: messages grouped by author and day, runs without a word, what waits.
import {
  gistOf as gistOfParts,
  isAttached,
  type Message,
  type Run,
  type RunId,
  type Timeline,
  type Tool,
  type ToolProgress,
} from '@parley/protocol'
import { standing } from './versions.ts'

/** Messages of one author closer together than this stand under one name. */
const GROUP_MS = 5 * 60_000
const DAY_MS = 86_400_000

/** What became of a message that found an agent at work: it is answered afterwards, or was given to the answer being written. */
export type Note = 'waits' | 'steers'

export type Entry =
  | { readonly type: 'day'; readonly key: string; readonly at: number }
  | {
      readonly type: 'message'
      readonly key: string
      readonly message: Message
      readonly opens: boolean
      readonly note: Note | undefined
      /** What it supersedes, oldest first. */
      readonly earlier: readonly Message[]
    }
  /** What follows is new to the one who reads. */
  | { readonly type: 'unread'; readonly key: string }
  /** A run that ended without a message. */
  | { readonly type: 'ended'; readonly key: string; readonly run: Run }

/** A tool at work or done, and how far it has come as long as it works. */
export interface Use {
  readonly tool: Tool
  readonly progress: ToolProgress | undefined
}

export type Picture = Pick<Timeline, 'messages' | 'runs' | 'superseded'>

/** What the one who reads has not seen: everything of others after `since`. */
export interface Unread {
  readonly since: number
  readonly me: string | undefined
}

export function entriesOf(picture: Picture, unread?: Unread): readonly Entry[] {
  const entries: Entry[] = []
  const silent = silentEnds(picture)
  const waits = waiting(picture)
  const notes = notesOf(picture, waits)
  let before: Said | undefined
  let grouped = false
  let told = unread === undefined
  for (const { message, at, earlier } of standing(picture)) {
    const { key, by, run } = message
    if (run !== undefined && waits.has(run) && earlier.length === 0) continue
    const said = { by: by.id, at }
    if (before === undefined || !sameDay(before.at, at)) {
      entries.push({ type: 'day', key: `day ${key}`, at })
      grouped = false
    }
    if (!told && unread !== undefined && message.seq > unread.since && by.id !== unread.me) {
      entries.push({ type: 'unread', key: 'unread' })
      told = true
      grouped = false
    }
    const opens = !grouped || !follows(before, said)
    entries.push({ type: 'message', key, message, opens, note: notes.get(key), earlier })
    const ended = silent.get(key) ?? []
    for (const run of ended) entries.push({ type: 'ended', key: `run ${run.id}`, run })
    grouped = ended.length === 0
    before = said
  }
  return entries
}

/** Agents that are at work and have not begun to speak. */
export function thinking({ messages, runs }: Pick<Picture, 'messages' | 'runs'>): readonly Run[] {
  const going = running(runs)
  if (going.length === 0) return going
  const speaking = new Set(messages.map((message) => message.run))
  return going.filter((run) => !speaking.has(run.id))
}

export function running(runs: ReadonlyMap<RunId, Run>): readonly Run[] {
  return [...runs.values()].filter((run) => run.state === 'running' || run.state === 'cancelling')
}

/** Runs that begin when their agent has finished what came before: it has not said a word in them. */
export function waiting({ messages, runs }: Pick<Picture, 'messages' | 'runs'>): ReadonlySet<RunId> {
  const going = running(runs)
  if (going.length < 2) return new Set()
  const spoken = new Set(messages.filter(({ parts }) => parts.length > 0).map(({ run }) => run))
  const waits = going.filter(({ id, agent }, index) => {
    const before = going.slice(0, index).find((run) => run.agent.id === agent.id && run.state === 'running')
    return before !== undefined && !spoken.has(id)
  })
  return new Set(waits.map(({ id }) => id))
}

export function usesOf(message: Message, { tools, progress }: Gauges): readonly Use[] {
  return message.parts.flatMap((part) => {
    const tool = part.type === 'tool' ? tools.get(part.call) : undefined
    return tool === undefined ? [] : { tool, progress: progress.get(tool.call) }
  })
}

interface Gauges extends Pick<Timeline, 'tools'> {
  readonly progress: ReadonlyMap<string, ToolProgress>
}

export function textOf({ parts }: Pick<Message, 'parts'>): string {
  return parts.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n\n')
}

/** What is said, or where that is nothing but files, how they are called. */
export function gistOf(message: Pick<Message, 'parts'>): string {
  const text = textOf(message)
  return text.trim() === '' ? gistOfParts(message.parts) : text
}

/** Whether it is made of files alone: these need nothing around them. */
export function isBare({ parts }: Pick<Message, 'parts'>): boolean {
  return parts.length > 0 && parts.every(isAttached)
}

/** By the key of the message that they are about. */
function notesOf({ runs }: Picture, waits: ReadonlySet<RunId>): ReadonlyMap<string, Note> {
  const notes = new Map<string, Note>()
  for (const { id, cause, steeredBy = [] } of runs.values()) {
    if (waits.has(id)) notes.set(cause, 'waits')
    for (const key of steeredBy) notes.set(key, 'steers')
  }
  return notes
}

/** By the key of the message that they were to answer. */
function silentEnds({ messages, runs, superseded }: Picture): ReadonlyMap<string, readonly Run[]> {
  const spoke = new Set(messages.map((message) => message.run))
  const silent = [...runs.values()].filter(
    ({ id, state }) => !spoke.has(id) && !superseded.has(id) && !quiet.has(state),
  )
  return Map.groupBy(silent, (run) => run.cause)
}

const quiet: ReadonlySet<Run['state']> = new Set(['running', 'cancelling', 'completed'])

interface Said {
  readonly by: string
  readonly at: number
}

function follows(before: Said | undefined, { by, at }: Said): boolean {
  return before !== undefined && before.by === by && at - before.at < GROUP_MS
}

function sameDay(one: number, other: number): boolean {
  return Math.abs(one - other) < DAY_MS && new Date(one).getDate() === new Date(other).getDate()
}
