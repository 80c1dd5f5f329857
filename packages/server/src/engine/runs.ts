// Agents at work. A run belongs to the server, not to a socket: it begins with the message that it answers, in one append,
// and whatever happens an end is written.
import { createHash } from 'node:crypto'
import {
  type Author,
  applyPage,
  type Event,
  type Failure,
  isSession,
  type Message,
  type MessagePosted,
  messageKey,
  type Outcome,
  Refusal,
  type RoomId,
  type RunId,
  textOf,
  timelineOf,
} from '@parley/protocol'
import { type Agent, AgentFailure, type Thought } from '../seams/agent.ts'
import type { Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'
import type { Journal } from '../seams/journal.ts'
import type { Appended, Draft } from '../seams/log.ts'
import { Answer, messageOf } from './answer.ts'
import type { Room } from './room.ts'

/** An agent and the messages that it answers; in session rooms and where it is mentioned unless said otherwise. */
export interface Seat {
  readonly agent: Agent
  readonly answers?: 'sessions and mentions' | 'everything' | 'mentions'
}

export interface RunsParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly node: string
  readonly runMs: number
  readonly answerLength: number
  /** How many messages of a room may wait for one agent's answers. */
  readonly queue: number
}

const HISTORY = { events: 200, bytes: 1024 * 1024 }
/** How long the ends of interrupted runs may take to be written. */
const LAST_WORDS_MS = 3_000
const LOOK_AGAIN_MS = 10

interface Job {
  readonly room: Room
  /** See {@link placeOf}. */
  readonly place: string
  readonly abort: AbortController
  /** Posts under way that may begin it. */
  claims: number
  /** Set when it has begun; settles when its end is written, or cannot be written any more. */
  done: Promise<void> | undefined
}

export type Posted = Draft & { readonly id: string; readonly fact: MessagePosted }

export class Runs {
  readonly #seats: readonly Seat[]
  readonly #parts: RunsParts
  readonly #jobs = new Map<RunId, Job>()
  /** By agent and room: settles when all runs so far have ended, and the next one may begin. */
  readonly #latest = new Map<string, Promise<unknown>>()
  /** By agent and room: jobs there. */
  readonly #queues = new Map<string, number>()
  #leaving = false

  constructor(seats: readonly Seat[], parts: RunsParts) {
    this.#seats = seats
    this.#parts = parts
  }

  get count(): number {
    return this.#jobs.size
  }

  /** Whether this process is at work on the run. */
  has(run: RunId): boolean {
    return this.#jobs.has(run)
  }

  /** Agents are members of every room; where they answer unasked is their seat's matter. */
  get agents(): readonly Author[] {
    return this.#seats.map(({ agent }) => authorOf(agent))
  }

