// Runs whose process is gone: found by their open spans. Those that can be taken up are, the others are closed as interrupted
// with the text that was kept.
import {
  type Event,
  isToolOver,
  messageKey,
  type Page,
  Refusal,
  type RoomId,
  type RunResumed,
  type RunStarted,
  type Timeline,
  type Tool,
  timelineOf,
} from '@parley/protocol'
import type { Agent } from '../seams/agent.ts'
import type { Clock } from '../seams/clock.ts'
import type { Journal } from '../seams/journal.ts'
import type { Draft, Log, OpenSpan } from '../seams/log.ts'
import { endings, messageOf } from './answer.ts'
import type { Left } from './at-work.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'
import type { Runs } from './runs.ts'
import { interruption } from './thinking.ts'
import { decisionId, SYSTEM, toolEndId } from './tool-call.ts'

const LEASE_MS = 15_000
const PAGE = { events: 1_000, bytes: 1024 * 1024 }
const RUN = 'run/'
/** How often a run is begun again whose agent wants that. */
const RETRIES = 3

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

  /** Says that this process is gone, so that others need not wait to find out. */
  async leave(): Promise<void> {
    const { log, node, journal } = this.#parts
    await this.stop()
    await log.lease(leaseOf(node), node, 0).catch((cause: unknown) => {
      journal.warn('could not take leave of the other processes', { cause: String(cause) })
    })
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
    const taken = await this.#takenAt(span)
    // The world moved while the log was read: perhaps this process began the run just now.
    if (taken === undefined || runs.leaving || runs.has(taken.fact.run)) return
    const { node: owner } = taken.fact
    if (!alive.has(owner)) alive.set(owner, !(await log.lease(leaseOf(owner), node, LEASE_MS)))
    if (alive.get(owner) !== false) return
    const first = taken.fact.type === 'run.resumed' ? taken.fact.since : taken.seq
    await this.#settle(span.room, taken.fact.run, first)
  }

  /** How the run came to the process that had it last. */
  async #takenAt({ room, first }: OpenSpan): Promise<(Event & { readonly fact: Taking }) | undefined> {
    const { log } = this.#parts
    const info = await log.info(room)
    if (info === undefined) return undefined
    const page = await log.read(room, { epoch: info.epoch, seq: first - 1 }, { events: 1, bytes: 1 })
    const [event] = page.events
    return event !== undefined && event.seq === first && isTaking(event) ? event : undefined
  }

  async #settle(roomId: RoomId, run: string, first: number): Promise<void> {
    const { rooms, journal } = this.#parts
    const room = await rooms.find(roomId)
    if (room === undefined) return
    const release = room.hold()
    try {
      for (;;) {
        const slice = await this.#since(roomId, room.position.epoch, first)
        const found = findingOf(slice, run)
        if (found === undefined || this.#stopped || this.#parts.runs.leaving) return
        try {
          // Only if nothing was appended since: what is shown already must be part of what is kept.
          if (!(await this.#takeUp(room, found, first, slice.upTo))) {
            await room.append(closing(found), slice.upTo)
            journal.info('closed a run whose process is gone', { room: roomId, run })
          }
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

  /** Whether it goes on here. */
  async #takeUp(room: Room, found: Finding, first: number, upTo: number): Promise<boolean> {
    const { runs, journal } = this.#parts
    const agent = runs.agent(found.start.by.id)
    if (agent === undefined || found.cancelling || !goesOn(agent, found)) return false
    try {
      await runs.takeUp(room, agent, found.start.fact, first, upTo, found.left)
    } catch (cause) {
      // Without its question there is nothing to go on with.
      if (cause instanceof Refusal && cause.problem.code === 'message.unknown') return false
      throw cause
    }
    journal.info('took up a run whose process is gone', { room: room.id, run: found.start.fact.run })
    return true
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

type Taking = RunStarted | RunResumed

function isTaking(event: Event): event is Event & { readonly fact: Taking } {
  return event.fact.type === 'run.started' || event.fact.type === 'run.resumed'
}

/** A run that has not ended, as its room tells it. */
interface Finding {
  readonly start: Event & { readonly fact: RunStarted }
  readonly cancelling: boolean
  /** How often it was taken up already. */
  readonly resumed: number
  readonly left: Left
}

/** Undefined when it has ended already. */
function findingOf(slice: Page, run: string): Finding | undefined {
  const told = timelineOf({ ...slice, reset: 'start' })
  const going = told.runs.get(run)
  const start = slice.events.find((event) => event.fact.type === 'run.started' && event.fact.run === run)
  if (going === undefined || start?.fact.type !== 'run.started') return undefined
  if (going.state !== 'running' && going.state !== 'cancelling') return undefined
  const { fact } = start
  const resumed = slice.events.filter((event) => event.fact.type === 'run.resumed' && event.fact.run === run).length
  return {
    resumed,
    start: { ...start, fact },
    cancelling: going.state === 'cancelling',
    left: leftOf(slice, told, start, run),
  }
}

function leftOf({ events }: Page, told: Timeline, { by, seq, at }: Event, run: string): Left {
  const id = messageOf(run)
  const key = messageKey(by.id, id)
  const empty = { key, id, by, at, seq, parts: [], state: 'streaming', run } as const
  const steeredBy = new Set(told.runs.get(run)?.steeredBy)
  return {
    partial: told.messages.find((message) => message.key === key) ?? empty,
    tools: [...told.tools.values()].filter((tool) => tool.run === run),
    started: new Set(events.flatMap(({ fact }) => (fact.type === 'tool.started' ? [fact.call] : []))),
    steering: told.messages.filter((message) => steeredBy.has(message.key)),
  }
}

/** Whether the agent can go on elsewhere from what is left. A run that ended one process after another is not for the next. */
function goesOn({ onInterrupted = 'end', tools = [] }: Agent, { left, resumed }: Finding): boolean {
  if (onInterrupted === 'end') return false
  if (onInterrupted === 'retry' && resumed < RETRIES) return true
  const open = left.tools.filter((tool) => !isToolOver(tool))
  return (
    open.length > 0 &&
    open.every(({ call, name, approval }) => {
      return approval !== undefined && !left.started.has(call) && tools.some((tool) => tool.name === name)
    })
  )
}

function closing({ start, cancelling, left }: Finding): readonly Draft[] {
  const { by } = start
  const { run } = start.fact
  const outcome = cancelling ? 'cancelled' : 'interrupted'
  const tools = left.tools.filter((tool) => !isToolOver(tool))
  return [
    ...tools.flatMap((tool) => endingsOf(by, tool, cancelling)),
    ...endings(by, run, left.partial.parts, outcome, cancelling ? {} : { failure: interruption }),
  ]
}

function endingsOf(by: Event['by'], { run, call, approval, printed }: Tool, cancelled: boolean): readonly Draft[] {
  const rest = printed === undefined ? {} : { printed }
  const end = { type: 'tool.ended', run, call, outcome: cancelled ? 'cancelled' : 'failed', ...rest } as const
  const ended: Draft = { by, id: toolEndId(call), fact: cancelled ? end : { ...end, failure: interruption } }
  if (approval === undefined || approval.approved !== undefined) return [ended]
  const reason = 'The server stopped before anybody had decided.'
  const decision = { type: 'approval.given', run, call, approved: false, reason } as const
  return [{ by: SYSTEM, id: decisionId(call), fact: decision }, ended]
}
