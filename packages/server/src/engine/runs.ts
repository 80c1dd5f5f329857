// Agents at work. A run belongs to the server, not to a socket: it begins with the message that it answers, in one append,
// and whatever happens an end is written.
import {
  type Author,
  type Call,
  type Event,
  type Message,
  messageKey,
  type Outcome,
  partsOfKey,
  Refusal,
  type RunId,
  type RunStarted,
} from '@parley/protocol'
import type { Agent } from '../seams/agent.ts'
import type { Appended, Draft } from '../seams/log.ts'
import { type Assignment, AtWork, type AtWorkParts, type Left } from './at-work.ts'
import { authorOfAgent, type Calling, calling, callingAgain, type Posted, type Seat, stopping } from './callings.ts'
import { type Consequences, consequencesOf, isPlain } from './overlap.ts'
import type { Room } from './room.ts'

export interface RunsParts extends AtWorkParts {
  readonly node: string
  /** How many messages of a room may wait for one agent's answers. */
  readonly queue: number
}

/** What became of a message. */
export interface Taken extends Appended {
  /** What it set going; not said where that is nothing, and of a repeat. */
  readonly calls?: readonly Call[]
}

/** How long the ends of interrupted runs may take to be written. */
const LAST_WORDS_MS = 3_000
const LOOK_AGAIN_MS = 10
/** A room that moves while a message is looked at is looked at again so often. */
const LOOKS = 5

interface Job {
  readonly room: Room
  /** See {@link placeOf}. */
  readonly place: string
  readonly abort: AbortController
  /** Appends under way that may begin it. */
  claims: number
  work: AtWork | undefined
  /** Other processes may tell of what steers it before the log has answered that it began. */
  readonly early: Message[]
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

  /** Whether this process is about to stop: others see to what it leaves behind. */
  get leaving(): boolean {
    return this.#leaving
  }

  /** Whether this process is at work on the run. */
  has(run: RunId): boolean {
    return this.#jobs.has(run)
  }

  /** Agents are members of every room; where they answer unasked is their seat's matter. */
  get agents(): readonly Author[] {
    return this.#seats.map(({ agent }) => authorOfAgent(agent))
  }

  agent(id: string): Agent | undefined {
    return this.#seats.find(({ agent }) => agent.id === id)?.agent
  }

