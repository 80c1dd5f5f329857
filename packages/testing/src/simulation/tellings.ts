// What agents said and heard, on whichever server they were at work: the log must tell the same.
import { isToolOver, type Part, type RoomId, type RunId, textOf } from '@parley/protocol'
import type { Agent, Thought, Turn } from '@parley/server'

/** One process's work on one run. */
export interface Telling {
  readonly agent: string
  readonly node: string
  /** What was said, beginning with what was taken over, without tools: they are told elsewhere. */
  readonly parts: Part[]
  /** Where data parts stand that may be replaced, by name and id. */
  readonly data: Map<string, number>
  /** Tokens of input and output. */
  readonly usage: { input: number; output: number }
  /** Keys of the messages that steered it, as far as the agent looked at them. */
  readonly heeded: Set<string>
}

export interface TellingsParts {
  note(line: string): void
  fault(what: string): void
  /** Name of the process that holds a run, as far as the log tells. */
  holder(room: RoomId, run: RunId): string | undefined
}

export class Tellings {
  readonly #byRun = new Map<RunId, Telling[]>()
  readonly #parts: TellingsParts

  constructor(parts: TellingsParts) {
    this.#parts = parts
  }

  /** What the process with this name said in a run; the last time, if it took it up again. */
  of(run: RunId, node: string): Telling | undefined {
    return this.all(run).findLast((telling) => telling.node === node)
  }

  /** All that was ever said in a run. */
  all(run: RunId): readonly Telling[] {
    return this.#byRun.get(run) ?? []
  }

  /** The agent as it is on this node, with somebody who listens. */
  watched(agent: Agent, node: string): Agent {
    const begin = (turn: Turn): Telling => this.#begin(turn, agent.id, node)
    const note = ({ room }: Turn, thought: Thought): void =>
      this.#parts.note(`${agent.id} on ${node} in ${room}: ${JSON.stringify(thought)}`)
    return {
      ...agent,
      async *reply(turn) {
        const telling = begin(turn)
        for await (const thought of agent.reply(heeding(turn, telling))) {
          hear(telling, thought)
          note(turn, thought)
          yield thought
        }
      },
    }
  }

  #begin(turn: Turn, agent: string, node: string): Telling {
    const { room, run, partial } = turn
    // Who does not know yet that the run is another's may see that one at work.
    if (this.#parts.holder(room, run) === node) this.#judge(turn)
    const usage = { input: 0, output: 0 }
    const telling = {
      agent,
      node,
      parts: wordsOf(partial?.parts ?? []),
      data: new Map(),
      usage,
      heeded: new Set<string>(),
    }
    this.#byRun.set(run, [...this.all(run), telling])
    return telling
  }

  /** What is taken over was said, and every tool call in it has ended. */
  #judge({ run, calls, partial }: Turn): void {
    const text = textOf(partial?.parts ?? [])
    if (text !== '' && !this.all(run).some((telling) => textOf(telling.parts).startsWith(text)))
      this.#parts.fault(`${run} goes on from ${JSON.stringify(text)}, which nobody said`)
    for (const tool of calls.values())
      if (tool.run === run && !isToolOver(tool)) this.#parts.fault(`${run} goes on while ${tool.call} is at work`)
  }
}

/** The turn, with what its agent looks at written down. */
function heeding(turn: Turn, { heeded }: Telling): Turn {
  return {
    ...turn,
    steering: () => {
      const messages = turn.steering()
      for (const { key } of messages) heeded.add(key)
      return messages
    },
    get steered() {
      return turn.steered
    },
  }
}

function hear({ parts, data, usage }: Telling, thought: Thought): void {
  if (typeof thought === 'string') return say(parts, 'text', thought)
  switch (thought.type) {
    case 'text':
    case 'reasoning':
      return say(parts, thought.type, thought.text)
    case 'data': {
      const { type, name, data: content, id } = thought
      const place = (id === undefined ? undefined : data.get(`${name} ${id}`)) ?? parts.length
      parts[place] = { type, name, data: content }
      if (id !== undefined) data.set(`${name} ${id}`, place)
      return
    }
    case 'usage':
      usage.input += thought.inputTokens
      usage.output += thought.outputTokens
      return
    default:
  }
}

function say(parts: Part[], type: 'text' | 'reasoning', text: string): void {
  if (text === '') return
  const last = parts.at(-1)
  if (last?.type === type) parts[parts.length - 1] = { type, text: last.text + text }
  else parts.push({ type, text })
}

/** The parts without tools: what stands on both sides of one is said in one go. */
export function wordsOf(parts: readonly Part[]): Part[] {
  const words: Part[] = []
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'reasoning') say(words, part.type, part.text)
    else if (part.type === 'data') words.push(part)
  }
  return words
}
