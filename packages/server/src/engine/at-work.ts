// One run at work: its agent thinks and uses tools, people steer, decide and cancel, and an end is written.
import {
  type ApprovalGiven,
  applyPage,
  type Message,
  type Outcome,
  type Tool as ToolPicture,
  timelineOf,
  type Usage,
} from '@parley/protocol'
import type { Agent, RoomFiles, Thought, Turn } from '../seams/agent.ts'
import type { Clock } from '../seams/clock.ts'
import type { Journal } from '../seams/journal.ts'
import type { Draft } from '../seams/log.ts'
import { Answer, type Held } from './answer.ts'
import type { Attachments } from './attachments.ts'
import { authorOfAgent } from './callings.ts'
import { Patience } from './patience.ts'
import type { Room } from './room.ts'
import { roomFiles } from './room-files.ts'
import { inNameOf } from './strays.ts'
import { type End, endOf, think, unlessAborted } from './thinking.ts'
import { Workbench } from './workbench.ts'
import type { WritingPace } from './writing-pace.ts'

/** What is to be done. */
export interface Assignment {
  readonly room: Room
  readonly agent: Agent
  readonly held: Held
  /** The message to answer. */
  readonly message: Message
  /** Aborts with an `Outcome` when somebody makes it stop, or with another reason when the end is not its own to write. */
  readonly abort: AbortController
  /** What another process had done of it. */
  readonly left?: Left
  /** Appends its end, if the room's head is still `head` where given, and begins the answer to a message that came too late to steer it. */
  finish(ends: readonly Draft[], late: Message | undefined, head: number | undefined): Promise<unknown>
}

export interface Left {
  readonly partial: Message
  readonly tools: readonly ToolPicture[]
  /** Calls that needed approval and were begun. */
  readonly started: ReadonlySet<string>
  readonly steering: readonly Message[]
}

export interface AtWorkParts {
  readonly files: Attachments | undefined
  readonly clock: Clock
  readonly journal: Journal
  readonly pace: WritingPace
  readonly runMs: number
  readonly answerLength: number
  readonly toolCalls: number
}

/** So often a room that moves is looked at again before the end is written. */
const LOOKS = 20
const HISTORY = { events: 200, bytes: 1024 * 1024 }

export class AtWork {
  readonly #task: Assignment
  readonly #parts: AtWorkParts
  readonly #answer: Answer
  readonly #patience: Patience
  readonly #bench: Workbench
  readonly #files: RoomFiles
  /** For the agent alone: what breaks where it listens, breaks in its name. */
  readonly #told = new AbortController()
  #steering: Message[]
  /** Made when the agent asks for it, or is steered. */
  #steered: AbortController | undefined
  #usage: Usage | undefined

