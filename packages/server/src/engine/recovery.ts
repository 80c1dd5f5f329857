// Runs whose process is gone: found by their open spans, closed as interrupted with the text that was kept.
import {
  type Author,
  type Event,
  messageKey,
  type Page,
  Refusal,
  type RoomId,
  type RunStarted,
  timelineOf,
} from '@parley/protocol'
import type { Clock } from '../seams/clock.ts'
import type { Journal } from '../seams/journal.ts'
import type { Draft, Log, OpenSpan } from '../seams/log.ts'
import { endings, messageOf } from './answer.ts'
import type { Rooms } from './rooms.ts'
import type { Runs } from './runs.ts'
import { interruption } from './thinking.ts'

const LEASE_MS = 15_000
const PAGE = { events: 1_000, bytes: 1024 * 1024 }
const RUN = 'run/'

export interface RecoveryParts {
  readonly log: Log
  readonly rooms: Rooms
  readonly runs: Runs
  readonly clock: Clock
  readonly journal: Journal
  readonly node: string
}

export class Recovery {
  readonly #parts: RecoveryParts
  #going: Promise<void> | undefined
  #stopped = false

  constructor(parts: RecoveryParts) {
    this.#parts = parts
  }

  /** Says that this process lives and looks for runs whose process does not. Called at the start and every few seconds. */
  round(): Promise<void> {
    this.#going ??= this.#round().finally(() => {
      this.#going = undefined
    })
    return this.#going
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#going?.catch(() => undefined)
  }

  async #round(): Promise<void> {
    const { log, node, journal } = this.#parts
    if (!(await log.lease(leaseOf(node), node, LEASE_MS)))
      journal.warn('another process took this one for dead', { node })
    const alive = new Map<string, boolean>([[node, false]])
    for (const span of await log.spans(RUN)) {
      if (this.#stopped) return
      if (this.#parts.runs.has(span.key.slice(RUN.length))) continue
      try {
        await this.#look(span, alive)
      } catch (cause) {
        // One room that cannot be read must not keep the others waiting; the next round tries again.
        journal.error('could not see to an open run', cause, { room: span.room, span: span.key })
      }
    }
  }

  /** @param alive what this round knows of processes; this process's own lost runs count as dead. */
  async #look(span: OpenSpan, alive: Map<string, boolean>): Promise<void> {
    const { log, node, runs } = this.#parts
    const started = await this.#startOf(span)
    // The world moved while the log was read: perhaps this process began the run just now.
    if (started === undefined || runs.has(started.fact.run)) return
    const { node: owner, run } = started.fact
    if (!alive.has(owner)) alive.set(owner, !(await log.lease(leaseOf(owner), node, LEASE_MS)))
    if (alive.get(owner) === false) await this.#interrupt(span.room, run, started)
  }

  async #startOf({ room, first }: OpenSpan): Promise<(Event & { readonly fact: RunStarted }) | undefined> {
    const { log } = this.#parts
    const info = await log.info(room)
    if (info === undefined) return undefined
    const page = await log.read(room, { epoch: info.epoch, seq: first - 1 }, { events: 1, bytes: 1 })
    const [event] = page.events
    return event !== undefined && event.seq === first && isStart(event) ? event : undefined
  }

  async #interrupt(roomId: RoomId, run: string, started: Event): Promise<void> {
    const { rooms, journal } = this.#parts
    const room = await rooms.find(roomId)
    if (room === undefined) return
    const release = room.hold()
    try {
      for (;;) {
        const slice = await this.#since(roomId, room.position.epoch, started.seq)
        const drafts = closing(slice, started.by, run)
        if (drafts === undefined || this.#stopped) return
        try {
          // Only if nothing was appended since: what is shown already must be part of what is kept.
          await room.append(drafts, slice.upTo)
          journal.info('closed a run whose process is gone', { room: roomId, run })
          return
        } catch (cause) {
          if (!(cause instanceof Refusal)) throw cause
          if (cause.problem.code === 'run.over') return
          await new Promise<void>((resolve) => this.#parts.clock.after(50, resolve))
        }
      }
    } finally {
      release()
    }
  }

  /** All that the log keeps from `first` on, as one page. */
  async #since(room: RoomId, epoch: string, first: number): Promise<Page> {
    const { log } = this.#parts
    let whole = await log.read(room, { epoch, seq: first - 1 }, PAGE)
    for (;;) {
      const next = await log.read(room, { epoch: whole.epoch, seq: whole.upTo }, PAGE)
      if (next.reset !== undefined || next.events.length === 0) return whole
      whole = { ...whole, upTo: next.upTo, events: [...whole.events, ...next.events] }
    }
  }
}

function leaseOf(node: string): string {
  return `node/${node}`
}

function isStart(event: Event): event is Event & { readonly fact: RunStarted } {
  return event.fact.type === 'run.started'
}

/** The end of a run as its room tells it; undefined when it has ended already. */
function closing(slice: Page, agent: Author, run: string): readonly Draft[] | undefined {
  const told = timelineOf({ ...slice, reset: 'start' })
  const state = told.runs.get(run)?.state
  if (state !== 'running' && state !== 'cancelling') return undefined
  const key = messageKey(agent.id, messageOf(run))
  const parts = told.messages.find((message) => message.key === key)?.parts ?? []
  const outcome = state === 'cancelling' ? 'cancelled' : 'interrupted'
  const tools = [...told.tools.values()].filter((tool) => tool.run === run && tool.state === 'running')
  return [
    ...tools.map(
      ({ call }): Draft => ({
        by: agent,
        id: `${run}.tool.${call}.ended`,
        fact: { type: 'tool.ended', run, call, outcome: outcome === 'cancelled' ? 'cancelled' : 'failed' },
      }),
    ),
    ...endings(agent, run, parts, outcome, outcome === 'interrupted' ? { failure: interruption } : {}),
  ]
}