  /**
   * Posts messages, in order and as one, each together with the beginnings of the runs that answer it. Resolves when all
   * of it is durable, with what became of each message.
   */
  async post(room: Room, messages: readonly Posted[]): Promise<readonly Appended[]> {
    const called = messages.map((posted) => ({ posted, callings: this.#called(room.id, posted) }))
    const callings = called.flatMap((one) => one.callings)
    // Nobody would answer any more: the next server takes the message, and answers it.
    if (this.#leaving && callings.length > 0) throw new Refusal('server.leaving', 'this server is about to stop')
    for (const { agent } of callings)
      if ((this.#queues.get(placeOf(room, agent)) ?? 0) >= this.#parts.queue)
        throw new Refusal('limit.exceeded', `too many messages wait for ${agent.name}`, { retryAfterMs: 1_000 })
    // A job is known before its run is in the log, so that nobody takes it for abandoned.
    const claimed = callings.map(({ run, agent }) => ({ run, agent, job: this.#claim(room, agent, run) }))
    try {
      const drafts = called.flatMap((one) => [one.posted, ...one.callings.flatMap((calling) => calling.drafts)])
      const appended = await room.append(drafts)
      const questions = new Map<string, Event>()
      const fresh = new Map<RunId, string>()
      for (const { event, repeated } of appended) {
        if (event.fact.type === 'message.posted') questions.set(messageKey(event.by.id, event.id ?? ''), event)
        else if (event.fact.type === 'run.started' && !repeated) fresh.set(event.fact.run, event.fact.cause)
      }
      for (const { run, agent, job } of claimed) {
        const question = questions.get(fresh.get(run) ?? '')
        if (question !== undefined && job.done === undefined) this.#begin(job, run, agent, messageOfEvent(question))
      }
      return appended.filter(({ event }) => event.fact.type === 'message.posted')
    } finally {
      for (const { run, job } of claimed) this.#release(run, job)
    }
  }

  /** Copies of a message share one job: whichever of them the log takes begins it. */
  #claim(room: Room, agent: Agent, run: RunId): Job {
    const job = this.#jobs.get(run) ?? this.#add(room, placeOf(room, agent), run)
    job.claims += 1
    return job
  }

  #release(run: RunId, job: Job): void {
    job.claims -= 1
    if (job.claims === 0 && job.done === undefined) this.#remove(run, job)
  }

  #add(room: Room, place: string, run: RunId): Job {
    const job = { room, place, abort: new AbortController(), claims: 0, done: undefined }
    this.#jobs.set(run, job)
    this.#queues.set(place, (this.#queues.get(place) ?? 0) + 1)
    return job
  }

  #remove(run: RunId, { place }: Job): void {
    this.#jobs.delete(run)
    const left = (this.#queues.get(place) ?? 0) - 1
    if (left > 0) this.#queues.set(place, left)
    else this.#queues.delete(place)
  }

  #called(room: RoomId, { by, id, fact }: Posted) {
    const text = textOf(fact.parts)
    return this.#seats
      .filter((seat) => answers(seat, room, text))
      .map(({ agent }) => {
        const author = authorOf(agent)
        const run = runId(room, agent.id, by.id, id)
        const { node } = this.#parts
        const drafts: Draft[] = [
          { by: author, id: `${run}.started`, fact: { type: 'run.started', run, cause: messageKey(by.id, id), node } },
          { by: author, id: `${run}.opened`, fact: { type: 'message.opened', message: messageOf(run), run } },
        ]
        return { agent, run, drafts }
      })
  }

  #begin(job: Job, run: RunId, agent: Agent, message: Message): void {
    const { place } = job
    const before = this.#latest.get(place)
    job.done = this.#work(job, run, agent, message, before).finally(() => this.#remove(run, job))
    // One that is cancelled while it waits ends before its turn: the next one's turn is not earlier for that.
    const turn: Promise<unknown> = Promise.all([before, job.done]).then(() => {
      if (this.#latest.get(place) === turn) this.#latest.delete(place)
    })
    this.#latest.set(place, turn)
  }

  async #work(
    job: Job,
    run: RunId,
    agent: Agent,
    message: Message,
    before: Promise<unknown> | undefined,
  ): Promise<void> {
    const { room, abort } = job
    const { clock, journal, runMs, answerLength } = this.#parts
    const release = room.hold()
    const over = (cause: unknown): void => {
      journal.warn('the log takes no more of this run', { room: room.id, run, cause: String(cause) })
      abort.abort('over')
    }
    const answer = new Answer(room, authorOf(agent), run, clock, answerLength, over)
    let stopTimer: Stop = () => undefined
    try {
      await unlessAborted(abort.signal, before ?? Promise.resolve())
      stopTimer = clock.after(runMs, () => abort.abort('timed_out' satisfies Outcome))
      const end = abort.signal.aborted ? undefined : await this.#think(job, run, agent, message, answer)
      const outcome = end?.outcome ?? outcomeOf(abort.signal)
      if (outcome !== undefined) await answer.close(outcome, end?.failure ?? failureOf(outcome, runMs))
    } catch (cause) {
      journal.error('a run could not be ended', cause, { room: room.id, run })
    } finally {
      stopTimer()
      release()
    }
  }

  /** How the agent ended by itself; undefined when it was made to stop. */
  async #think(
    { room, abort }: Job,
    run: RunId,
    agent: Agent,
    message: Message,
    answer: Answer,
  ): Promise<{ outcome: Outcome; failure?: Failure } | undefined> {
    const { signal } = abort
    let thoughts: AsyncIterator<Thought> | undefined
    try {
      const history = await this.#history(room, message)
      thoughts = agent.reply({ room: room.id, run, message, history, signal })[Symbol.asyncIterator]()
      for (;;) {
        // An agent that ignores its signal is not waited for.
        const next = await unlessAborted(signal, thoughts.next())
        if (next === undefined || signal.aborted) break
        if (next.done === true) return { outcome: 'completed' }
        answer.add(next.value)
      }
    } catch (cause) {
      if (!signal.aborted) return { outcome: 'failed', failure: this.#failureOf(cause, room.id, run) }
    } finally {
      // Gives the agent a chance to tidy up; one that ended has nothing to do.
      thoughts?.return?.()?.then(undefined, () => undefined)
    }
    return undefined
  }

  /** What the user is told; the cause is only logged. */
  #failureOf(cause: unknown, room: RoomId, run: RunId): Failure {
    const { journal } = this.#parts
    if (cause instanceof AgentFailure) {
      journal.warn('a run failed', { room, run, code: cause.failure.code })
      return cause.failure
    }
    journal.error('an agent broke', cause, { room, run })
    return { code: 'agent.failed', message: 'The agent failed. The cause is in the server log.' }
  }

  async #history(room: Room, message: Message): Promise<readonly Message[]> {
    const before = await room.older(message.seq, HISTORY)
    // What was still being written when the message came may have ended since.
    const since = await room.read({ epoch: before.epoch, seq: before.upTo }, HISTORY)
    const told = applyPage(timelineOf({ ...before, reset: 'start' }), since)
    return told.messages.filter((one) => one.state !== 'streaming' && one.seq < message.seq)
  }

  /** Each event of an open room, as it becomes known. */
  noticed({ fact }: Event): void {
    if (fact.type === 'run.cancelling') this.#jobs.get(fact.run)?.abort.abort('cancelled' satisfies Outcome)
  }

  /**
   * Takes no new runs; those at work may go on for `graceMs`, then they are interrupted. Resolves when all ends are
   * written, or a little later where the log takes none: whoever starts on the log next writes them.
   */
  async leave(graceMs: number): Promise<void> {
    this.#leaving = true
    const { clock, journal } = this.#parts
    const stop = clock.after(graceMs, () => {
      for (const job of this.#jobs.values()) job.abort.abort('interrupted' satisfies Outcome)
    })
    const { promise: tired, resolve } = Promise.withResolvers<void>()
    let patient = true
    const stopWaiting = clock.after(graceMs + LAST_WORDS_MS, () => {
      patient = false
      resolve()
    })
    while (this.#jobs.size > 0 && patient) {
      await Promise.race([tired, Promise.all([...this.#jobs.values()].map((job) => job.done))])
      // A run whose beginning is still being written has no end yet that could be waited for.
      await new Promise<void>((later) => clock.after(LOOK_AGAIN_MS, later))
    }
    if (!patient) {
      journal.warn('left before the ends of all runs were written', { runs: this.#jobs.size })
      this.#jobs.clear()
    }
    stop()
    stopWaiting()
  }
}

/** What the promise resolves with, or undefined as soon as the signal aborts. Leaves nothing behind on the signal. */
function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function answers({ agent, answers: when = 'sessions and mentions' }: Seat, room: RoomId, text: string): boolean {
  if (when === 'everything') return true
  if (when === 'sessions and mentions' && isSession(room)) return true
  return mentions(text, agent.name) || mentions(text, agent.id)
}

/** Whether `@name` stands in the text as a word of its own. */
function mentions(text: string, name: string): boolean {
  const wanted = `@${name.toLowerCase()}`
  const said = text.toLowerCase()
  for (let at = said.indexOf(wanted); at >= 0; at = said.indexOf(wanted, at + 1)) {
    const before = at === 0 ? ' ' : said[at - 1]
    const after = said[at + wanted.length] ?? ' '
    if (!/[\p{L}\p{N}_]/u.test(before ?? ' ') && !/[\p{L}\p{N}_-]/u.test(after)) return true
  }
  return false
}

/** Where an agent answers one message after the other. */
function placeOf(room: Room, agent: Agent): string {
  return `${room.id} ${agent.id}`
}

/** The same message gives the same run, whichever server it was sent to and however often. */
function runId(room: RoomId, agent: string, author: string, message: string): RunId {
  return `run-${createHash('sha256').update(`${room}\n${agent}\n${author}\n${message}`).digest('base64url').slice(0, 22)}`
}

function authorOf({ id, name }: Agent): Author {
  return { id, kind: 'agent', name }
}

function messageOfEvent({ by, id = '', at, seq, fact }: Event): Message {
  const parts = fact.type === 'message.posted' ? fact.parts : []
  return { key: messageKey(by.id, id), id, by, at, seq, parts, state: 'completed' }
}

function outcomeOf(signal: AbortSignal): Outcome | undefined {
  const { reason } = signal
  return reason === 'cancelled' || reason === 'timed_out' || reason === 'interrupted' ? reason : undefined
}

function failureOf(outcome: Outcome, runMs: number): Failure | undefined {
  if (outcome === 'timed_out')
    return {
      code: 'run.timed_out',
      message: `The answer took longer than ${Math.round(runMs / 1000)} seconds and was stopped.`,
    }
  if (outcome === 'interrupted')
    return { code: 'run.interrupted', message: 'The server stopped while this was being written.' }
  return undefined
}