  constructor(task: Assignment, parts: AtWorkParts) {
    const { room, agent, held, message, abort, left } = task
    const { clock, journal, pace, runMs, answerLength, toolCalls: most } = parts
    this.#task = task
    this.#parts = parts
    const over = (cause: unknown): void => {
      journal.warn('the log takes no more of this run', { room: room.id, run: held.run, cause: String(cause) })
      abort.abort('over')
    }
    const author = authorOfAgent(agent)
    this.#answer = new Answer({ room, agent: author, held, clock, pace, maxLength: answerLength, over })
    this.#patience = new Patience(clock, runMs, () => abort.abort('timed_out' satisfies Outcome))
    const { signal } = abort
    const [answer, patience, user] = [this.#answer, this.#patience, message.by]
    this.#files = roomFiles(parts.files, room.id, held, agent)
    const files = this.#files
    this.#bench = new Workbench({ room, held, agent, user, answer, files, patience, clock, journal, most, signal })
    this.#bench.restore(left?.tools ?? [])
    const tell = (): void => inNameOf({ agent: agent.id }, () => this.#told.abort(signal.reason))
    signal.addEventListener('abort', tell, { once: true })
    this.#steering = [...(left?.steering ?? [])]
    if (this.#steering.length > 0) this.#ofSteering().abort()
  }

  decided(decision: ApprovalGiven): void {
    this.#bench.decided(decision)
  }

  /** A tool that only its agent could stop is stopped with the run. */
  cancelTool(call: string): void {
    if (!this.#bench.cancel(call)) this.#task.abort.abort('cancelled' satisfies Outcome)
  }

  steer(message: Message): void {
    if (this.#steering.some(({ key }) => key === message.key)) return
    this.#steering.push(message)
    inNameOf({ agent: this.#task.agent.id }, () => this.#ofSteering().abort())
  }

  /** Another process has held the run, or it is over, since `seq`: there is nothing left to do here. */
  lost(seq: number): void {
    if (seq <= this.#task.held.since) return
    this.#answer.abandon()
    this.#task.abort.abort('over')
  }

  /** Leaves it as it is for another process, if it waits for people and its agent can go on there. */
  park(): void {
    const { agent, abort } = this.#task
    if ((agent.onInterrupted ?? 'end') === 'end' || !this.#bench.waits || !this.#answer.rests) return
    this.#answer.abandon()
    abort.abort('parked')
  }

  /** Does it, after what came before. Resolves when the end is written, or is for somebody else to write. */
  async go(before: Promise<unknown> | undefined): Promise<void> {
    const { agent, abort, left } = this.#task
    const { journal, pace, runMs } = this.#parts
    const { signal } = abort
    let rest: () => void = () => undefined
    try {
      if (before !== undefined) await unlessAborted(signal, before)
      rest = pace.begin()
      this.#patience.start()
      if (left !== undefined) this.#answer.restore(left.partial.parts)
      const answer = this.#answer
      const hear = (thought: Thought): void =>
        typeof thought === 'string' ? answer.say('text', thought) : this.#hear(thought)
      const thought = signal.aborted ? undefined : await think(agent, () => this.#turn(), hear, signal, journal)
      const end = thought ?? endOf(signal, runMs)
      if (end !== undefined) await this.#end(end)
    } finally {
      rest()
      this.#patience.end()
    }
  }

  async #end(end: End): Promise<void> {
    this.#bench.close(end.outcome === 'cancelled' ? 'cancelled' : 'failed')
    const usage = this.#usage === undefined ? {} : { usage: this.#usage }
    await this.#answer.close({ ...end, ...usage }, (ends) => this.#write(ends, end.outcome))
  }

  /**
   * What came too late to be looked at is answered like any other message. That begins with the end, in one append, so that
   * it cannot be lost in between; only where a server stops it is cut short with the run that it was meant for.
   */
  async #write(ends: readonly Draft[], outcome: Outcome): Promise<unknown> {
    const { room, agent, finish } = this.#task
    if (agent.steers !== true || outcome === 'interrupted') return room.append(ends)
    for (let look = 1; ; look += 1) {
      // Whoever steered was first in the log; what other processes appended there must be known before it is looked at.
      await room.poll()
      const head = room.position.seq
      try {
        // Where a room never rests, its end cannot wait for a moment of rest.
        return await finish(ends, this.#steering.at(-1), look < LOOKS ? head : undefined)
      } catch (cause) {
        await room.poll()
        if (look >= LOOKS || room.position.seq === head) throw cause
      }
    }
  }

  #hear(thought: Exclude<Thought, string>): void {
    switch (thought.type) {
      case 'text':
      case 'reasoning':
        return this.#answer.say(thought.type, thought.text)
      case 'image':
      case 'audio':
      case 'file':
        return this.#answer.attach(thought)
      case 'data':
        return this.#answer.data(thought.name, thought.data, thought.id)
      case 'usage': {
        const { type: _, ...usage } = thought
        this.#usage = sum(this.#usage, usage)
        return
      }
      default:
        return this.#bench.hear(thought)
    }
  }

  async #turn(): Promise<Turn> {
    const { room, held, message, left } = this.#task
    const { history, calls } = await this.#history()
    const settled = left === undefined ? undefined : await this.#bench.takeUp(left.tools, left.started)
    const bench = this.#bench
    const steered = (): AbortSignal => this.#ofSteering().signal
    return {
      room: room.id,
      run: held.run,
      message,
      history,
      calls: new Map([...calls, ...(settled ?? [])]),
      files: this.#files,
      signal: this.#told.signal,
      use: bench.use,
      approval: bench.approval,
      steering: () => this.#takeSteering(),
      get steered() {
        return steered()
      },
      ...(left === undefined ? {} : { partial: { ...left.partial, parts: [...this.#answer.parts] } }),
    }
  }

  #takeSteering(): readonly Message[] {
    const taken = this.#steering
    this.#steering = []
    if (this.#steered?.signal.aborted) this.#steered = undefined
    return taken
  }

  #ofSteering(): AbortController {
    this.#steered ??= new AbortController()
    return this.#steered
  }

  async #history(): Promise<{ history: readonly Message[]; calls: ReadonlyMap<string, ToolPicture> }> {
    const { room, message, agent } = this.#task
    const { history: most = Number.POSITIVE_INFINITY } = agent
    if (most === 0) return { history: [], calls: new Map() }
    const before = await room.older(message.seq, HISTORY)
    // What was still being written when the message came may have ended since.
    const since = await room.read({ epoch: before.epoch, seq: before.upTo }, HISTORY)
    const { messages, tools } = applyPage(timelineOf({ ...before, reset: 'start' }), since)
    const whole = messages.filter(({ state, seq, supersededBy }) => {
      return state !== 'streaming' && seq < message.seq && supersededBy === undefined
    })
    return { history: whole.slice(-most), calls: tools }
  }
}

function sum(was: Usage | undefined, step: Usage): Usage {
  return {
    ...step,
    inputTokens: (was?.inputTokens ?? 0) + step.inputTokens,
    outputTokens: (was?.outputTokens ?? 0) + step.outputTokens,
  }
}
