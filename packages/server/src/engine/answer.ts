// An answer being written: thoughts become facts, small pieces of text are gathered into fewer, larger ones.
import { type Author, type Fact, type Failure, type Outcome, type Part, Refusal, type RunId } from '@parley/protocol'
import { AgentFailure, type Thought } from '../seams/agent.ts'
import type { Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'
import type { Draft } from '../seams/log.ts'
import type { Room } from './room.ts'

/** The first piece goes out at once; later ones when this much time has passed or this much text has come. */
const GATHER_MS = 20
const GATHER_LENGTH = 1_024
/** How long to wait before a refused write is tried again. */
const RETRY_MS = 250

type Growth = { part: number; kind: 'text' | 'reasoning'; from: number; text: string }

export class Answer {
  readonly #room: Room
  readonly #agent: Author
  readonly #run: RunId
  readonly #message: string
  readonly #clock: Clock
  readonly #maxLength: number
  readonly #parts: Part[] = []
  readonly #tools = new Set<string>()
  #length = 0
  /** Written to the log in this order. */
  #waiting: (Growth | Fact)[] = []
  #waitingLength = 0
  #writing: Promise<void> | undefined
  #timer: Stop | undefined
  #wroteAt = Number.NEGATIVE_INFINITY
  #closed = false
  readonly #over: (cause: unknown) => void

  /** @param over called when the log refuses to take any more: somebody else ended the run. */
  constructor(room: Room, agent: Author, run: RunId, clock: Clock, maxLength: number, over: (cause: unknown) => void) {
    this.#room = room
    this.#agent = agent
    this.#run = run
    this.#message = messageOf(run)
    this.#clock = clock
    this.#maxLength = maxLength
    this.#over = over
  }

  add(thought: Thought): void {
    if (this.#closed) return
    if (typeof thought === 'string') return this.#grow('text', thought)
    switch (thought.type) {
      case 'text':
      case 'reasoning':
        return this.#grow(thought.type, thought.text)
      case 'tool.called': {
        const { call, name, title, input } = thought
        const part = this.#parts.push({ type: 'tool', call }) - 1
        this.#tools.add(call)
        const rest = title === undefined ? {} : { title }
        return this.#put({
          type: 'tool.called',
          run: this.#run,
          message: this.#message,
          part,
          call,
          name,
          input,
          ...rest,
        })
      }
      case 'tool.ended': {
        const { call, outcome, output, failure } = thought
        if (!this.#tools.delete(call))
          throw new AgentFailure('agent.broken', `the tool call ${call} ended without having begun`)
        const rest = { ...(output === undefined ? {} : { output }), ...(failure === undefined ? {} : { failure }) }
        return this.#put({ type: 'tool.ended', run: this.#run, call, outcome, ...rest })
      }
    }
  }

  #grow(kind: 'text' | 'reasoning', text: string): void {
    if (text === '') return
    this.#length += text.length
    if (this.#length > this.#maxLength) throw new AgentFailure('answer.long', 'the answer became too long and was cut')
    const last = this.#parts.at(-1)
    const grows = last?.type === kind
    const from = grows ? last.text.length : 0
    const part = grows ? this.#parts.length - 1 : this.#parts.push({ type: kind, text: '' }) - 1
    this.#parts[part] = { type: kind, text: grows ? last.text + text : text }
    const waiting = this.#waiting.at(-1)
    if (waiting !== undefined && 'part' in waiting && !('type' in waiting) && waiting.part === part)
      waiting.text += text
    else this.#waiting.push({ part, kind, from, text })
    this.#waitingLength += text.length
    this.#writeSoon()
  }

  #put(fact: Fact): void {
    this.#waiting.push(fact)
    this.#waitingLength = GATHER_LENGTH
    this.#writeSoon()
  }

  #writeSoon(): void {
    if (this.#writing !== undefined) return
    const waited = this.#clock.steady() - this.#wroteAt
    if (waited >= GATHER_MS || this.#waitingLength >= GATHER_LENGTH) this.#write()
    else this.#timer ??= this.#clock.after(GATHER_MS - waited, () => this.#write())
  }

  /** One write at a time; what comes meanwhile is gathered for the next. */
  #write(): void {
    this.#timer?.()
    this.#timer = undefined
    if (this.#writing !== undefined || this.#closed || this.#waiting.length === 0) return
    const drafts = this.#take()
    this.#wroteAt = this.#clock.steady()
    this.#writing = this.#append(drafts)
      .catch((cause: unknown) => this.#over(cause))
      .finally(() => {
        this.#writing = undefined
        if (this.#waiting.length > 0) this.#writeSoon()
      })
  }

  #take(): Draft[] {
    const drafts = this.#waiting.map((item): Draft => {
      const fact: Fact = 'type' in item ? item : { type: 'message.grew', message: this.#message, ...item }
      if (fact.type === 'tool.called') return this.#draft(fact, `${this.#run}.tool.${fact.call}`)
      if (fact.type === 'tool.ended') return this.#draft(fact, `${this.#run}.tool.${fact.call}.ended`)
      return { by: this.#agent, fact }
    })
    this.#waiting = []
    this.#waitingLength = 0
    return drafts
  }

  #draft(fact: Fact, id: string): Draft {
    return { by: this.#agent, id, fact }
  }

  /** Tries until the log has taken it: a store that is full or away for a moment does not end an answer. */
  async #append(drafts: readonly Draft[]): Promise<void> {
    for (;;) {
      try {
        await this.#room.append(drafts)
        return
      } catch (cause) {
        if (!(cause instanceof Refusal) || cause.problem.code !== 'storage.unavailable') throw cause
        await new Promise<void>((resolve) => this.#clock.after(RETRY_MS, resolve))
      }
    }
  }

  /** Writes what is left and the end, as one. Resolves when it is durable. What is added afterwards is not heard. */
  async close(outcome: Outcome, failure?: Failure): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#timer?.()
    await this.#writing
    const rest = failure === undefined ? {} : { failure }
    const drafts = this.#take()
    for (const call of this.#tools)
      drafts.push(
        this.#draft(
          { type: 'tool.ended', run: this.#run, call, outcome: outcome === 'cancelled' ? 'cancelled' : 'failed' },
          `${this.#run}.tool.${call}.ended`,
        ),
      )
    await this.#append([...drafts, ...endings(this.#agent, this.#run, this.#parts, outcome, rest)])
  }
}

/** A run writes one message. */
export function messageOf(run: RunId): string {
  return `${run}.message`
}

/** The facts that end a run, with ids that make a second closer harmless. */
export function endings(
  by: Author,
  run: RunId,
  parts: readonly Part[],
  outcome: Outcome,
  rest: { readonly failure?: Failure },
): readonly Draft[] {
  const message = messageOf(run)
  return [
    { by, id: `${run}.closed`, fact: { type: 'message.closed', message, parts: [...parts], outcome, ...rest } },
    { by, id: `${run}.ended`, fact: { type: 'run.ended', run, outcome, ...rest } },
  ]
}
