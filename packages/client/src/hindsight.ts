// How far back a room's picture goes. A page that stays open for days would otherwise hold all that was ever said.
import { type Event, isTaskOver, type Timeline } from '@parley/protocol'

/** Where nothing was going on in the log: no message was growing and no run at work, so a picture may begin there. */
interface QuietPlace {
  readonly seq: number
  /** How much the picture held up to there. */
  readonly messages: number
  readonly runs: number
  readonly tools: number
  readonly tasks: Timeline['tasks']
  /** What was said about messages since. */
  readonly thoughts: readonly Thought[]
  /** All up to here is among `thoughts`. */
  readonly upTo: number
}

/** What is said about a message, and which it is. */
interface Thought {
  readonly message: string
  readonly event: Event
}

/** A picture holds at least so many messages, and usually at most twice as many. */
const ENOUGH = 1_000

export class Hindsight {
  #cut: QuietPlace | undefined
  /** Somebody has asked for history: what they look at must not vanish. */
  #held = false

  /** The picture after these events, without its far past once it holds too much. */
  limit(timeline: Timeline, events: readonly Event[]): Timeline {
    const { position, messages } = timeline
    if (this.#held || position === undefined) return timeline
    if (this.#cut !== undefined) this.#cut = remembering(this.#cut, events, position.seq)
    else if (messages.length >= ENOUGH && isQuiet(timeline)) this.#cut = quietPlace(timeline, position.seq)
    if (this.#cut === undefined || messages.length < this.#cut.messages + ENOUGH) return timeline
    const cut = this.#cut
    this.#cut = undefined
    return from(cut, timeline)
  }

  /** Somebody looks at the past. */
  hold(): void {
    this.#held = true
    this.#cut = undefined
  }

  /** The picture begins anew, or nobody looks at it any more. */
  release(): void {
    this.#held = false
    this.#cut = undefined
  }
}

function quietPlace({ messages, runs, tools, tasks }: Timeline, seq: number): QuietPlace {
  const held = { messages: messages.length, runs: runs.size, tools: tools.size, tasks }
  return { seq, ...held, thoughts: [], upTo: seq }
}

function remembering(cut: QuietPlace, events: readonly Event[], upTo: number): QuietPlace {
  const thoughts = events.filter(({ seq }) => seq > cut.upTo).flatMap(thoughtOf)
  return { ...cut, thoughts: thoughts.length === 0 ? cut.thoughts : [...cut.thoughts, ...thoughts], upTo }
}

function thoughtOf(event: Event): readonly Thought[] {
  const { fact } = event
  const { type } = fact
  const about = type === 'message.edited' || type === 'message.redacted' || type === 'message.reacted'
  return about ? [{ message: fact.message, event }] : []
}

/** The picture that begins at the place: when what lies before is asked for again, it is all told again up to there. */
function from(cut: QuietPlace, timeline: Timeline): Timeline {
  const messages = timeline.messages.slice(cut.messages)
  return {
    ...timeline,
    start: cut.seq,
    earlier: true,
    messages,
    runs: new Map([...timeline.runs].slice(cut.runs)),
    tools: new Map([...timeline.tools].slice(cut.tools)),
    tasks: new Map([...timeline.tasks].filter(([id, task]) => !isTaskOver(task) || task !== cut.tasks.get(id))),
    afterthoughts: afterthoughts(cut.thoughts, messages),
  }
}

/** What was said about messages that the picture does not show. */
function afterthoughts(thoughts: readonly Thought[], shown: Timeline['messages']): Timeline['afterthoughts'] {
  const keys = new Set(shown.map(({ key }) => key))
  const byMessage = new Map<string, readonly Event[]>()
  for (const { message, event } of thoughts)
    if (!keys.has(message)) byMessage.set(message, [...(byMessage.get(message) ?? []), event])
  return byMessage
}

function isQuiet({ messages, runs }: Timeline): boolean {
  for (const { state } of runs.values()) if (state === 'running' || state === 'cancelling') return false
  return messages.every(({ state }) => state !== 'streaming')
}
