// An answer being written: what the agent says and does becomes facts, small pieces of text are gathered into fewer, larger ones.
import {
  type AttachedPart,
  type Author,
  type Fact,
  type Failure,
  type Json,
  type MessageGrew,
  type Outcome,
  type Part,
  Refusal,
  type RunId,
  runSpan,
  type ToolGrew,
  type Usage,
} from '@parley/protocol'
import { AgentFailure } from '../seams/agent.ts'
import type { Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'
import type { Appended, Draft, Holding } from '../seams/log.ts'
import type { Room } from './room.ts'
import type { WritingPace } from './writing-pace.ts'

/** The first piece goes out at once; later ones when some time has passed or this much text has come. */
const GATHER_LENGTH = 1_024
/** How long to wait before a refused write is tried again. */
const RETRY_MS = 250

/** A run as its holder knows it. */
export interface Held {
  readonly run: RunId
  /** Seq of the event that made this process its holder. */
  readonly since: number
}

/** How an answer ends. */
export interface Close {
  readonly outcome: Outcome
  readonly failure?: Failure
  readonly usage?: Usage
}

export interface AnswerParts {
  readonly room: Room
  readonly agent: Author
  readonly held: Held
  readonly clock: Clock
  readonly pace: WritingPace
  /** Characters of all that it says. */
  readonly maxLength: number
  /** Called when the log refuses to take any more: somebody else ended the run, or holds it now. */
  over(cause: unknown): void
}

type Waiting = { fact: Fact; readonly id?: string; readonly by?: Author }

export class Answer {
  // These first: a piece of text touches nothing else. Where hundreds of answers grow, each is far from the others in memory.
  #closed = false
  #length = 0
  readonly #maxLength: number
  /** What the last fact that waits goes on with; undefined where text must begin a fact of its own. */
  #saying: 'text' | 'reasoning' | undefined
  /** Text that lengthens the last fact that waits. */
  #more = ''
  /** How long the last part is, if it is text, with what waits of it. */
  #lastLength = 0
  #waitingLength = 0
  #writing: Promise<void> | undefined
  #timer: Stop | undefined
  /** Written to the log in this order, the last one with what is more to it. */
  #waiting: Waiting[] = []
  /** What was said, but for the text that waits. */
  readonly #parts: Part[] = []
  readonly #room: Room
  readonly #agent: Author
  readonly #held: Held
  readonly #message: string
  readonly #clock: Clock
  readonly #pace: WritingPace
  /** Where data parts stand that may be replaced, by name and id. */
  readonly #data = new Map<string, number>()
  readonly #writeNow = (): void => this.#write()
  #wroteAt = Number.NEGATIVE_INFINITY
  readonly #over: (cause: unknown) => void

  constructor({ room, agent, held, clock, pace, maxLength, over }: AnswerParts) {
    this.#room = room
    this.#agent = agent
    this.#held = held
    this.#message = messageOf(held.run)
    this.#clock = clock
    this.#pace = pace
    this.#maxLength = maxLength
    this.#over = over
  }

  /** All that was said so far. */
  get parts(): readonly Part[] {
    this.#settle()
    const parts = [...this.#parts]
    for (const { fact } of this.#waiting) lengthen(parts, fact)
    return parts
  }

  /** Whether the log has all that was said. */
  get rests(): boolean {
    return this.#writing === undefined && this.#waiting.length === 0
  }

  /** Goes on after what is written already. */
  restore(parts: readonly Part[]): void {
    this.#parts.push(...parts)
    const last = parts.at(-1)
    if (last !== undefined && 'text' in last) this.#lastLength = last.text.length
  }

  say(kind: 'text' | 'reasoning', text: string): void {
    if (text === '' || this.#closed) return
    const { length } = text
    this.#count(length)
    if (this.#saying === kind) {
      this.#more += text
      this.#waitingLength += length
      this.#writeSoon()
    } else this.#begin(kind, text)
    this.#lastLength += length
  }

  #begin(kind: 'text' | 'reasoning', text: string): void {
    if (this.#parts.at(-1)?.type !== kind) {
      this.#parts.push({ type: kind, text: '' })
      this.#lastLength = 0
    }
    const [part, from] = [this.#parts.length - 1, this.#lastLength]
    this.#grow({ type: 'message.grew', message: this.#message, part, kind, from, text }, kind)
  }

  /** One with the name and id of an earlier one takes its place. */
  data(name: string, data: Json, id: string | undefined): void {
    if (this.#closed) return
    this.#count(JSON.stringify(data).length)
    const content: Part = { type: 'data', name, data }
    const key = `${name} ${id}`
    const part = (id === undefined ? undefined : this.#data.get(key)) ?? this.#parts.length
    this.#parts[part] = content
    if (id !== undefined) this.#data.set(key, part)
    this.put({ type: 'message.added', message: this.#message, part, content })
  }

  /** A file is said here. */
  attach(content: AttachedPart): void {
    if (this.#closed) return
    const part = this.#parts.push(content) - 1
    this.put({ type: 'message.added', message: this.#message, part, content })
  }

  /** A tool is called here. */
  call(call: string, name: string, title: string | undefined, input: Json | undefined): void {
    if (this.#closed) return
    const { run } = this.#held
    const part = this.#parts.push({ type: 'tool', call }) - 1
    const rest = { ...(title === undefined ? {} : { title }), ...(input === undefined ? {} : { input }) }
    this.put({ type: 'tool.called', run, message: this.#message, part, call, name, ...rest }, call)
  }

  /** The input or the output of a call becomes longer; `from` is how long it was. */
  print(call: string, kind: 'input' | 'output', from: number, text: string): void {
    if (this.#closed) return
    // What is printed is bounded by its call.
    if (kind === 'input') this.#count(text.length)
    this.#grow({ type: 'tool.grew', run: this.#held.run, call, kind, from, text })
  }

  /** @param by who says it, if not the agent. */
  put(fact: Fact, id?: string, by?: Author): void {
    if (this.#closed) return
    this.#settle()
    this.#waiting.push({ fact, ...(id === undefined ? {} : { id }), ...(by === undefined ? {} : { by }) })
    this.#waitingLength = GATHER_LENGTH
    this.#writeSoon()
  }

  /** Resolves when what was said so far is durable; rejects when it never will be. */
  async written(): Promise<void> {
    while (!this.#closed && (this.#writing !== undefined || this.#waiting.length > 0)) {
      if (this.#writing === undefined) this.#write()
      await this.#writing
    }
    if (this.#closed) throw new Error('the answer was closed before all of it was written')
  }

  #count(length: number): void {
    this.#length += length
    if (this.#length > this.#maxLength) throw new AgentFailure('answer.long', 'the answer became too long and was cut')
  }

  /** @param saying what may go on with it. */
  #grow(fact: MessageGrew | ToolGrew, saying?: 'text' | 'reasoning'): void {
    this.#settle()
    const last = this.#waiting.at(-1)
    const longer = last === undefined ? undefined : joined(last.fact, fact)
    if (last !== undefined && longer !== undefined) last.fact = longer
    else this.#waiting.push({ fact })
    this.#saying = saying
    this.#waitingLength += fact.text.length
    this.#writeSoon()
  }

  /** The last fact that waits gets what is more to it. */
  #settle(): void {
    this.#saying = undefined
    const last = this.#waiting.at(-1)
    if (this.#more === '' || last?.fact.type !== 'message.grew') return
    last.fact = { ...last.fact, text: last.fact.text + this.#more }
    this.#more = ''
  }

  #writeSoon(): void {
    if (this.#writing !== undefined) return
    if (this.#waitingLength >= GATHER_LENGTH) return this.#write()
    if (this.#timer !== undefined) return
    this.#timer = this.#pace.next(this.#wroteAt, this.#writeNow)
    if (this.#timer === undefined) this.#write()
  }

  /** One write at a time; what comes meanwhile is gathered for the next. */
  #write(): void {
    this.#timer?.()
    this.#timer = undefined
    if (this.#writing !== undefined || this.#closed || this.#waiting.length === 0) return
    const drafts = this.#take()
    this.#wroteAt = this.#clock.steady()
    this.#writing = this.append(drafts)
      .then(
        () => undefined,
        (cause: unknown) => {
          this.abandon()
          this.#over(cause)
        },
      )
      .finally(() => {
        this.#writing = undefined
        if (this.#waiting.length > 0) this.#writeSoon()
      })
  }

  #take(): Draft[] {
    this.#settle()
    const holding = holdingOf(this.#held)
    // Text is put together where it is written: small pieces that live as long as their answer are dear to keep.
    for (const { fact } of this.#waiting) lengthen(this.#parts, fact)
    const drafts = this.#waiting.map(({ by = this.#agent, ...rest }): Draft => ({ by, holding, ...rest }))
    this.#waiting = []
    this.#waitingLength = 0
    return drafts
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#insist(() => this.#room.append(drafts))
  }

  /** Tries until the log has taken it: a store that is full or away for a moment does not end an answer. */
  async #insist<T>(act: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await act()
      } catch (cause) {
        if (!(cause instanceof Refusal) || cause.problem.code !== 'storage.unavailable') throw cause
        await new Promise<void>((resolve) => this.#clock.after(RETRY_MS, resolve))
      }
    }
  }

  /** Writes nothing any more. */
  abandon(): void {
    this.#closed = true
    this.#timer?.()
    this.#waiting = []
    this.#more = ''
  }

  /**
   * Writes what is left and the end, as one. Resolves when it is durable. What is said afterwards is not heard.
   * @param write appends it, and what else begins with this end; called until the log has taken it
   */
  async close({ outcome, failure, usage }: Close, write: (ends: readonly Draft[]) => Promise<unknown>): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#timer?.()
    await this.#writing
    const rest = failure === undefined ? {} : { failure }
    // Only its holder may end it so: whoever has taken it over since goes on with it.
    const last = this.#take()
    const ends = endings(this.#agent, this.#held.run, this.#parts, outcome, rest, usage)
    const drafts = [...last, ...ends.map((draft) => ({ ...draft, holding: holdingOf(this.#held) }))]
    await this.#insist(() => write(drafts))
  }
}

/** Puts to the parts of a message what it has grown by. */
function lengthen(parts: Part[], fact: Fact): void {
  if (fact.type !== 'message.grew') return
  const was = parts[fact.part]
  if (was?.type === fact.kind) parts[fact.part] = { type: was.type, text: was.text + fact.text }
}

/** Growth that goes on where other growth ends, as one. */
function joined(was: Fact, fact: MessageGrew | ToolGrew): Fact | undefined {
  if (was.type === 'message.grew' && fact.type === 'message.grew' && was.part === fact.part)
    return { ...was, text: was.text + fact.text }
  if (was.type === 'tool.grew' && fact.type === 'tool.grew' && was.call === fact.call && was.kind === fact.kind)
    return { ...was, text: was.text + fact.text }
  return undefined
}

/** What a draft says so that the log takes it from the run's holder alone. */
export function holdingOf({ run, since }: Held): Holding {
  return { span: runSpan(run), since }
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
  usage?: Usage,
): readonly Draft[] {
  const message = messageOf(run)
  const used = usage === undefined ? {} : { usage }
  return [
    { by, id: `${run}.closed`, fact: { type: 'message.closed', message, parts: [...parts], outcome, ...rest } },
    { by, id: `${run}.ended`, fact: { type: 'run.ended', run, outcome, ...rest, ...used } },
  ]
}
