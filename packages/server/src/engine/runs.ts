// Agents at work. A run belongs to the server, not to a socket: it begins with the message that it answers, in one append,
// and whatever happens an end is written.
import {
  type Author,
  applyPage,
  type Event,
  type Message,
  messageKey,
  type Outcome,
  Refusal,
  type RunId,
  timelineOf,
} from '@parley/protocol'
import type { Agent } from '../seams/agent.ts'
import type { Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'
import type { Journal } from '../seams/journal.ts'
import type { Appended } from '../seams/log.ts'
import { Answer } from './answer.ts'
import { authorOfAgent, callingsOf, type Posted, type Seat } from './callings.ts'
import type { Room } from './room.ts'
import { endOf, think, unlessAborted } from './thinking.ts'

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
    return this.#seats.map(({ agent }) => authorOfAgent(agent))
  }

  /**
   * Posts messages, in order and as one, each together with the beginnings of the runs that answer it. Resolves when all
   * of it is durable, with what became of each message.
   */
  async post(room: Room, messages: readonly Posted[]): Promise<readonly Appended[]> {
    const called = messages.map((posted) => ({
      posted,
      callings: callingsOf(this.#seats, room.id, posted, this.#parts.node),
    }))
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
    const answer = new Answer(room, authorOfAgent(agent), run, clock, answerLength, over)
    let stopTimer: Stop = () => undefined
    try {
      await unlessAborted(abort.signal, before ?? Promise.resolve())
      stopTimer = clock.after(runMs, () => abort.abort('timed_out' satisfies Outcome))
      const { signal } = abort
      const turn = async () => ({ room: room.id, run, message, history: await this.#history(room, message), signal })
      const end =
        (signal.aborted ? undefined : await think(agent, turn, answer, signal, journal)) ?? endOf(signal, runMs)
      if (end !== undefined) await answer.close(end.outcome, end.failure)
    } catch (cause) {
      journal.error('a run could not be ended', cause, { room: room.id, run })
    } finally {
      stopTimer()
      release()
    }
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

/** Where an agent answers one message after the other. */
function placeOf(room: Room, agent: Agent): string {
  return `${room.id} ${agent.id}`
}

function messageOfEvent({ by, id = '', at, seq, fact }: Event): Message {
  const parts = fact.type === 'message.posted' ? fact.parts : []
  return { key: messageKey(by.id, id), id, by, at, seq, parts, state: 'completed' }
}