  /**
   * Posts messages, in order and as one, each together with what it sets going. Resolves when all of it is durable, with
   * what became of each message.
   */
  post(room: Room, messages: readonly Posted[]): Promise<readonly Taken[]> {
    if (messages.every((posted) => isPlain(this.#seats, room.id, posted))) return room.append(messages)
    return this.#asItStands(room, async () => {
      const { node } = this.#parts
      const consequences = await Promise.all(messages.map((posted) => consequencesOf(this.#seats, room, posted, node)))
      return this.#post(room, messages, consequences)
    })
  }

  async #post(room: Room, messages: readonly Posted[], all: readonly Consequences[]): Promise<readonly Taken[]> {
    const callings = all.flatMap((one) => one.callings)
    const drafts = messages.flatMap((posted, index) => [posted, ...(all[index]?.drafts ?? [])])
    const appended = await this.#start(room, callings, drafts)
    const posted = appended.filter(({ event }) => event.fact.type === 'message.posted')
    return posted.map((one, index) => (one.repeated ? one : { ...one, calls: all[index]?.calls ?? [] }))
  }

  /** Has the question of `run` answered anew. Resolves with the new run. */
  async again(room: Room, by: Author, run: RunId, id: string): Promise<{ readonly run: RunId; readonly seq: number }> {
    const { agent, cause } = await this.#started(room, run)
    const question = await questionOf(room, cause)
    const wish = { run, cause, by: by.id, id }
    const begin = callingAgain(room.id, agent, wish, this.#parts.node)
    return this.#asItStands(room, async () => {
      const going = room.going.run(run)
      const before = going === undefined || going.cancelling ? [] : [stopping(by, run)]
      const appended = await this.#start(room, [begin], [...begin.drafts, ...before], question)
      const start = appended.find(({ event }) => event.fact.type === 'run.started')
      return { run: begin.run, seq: start?.event.seq ?? room.position.seq }
    })
  }

  /** A run that was to be steered or stopped may end in the meantime: then other things follow, and it is done anew. */
  async #asItStands<Outcome>(room: Room, act: () => Promise<Outcome>): Promise<Outcome> {
    for (let look = 1; ; look += 1) {
      try {
        return await act()
      } catch (cause) {
        if (look === LOOKS || !(cause instanceof Refusal) || cause.problem.code !== 'run.over') throw cause
        await room.poll()
      }
    }
  }

  /** Takes up what a process that ended had begun, as the log stands at `upTo`. */
  async takeUp(room: Room, agent: Agent, started: RunStarted, since: number, upTo: number, left: Left): Promise<void> {
    const { node } = this.#parts
    const { run, cause } = started
    const message = await questionOf(room, cause)
    // What is left is known to the room, too: nothing of it is noticed once more.
    await room.poll()
    const job = this.#claim(room, agent, run)
    try {
      const by = authorOfAgent(agent)
      const fact = { type: 'run.resumed', run, node, since } as const
      const [appended] = await room.append([{ by, id: `${run}.resumed.${upTo}`, fact }], upTo)
      if (appended === undefined || appended.repeated || job.done !== undefined) return
      const held = { run, since: appended.event.seq }
      this.#begin(job, { room, agent, held, message, left })
    } finally {
      this.#release(run, job)
    }
  }

  /** Appends the beginnings of runs, and begins those that the log took. @param known the question, where it is not among the drafts. */
  async #start(
    room: Room,
    callings: readonly Calling[],
    drafts: readonly Draft[],
    known?: Message,
  ): Promise<readonly Appended[]> {
    // Nobody would answer any more: the next server takes the message, and answers it.
    if (this.#leaving && callings.length > 0) throw new Refusal('server.leaving', 'this server is about to stop')
    for (const { agent } of callings)
      if ((this.#queues.get(placeOf(room, agent)) ?? 0) >= this.#parts.queue)
        throw new Refusal('limit.exceeded', `too many messages wait for ${agent.name}`, { retryAfterMs: 1_000 })
    return this.#append(room, callings, drafts, { ...(known === undefined ? {} : { known }) })
  }

  async #append(
    room: Room,
    callings: readonly Calling[],
    drafts: readonly Draft[],
    { known, head }: { readonly known?: Message; readonly head?: number },
  ): Promise<readonly Appended[]> {
    // A job is known before its run is in the log, so that nobody takes it for abandoned.
    const claimed = callings.map(({ run, agent }) => ({ run, agent, job: this.#claim(room, agent, run) }))
    try {
      const appended = await room.append(drafts, head)
      const questions = new Map(appended.map(({ event }) => [messageKey(event.by.id, event.id ?? ''), event]))
      for (const { event, repeated } of appended) {
        const { fact } = event
        if (fact.type !== 'run.started' || repeated) continue
        const { agent, job } = claimed.find(({ run }) => run === fact.run) ?? {}
        const question = questions.get(fact.cause)
        const message = question === undefined ? known : messageOfEvent(question)
        if (agent === undefined || job === undefined || message === undefined || job.done !== undefined) continue
        this.#begin(job, { room, agent, held: { run: fact.run, since: event.seq }, message })
      }
      return appended
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
    const job = { room, place, abort: new AbortController(), claims: 0, work: undefined, early: [], done: undefined }
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

  #begin(job: Job, work: Omit<Assignment, 'abort' | 'finish'>): void {
    const { place, abort } = job
    const { room, agent } = work
    const before = this.#latest.get(place)
    const task: Assignment = {
      ...work,
      abort,
      finish: (ends, late, head) => this.#finish(room, agent, ends, late, head),
    }
    job.work = new AtWork(task, this.#parts)
    for (const message of job.early) job.work.steer(message)
    job.done = this.#work(job.work, task, before).finally(() => this.#remove(task.held.run, job))
    // One that is cancelled while it waits ends before its turn: the next one's turn is not earlier for that.
    const turn: Promise<unknown> = Promise.all([before, job.done]).then(() => {
      if (this.#latest.get(place) === turn) this.#latest.delete(place)
    })
    this.#latest.set(place, turn)
  }

  async #work(work: AtWork, { room, held }: Assignment, before: Promise<unknown> | undefined): Promise<void> {
    const release = room.hold()
    try {
      await work.go(before)
    } catch (cause) {
      this.#parts.journal.error('a run could not be ended', cause, { room: room.id, run: held.run })
    } finally {
      release()
    }
  }

  /** See `Assignment.finish`. No limit is asked: the message was taken long ago. */
  #finish(
    room: Room,
    agent: Agent,
    ends: readonly Draft[],
    late: Message | undefined,
    head: number | undefined,
  ): Promise<unknown> {
    if (late === undefined) return room.append(ends, head)
    const begin = calling(room.id, agent, late, this.#parts.node)
    return this.#append(room, [begin], [...ends, ...begin.drafts], {
      known: late,
      ...(head === undefined ? {} : { head }),
    })
  }

  /** The start of a run of an agent that answers here. */
  async #started(room: Room, run: RunId): Promise<{ readonly agent: Agent; readonly cause: string }> {
    for (const { agent } of this.#seats) {
      const event = await room.find(agent.id, `${run}.started`)
      if (event?.fact.type === 'run.started') return { agent, cause: event.fact.cause }
    }
    throw new Refusal('run.over', `no agent here knows of ${run}`)
  }

  /** Each event of an open room, as it becomes known. */
  noticed(room: Room, { fact, seq }: Event): void {
    if (!('run' in fact) || fact.run === undefined) return
    const job = this.#jobs.get(fact.run)
    if (job === undefined) return
    if (fact.type === 'run.cancelling') job.abort.abort('cancelled' satisfies Outcome)
    else if (fact.type === 'approval.given') job.work?.decided(fact)
    else if (fact.type === 'tool.cancelling') job.work?.cancelTool(fact.call)
    else if (fact.type === 'run.resumed' || fact.type === 'run.ended') job.work?.lost(seq)
    else if (fact.type === 'run.steered') {
      const message = room.recent(...partsOfKey(fact.cause))
      if (message === undefined) return
      if (job.work === undefined) job.early.push(messageOfEvent(message))
      else job.work.steer(messageOfEvent(message))
    }
  }

  /** Whose question a run answers, if it goes on or an agent here has answered it. */
  async asker(room: Room, run: RunId): Promise<string> {
    const { cause } = room.going.run(run) ?? (await this.#started(room, run))
    return partsOfKey(cause)[0]
  }

  /**
   * Takes no new runs; those at work may go on for `graceMs`, then they are interrupted. Those that only wait for people are
   * left to the next server. Resolves when all ends are written, or a little later where the log takes none: whoever starts
   * on the log next writes them.
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
      for (const job of this.#jobs.values()) job.work?.park()
      // A run whose beginning is still being written has no end yet that could be waited for.
      const later = new Promise<void>((settle) => clock.after(LOOK_AGAIN_MS, settle))
      await Promise.race([tired, later])
    }
    // They go on hearing what people want of them for as long as this process lives.
    if (!patient) journal.warn('left before the ends of all runs were written', { runs: this.#jobs.size })
    stop()
    stopWaiting()
  }
}

/** Where an agent answers one message after the other. */
function placeOf(room: Room, agent: Agent): string {
  return `${room.id} ${agent.id}`
}

async function questionOf(room: Room, cause: string): Promise<Message> {
  const event = await room.find(...partsOfKey(cause))
  if (event === undefined) throw new Refusal('message.unknown', 'the question is not kept any more')
  return messageOfEvent(event)
}

function messageOfEvent({ by, id = '', at, seq, fact }: Event): Message {
  const parts = fact.type === 'message.posted' ? fact.parts : []
  return { key: messageKey(by.id, id), id, by, at, seq, parts, state: 'completed' }
}
