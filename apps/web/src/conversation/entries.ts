// What stands in a conversation, line by line: messages grouped by author and day, runs without a word, what waits.
import type { Message, Part, Run, RunId, Timeline, Tool } from '@parley/protocol'

/** Messages of one author closer together than this stand under one name. */
const GROUP_MS = 5 * 60_000
const DAY_MS = 86_400_000

export type Entry =
  | { readonly type: 'day'; readonly key: string; readonly at: number }
  | { readonly type: 'message'; readonly key: string; readonly message: Message; readonly opens: boolean }
  /** A run that ended without a message. */
  | { readonly type: 'ended'; readonly key: string; readonly run: Run }

type Picture = Pick<Timeline, 'messages' | 'runs'>

export function entriesOf({ messages, runs }: Picture): readonly Entry[] {
  const entries: Entry[] = []
  const silent = silentEnds({ messages, runs })
  let before: Message | undefined
  let grouped = false
  for (const message of messages) {
    if (before === undefined || !sameDay(before.at, message.at)) {
      entries.push({ type: 'day', key: `day ${message.key}`, at: message.at })
      grouped = false
    }
    entries.push({ type: 'message', key: message.key, message, opens: !grouped || !follows(before, message) })
    const ended = silent.get(message.key) ?? []
    for (const run of ended) entries.push({ type: 'ended', key: `run ${run.id}`, run })
    grouped = ended.length === 0
    before = message
  }
  return entries
}

/** Agents that are at work and have not begun to speak. */
export function thinking({ messages, runs }: Picture): readonly Run[] {
  const going = running(runs)
  if (going.length === 0) return going
  const speaking = new Set(messages.map((message) => message.run))
  return going.filter((run) => !speaking.has(run.id))
}

export function running(runs: ReadonlyMap<RunId, Run>): readonly Run[] {
  return [...runs.values()].filter((run) => run.state === 'running' || run.state === 'cancelling')
}

export function toolsOf(message: Message, tools: ReadonlyMap<string, Tool>): readonly Tool[] {
  return message.parts.flatMap((part) => (part.type === 'tool' ? (tools.get(part.call) ?? []) : []))
}

/** Parts never change places: where one stands is what it is known by. */
export function partsOf({ parts }: Message): readonly { readonly key: string; readonly part: Part }[] {
  return parts.map((part, index) => ({ key: `part ${index}`, part }))
}

export function textOf({ parts }: Pick<Message, 'parts'>): string {
  return parts.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n\n')
}

/** By the key of the message that they were to answer. */
function silentEnds({ messages, runs }: Picture): ReadonlyMap<string, readonly Run[]> {
  const spoke = new Set(messages.map((message) => message.run))
  const silent = [...runs.values()].filter(({ id, state }) => !spoke.has(id) && !quiet.has(state))
  return Map.groupBy(silent, (run) => run.cause)
}

const quiet: ReadonlySet<Run['state']> = new Set(['running', 'cancelling', 'completed'])

function follows(before: Message | undefined, message: Message): boolean {
  return before !== undefined && before.by.id === message.by.id && message.at - before.at < GROUP_MS
}

function sameDay(one: number, other: number): boolean {
  return Math.abs(one - other) < DAY_MS && new Date(one).getDate() === new Date(other).getDate()
}
