// Tells one hook of all rooms: each room in its order, one request at a time; a room that must wait holds up no other.
import type { Page, RoomId } from '@parley/protocol'
import type { Stop } from './seams/broker.ts'
import type { Chance, Clock } from './seams/clock.ts'
import type { Journal } from './seams/journal.ts'
import type { Log, RoomInfo } from './seams/log.ts'
import type { Hook } from './webhooks-hook.ts'
import { Ledger } from './webhooks-ledger.ts'
import { deliver, type Send } from './webhooks-request.ts'
import { Troubles } from './webhooks-troubles.ts'

export interface CourierParts {
  readonly log: Log
  readonly clock: Clock
  readonly chance: Chance
  readonly journal: Journal
  readonly send: Send
  /** This process's name among those that share the log. */
  readonly node: string
}

/** Rooms that are told of at the same time. */
const AT_ONCE = 16
/** Events of one request, and the bytes that a page of the log is read up to. */
const PAGE = { events: 100, bytes: 256 * 1024 }
/** Pages of a room before it is another's turn. */
const PAGES = 10
/** Longer than a request may take. */
const LEASE_MS = 30_000
/** When another process tells of a room, it is looked again after this, whether anything is left to tell. */
const TAKEN_MS = 2_000

/** A log that could not say what a hook lacks is asked again. */
const AGAIN_MS = 5_000

/** What is left to tell: something in so many ms, something at once (0), or nothing. */
type Rest = number | undefined

export class Courier {
  readonly #hook: Hook
  readonly #parts: CourierParts
  readonly #left = new AbortController()
  /** Rooms with something to tell, first come first served. */
  readonly #waiting = new Set<RoomId>()
  /** Rooms that are being told of, and whether something came meanwhile. */
  readonly #visits = new Map<RoomId, { again: boolean; readonly done: Promise<void> }>()
  /** Rooms whose next try is later. */
  readonly #resting = new Map<RoomId, Stop>()
  readonly #troubles: Troubles
  #ledger: Ledger | undefined
  #beginning: Promise<void> = Promise.resolve()
  #stopRetry: Stop = () => undefined

  constructor(hook: Hook, parts: CourierParts) {
    this.#hook = hook
    this.#parts = parts
    this.#troubles = new Troubles(hook.host, parts)
  }

  /** Finds out what the hook lacks since this process, or one before it, told it last; then tells. */
  begin(): void {
    this.#beginning = this.#begin()
  }

  async #begin(): Promise<void> {
    const { log, clock, journal } = this.#parts
    try {
      this.#ledger ??= await Ledger.open(log, this.#hook.name, clock.now())
      this.#work()
      for await (const room of this.#ledger.behind()) {
        if (this.#left.signal.aborted) return
        this.hear(room)
      }
    } catch (cause) {
      if (this.#left.signal.aborted) return
      journal.error('could not find out what a webhook lacks', cause, { hook: this.#hook.host })
      this.#stopRetry = clock.after(AGAIN_MS, () => this.begin())
    }
  }

  /** Something happened in a room that the hook wants to be told. */
  hear(room: RoomId): void {
    const visit = this.#visits.get(room)
    if (visit !== undefined) visit.again = true
    else if (!this.#resting.has(room)) this.#waiting.add(room)
    this.#work()
  }

  /** Resolves when nothing can be told at once any more. Rooms whose next try is later are left to the next process. */
  async calm(): Promise<void> {
    while (this.#ledger !== undefined && this.#visits.size > 0)
      await Promise.race([...this.#visits.values()].map(({ done }) => done))
  }

  /** Breaks off what is under way. Resolves when the log is not used any more. */
  async stop(): Promise<void> {
    this.#left.abort()
    this.#stopRetry()
    this.#waiting.clear()
    for (const stop of this.#resting.values()) stop()
    await this.#beginning
    await Promise.all([...this.#visits.values()].map(({ done }) => done))
  }

  #work(): void {
    if (this.#ledger === undefined || this.#left.signal.aborted) return
    for (const room of this.#waiting) {
      if (this.#visits.size >= AT_ONCE) return
      this.#waiting.delete(room)
      this.#visits.set(room, { again: false, done: this.#visit(room, this.#ledger) })
    }
  }

  async #visit(room: RoomId, ledger: Ledger): Promise<void> {
    const rest = await this.#tellOf(room, ledger).catch((cause: unknown) => this.#troubles.broke(room, cause))
    const again = this.#visits.get(room)?.again === true
    this.#visits.delete(room)
    if (this.#left.signal.aborted) return
    if (rest === 0 || (rest === undefined && again)) this.#waiting.add(room)
    else if (rest !== undefined) this.#rest(room, rest)
    this.#work()
  }

  #rest(room: RoomId, ms: number): void {
    const stop = this.#parts.clock.after(ms, () => {
      this.#resting.delete(room)
      this.hear(room)
    })
    this.#resting.set(room, stop)
  }

  /** Only who holds the lease tells of a room, so that its order is kept also among processes. */
  async #tellOf(room: RoomId, ledger: Ledger): Promise<Rest> {
    const { log, node } = this.#parts
    const lease = (ttlMs: number): Promise<boolean> => log.lease(`${this.#hook.name}/${room}`, node, ttlMs)
    try {
      let rest: Rest = 0
      for (let pages = 0; rest === 0 && pages < PAGES; pages += 1)
        rest = (await lease(LEASE_MS)) ? await this.#tellPage(room, ledger) : TAKEN_MS
      return rest
    } finally {
      await lease(0)
    }
  }

  async #tellPage(room: RoomId, ledger: Ledger): Promise<Rest> {
    const info = await this.#parts.log.info(room)
    const page = info === undefined ? undefined : await this.#next(info, ledger)
    if (info === undefined || page === undefined) return undefined
    // Its beginning was forgotten in this moment.
    if (page.reset !== undefined) return 0
    const rest = await this.#tell(page)
    if (rest !== undefined) return rest
    await ledger.told(room, page.upTo)
    return page.upTo < info.head ? 0 : undefined
  }

  /** What follows the place up to which the hook was told; undefined when that is all. */
  async #next(info: RoomInfo, ledger: Ledger): Promise<Page | undefined> {
    const { room, epoch, head } = info
    const seq = await ledger.place(info)
    if (seq >= head) return undefined
    const page = await this.#parts.log.read(room, { epoch, seq }, PAGE)
    // Nothing but growth that was disposed of lies between.
    return page.events.length === 0 ? { ...page, upTo: head } : page
  }

  async #tell({ room, epoch, events }: Page): Promise<Rest> {
    const wanted = events.filter((event) => this.#hook.wants(room, event))
    if (wanted.length === 0) return undefined
    const { send, clock } = this.#parts
    const verdict = await deliver(
      this.#hook,
      { room, epoch, events: wanted },
      { send, clock, signal: this.#left.signal },
    )
    if (this.#left.signal.aborted && verdict.is === 'later') return TAKEN_MS
    if (verdict.is === 'later') return this.#troubles.failed(room, verdict.why, verdict.retryAfterMs)
    if (verdict.is === 'refused') this.#troubles.refused(room, verdict.why, wanted.at(-1)?.seq)
    this.#troubles.over(room)
    return undefined
  }
}
