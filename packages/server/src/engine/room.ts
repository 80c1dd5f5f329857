// A room as this process sees it: the head of its log, the latest events, and who is listening.
import {
  type Author,
  type Event,
  type Fact,
  type Member,
  messageKey,
  type Page,
  type Position,
  Refusal,
  type RoomId,
  signalKey,
  type ToolProgress,
  type Typing,
  withoutContent,
} from '@parley/protocol'
import type { Broker, News, Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'
import type { Appended, Draft, Limit, Log, RoomInfo } from '../seams/log.ts'
import { bulkOf, handful, PAST } from './bulk.ts'
import { Telling } from './frames.ts'
import { Going } from './going.ts'
import { LatestPages } from './latest-pages.ts'
import type { Measures } from './measures.ts'
import { People } from './people.ts'
import type { Reader } from './reader.ts'
import { Signals } from './signals.ts'

const WINDOW = { events: 256, bytes: 128 * 1024 }
const RETRY_MS = 1_000
/**
 * A room is told to each reader at most once in so long for each reader, ms. That is more than telling takes: what happens in a
 * crowded room meanwhile goes out together, and other rooms have their turn.
 */
const EACH_MS = 0.01
/** How often it is told how far tools have come. */
const PROGRESS_MS = 100

export interface RoomParts {
  readonly log: Log
  readonly broker: Broker
  readonly clock: Clock
  readonly measures: Measures
  /** This process's name. */
  readonly node: string
  readonly agents: readonly Author[]
  /** Each event as it becomes known here, in order, once. */
  noticed(room: Room, event: Event): void
  /** Re-reading the log failed; the room tries again. */
  failed(room: Room, cause: unknown): void
}

export class Room {
  readonly id: RoomId
  readonly owner: string | undefined
  readonly going = new Going()
  readonly people: People
  /** How far tools have come. */
  readonly #signals: Signals
  readonly #parts: RoomParts
  readonly #pages = new LatestPages()
  readonly #readers = new Set<Reader>()
  readonly #stopListening: Stop
  #epoch: string
  /** The window tells all of (after, head]. */
  #after: number
  #head: number
  #window: Event[] = []
  /** See {@link bulkOf}. */
  #bulk = 0
  /** Everything up to here was told to attached readers. */
  #told: number
  /** Visible text of each message that is open at `told`, in UTF-16 units. */
  #open = new Map<string, number>()
  #telling = false
  #toldAt = Number.NEGATIVE_INFINITY
  /** Since when there has been something to tell. */
  #untoldSince = 0
  #refreshing: Promise<void> | undefined
  /** Set while the next try to read the log is waited for. */
  #stopRetry: Stop | undefined
  #closed = false
  /** Appends, runs and others who need this room to stay. */
  #holds = 0
  #idleSince: number

  constructor(info: RoomInfo, window: Page, parts: RoomParts) {
    this.id = info.room
    this.owner = info.owner
    this.#parts = parts
    this.#epoch = window.epoch
    this.#after = window.after
    this.#head = window.after
    this.#told = window.after
    this.#idleSince = parts.clock.steady()
    const { clock, log, node, agents } = parts
    const { id: room } = this
    const readers = this.#readers
    const announce = (news: Omit<News, 'epoch' | 'events'>): void => this.#announce(news)
    const settle = (): void => this.#publish()
    this.#signals = new Signals({
      room,
      clock,
      readers,
      everyMs: () => PROGRESS_MS,
      begun: (signal) => signal.type !== 'tool.progress' || this.going.hasCall(signal.call),
      announce: (signals) => announce({ signals }),
      settle,
    })
    const failed = (cause: unknown): void => parts.failed(this, cause)
    this.people = new People({ room, node, agents, clock, log, readers, announce, settle, failed })
    this.#stopListening = parts.broker.listen(info.room, (news) => this.#rumour(news))
    this.#advance(window.events, window.upTo)
    this.#publish()
  }

  get position(): Position {
    return { epoch: this.#epoch, seq: this.#head }
  }

  get measures(): Measures {
    return this.#parts.measures
  }

  get readers(): ReadonlySet<Reader> {
    return this.#readers
  }

  /** Resolves when the drafts are durable and known here. */
  async append(drafts: readonly Draft[], expect?: number): Promise<readonly Appended[]> {
    const { appends } = this.measures
    const begun = appends.begin()
    this.#holds += 1
    try {
      return this.#appended(await this.#parts.log.append(this.id, drafts, expect))
    } catch (cause) {
      // Perhaps the log took it all the same.
      if (!(cause instanceof Refusal) || cause.problem.code === 'storage.unavailable') this.#refreshSoon()
      throw cause
    } finally {
      appends.end(begun)
      this.#release()
    }
  }

  #appended(appended: readonly Appended[]): readonly Appended[] {
    const fresh = appended.filter(({ repeated }) => !repeated).map(({ event }) => event)
    if (fresh.length > 0) {
      this.measures.appended(fresh)
      this.#learn(fresh)
      this.#parts.broker.announce(this.id, { epoch: this.#epoch, events: fresh })
    }
    return appended
  }

  /** Something that is true only for the moment; other processes hear of it too. */
  signal(signal: ToolProgress | Typing): void {
    if (signal.type === 'typing') this.people.typing.say(signal.user, signal.on, true)
    else this.#signals.say(signal, true)
  }

  /** Who is here, on whatever process; agents first, then whoever came first. */
  get members(): IteratorObject<Member> {
    return this.people.presence.members
  }

  /** The same, without what they say of themselves. */
  get users(): readonly Author[] {
    return this.people.presence.users
  }

  /** What this author appended under this id lately. */
  recent(author: string, id: string): Event | undefined {
    return this.#window.findLast((event) => event.id === id && event.by.id === author)
  }

  /** What this author appended under this id, or undefined. */
  async find(author: string, id: string): Promise<Event | undefined> {
    return this.recent(author, id) ?? this.#parts.log.find(this.id, author, id)
  }

  /** See `Log.standing`. */
  standing(prefix: string, limit: number): Promise<readonly Event[]> {
    return this.#parts.log.standing(this.id, prefix, limit)
  }

  read(after: Position | undefined, limit: Limit): Promise<Page> {
    return this.#parts.log.read(this.id, after, limit)
  }

  /** What somebody lacks who comes back to this place. */
  since(place: Position): Promise<Page> {
    return this.#pages.get(`${place.seq} ${place.epoch}`, this.#parts.clock.steady(), () => this.read(place, PAST))
  }

  /** The last `history` events, for somebody who comes now. */
  latest(history: number): Promise<Page> {
    const limit = { events: history, bytes: PAST.bytes }
    const key = `${history} before ${this.#head} ${this.#epoch}`
    return this.#pages.get(key, this.#parts.clock.steady(), () => this.read(undefined, limit))
  }

  older(before: number, limit: Limit): Promise<Page> {
    return this.#parts.log.older(this.id, before, limit)
  }

  /**
   * Lets a reader live, if it stands within the window: says what it lacks and counts it among those who hear.
   * All in one step, without a pause in which the room could move.
   */
  attach(reader: Reader): boolean {
    // First of all, for it may make the window shorter.
    this.#publish()
    const place = reader.place
    if (place === undefined || place.epoch !== this.#epoch || place.seq < this.#after || place.seq > this.#head)
      return false
    const lacking = this.#window.slice(firstAfter(this.#window, place.seq))
    // So much is a matter of catching up.
    if (handful(lacking, PAST.bytes).length < lacking.length) return false
    // Counted in before it is told: being told may be its end.
    this.#readers.add(reader)
    for (const [key, length] of reader.heard) if (!this.#open.has(key)) this.#open.set(key, length)
    if (place.seq < this.#head) reader.tell(this.#page(place.seq, this.#head, lacking))
    this.#signals.greet(reader)
    this.people.greet(reader)
    return true
  }

  detach(reader: Reader): void {
    if (!this.#readers.delete(reader)) return
    this.#idleSince = this.#parts.clock.steady()
    this.#signals.dismiss(reader)
    this.people.dismiss(reader)
  }

  /**
   * A page of the log that a reader was given is news for the room too. False: the page is of another epoch than this
   * room knew and must be asked for again.
   */
  async meet(page: Page): Promise<boolean> {
    if (page.epoch !== this.#epoch) {
      await this.#refresh()
      return false
    }
    if (page.after > this.#head) await this.#refresh()
    else if (page.upTo > this.#head) {
      this.#advance(page.events, page.upTo)
      this.#tellSoon()
    }
    return true
  }

  /** Looks at the log for what no rumour told. */
  async poll(): Promise<void> {
    await this.#refresh()
  }

  /** Somebody is here, whether or not they have heard everything yet, until the returned function is called. */
  welcome(reader: Reader): Stop {
    const release = this.hold()
    this.people.come(reader)
    return () => {
      this.people.go(reader)
      release()
    }
  }

  /** Tells now what would be told soon. */
  settle(): void {
    this.#publish()
  }

  /** Called every second or so. */
  sweep(): void {
    this.#pages.sweep(this.#parts.clock.steady())
    this.people.sweep()
    this.#signals.sweep()
  }

  /** Keeps the room open until the returned function is called. */
  hold(): Stop {
    this.#holds += 1
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#release()
    }
  }

  #release(): void {
    this.#holds -= 1
    this.#idleSince = this.#parts.clock.steady()
  }

  /** Since when nobody has needed this room; undefined while somebody does. */
  get idleSince(): number | undefined {
    return this.#holds > 0 || this.#readers.size > 0 ? undefined : this.#idleSince
  }

  close(): void {
    this.#closed = true
    this.#signals.clear()
    this.people.close()
    this.#stopRetry?.()
    this.#stopListening()
  }

  #rumour({ epoch, events, signals = [], attendance }: News): void {
    // Who is here has nothing to do with the log.
    if (attendance !== undefined) this.people.presence.attend(attendance)
    if (epoch !== this.#epoch) return this.#refreshSoon()
    this.#learn(events)
    for (const signal of signals)
      if (signal.type !== 'tool.progress') this.people.hear(signal)
      else if (this.going.hasCall(signal.call)) this.#signals.say(signal, false)
  }

  #announce(news: Omit<News, 'epoch' | 'events'>): void {
    this.#parts.broker.announce(this.id, { epoch: this.#epoch, events: [], ...news })
  }

  /** Applies what follows the head, ignores the past, and asks the log about anything else. */
  #learn(events: readonly Event[]): void {
    for (const event of events) {
      if (event.seq <= this.#head) continue
      if (event.seq !== this.#head + 1) {
        this.#refreshSoon()
        break
      }
      this.#advance([event], event.seq)
    }
    this.#tellSoon()
  }

  #advance(events: readonly Event[], upTo: number): void {
    const known = this.#head
    this.#head = upTo
    for (const event of events) {
      if (event.seq <= known) continue
      this.#window.push(event)
      this.#bulk += bulkOf(event)
      this.#notice(event)
    }
  }

  #notice(event: Event): void {
    const { fact } = event
    this.going.notice(event)
    this.people.notice(event)
    // What was removed is shown to nobody who comes later.
    if (fact.type === 'message.redacted') {
      this.#window = this.#window.map((one) => withoutContent(one, fact.message))
      this.#pages.clear()
    }
    if (fact.type === 'tool.called') this.#signals.wake()
    else if (fact.type === 'tool.ended') this.#signals.forget(signalKey({ ...fact, type: 'tool.progress' }))
    this.#parts.noticed(this, event)
  }

  #refreshSoon(): void {
    if (this.#refreshing !== undefined || this.#stopRetry !== undefined || this.#closed) return
    this.#refresh().catch((cause: unknown) => {
      if (this.#closed) return
      this.#parts.failed(this, cause)
      this.#stopRetry = this.#parts.clock.after(RETRY_MS, () => {
        this.#stopRetry = undefined
        this.#refreshSoon()
      })
    })
  }

  /** Reads the log until this room is where it is; all who ask meanwhile wait for the same reading. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#catchUp().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #catchUp(): Promise<void> {
    const release = this.hold()
    try {
      for (;;) {
        const page = await this.read(this.position, WINDOW)
        if (page.reset !== undefined) return this.#jump(page)
        const before = this.#head
        if (page.upTo > before) this.#advance(page.events, page.upTo)
        this.#tellSoon()
        if (page.events.length === 0) return
      }
    } finally {
      release()
    }
  }

  /** The log is not where this room left it. Everybody goes back through the door, each from their own place. */
  #jump(page: Page): void {
    this.#publish()
    const riders = [...this.#readers]
    for (const reader of riders) this.#letGo(reader)
    this.#epoch = page.epoch
    this.#after = page.after
    this.#head = page.after
    this.#told = page.after
    this.#window = []
    this.#bulk = 0
    this.#open.clear()
    this.#pages.clear()
    this.going.clear()
    this.#signals.clear()
    this.people.forgetLog()
    this.#advance(page.events, page.upTo)
    this.#publish()
    for (const reader of riders) reader.walk()
  }

  #letGo(reader: Reader): void {
    reader.release({ epoch: this.#epoch, seq: this.#told }, this.#open)
    this.detach(reader)
  }

  #tellSoon(): void {
    if (this.#telling || this.#told === this.#head) return
    this.#telling = true
    const { clock } = this.#parts
    const now = clock.steady()
    this.#untoldSince = now
    const wait = this.#toldAt + this.#readers.size * EACH_MS - now
    // A timer knows no shorter time.
    if (wait < 1) clock.soon(() => this.#publish())
    else clock.after(wait, () => this.#publish())
  }

  /** One page for all that happened in this tick, encoded once per dialect; several where it would be a large one. */
  #publish(): void {
    this.#telling = false
    if (this.#told === this.#head) return
    for (;;) {
      const untold = this.#window.slice(firstAfter(this.#window, this.#told))
      const fresh = handful(untold, WINDOW.bytes)
      const upTo = fresh.length < untold.length ? (fresh.at(-1)?.seq ?? this.#head) : this.#head
      if (fresh.length > 0) this.#tell(this.#page(this.#told, upTo, fresh))
      this.#told = upTo
      if (upTo === this.#head) break
    }
    this.#shrink()
  }

  #tell(page: Page): void {
    this.#toldAt = this.#parts.clock.steady()
    const telling = new Telling(page, this.#open)
    for (const reader of this.#readers) if (!reader.hear(telling)) this.#letGo(reader)
    const { size } = this.#readers
    if (size > 0) this.measures.fannedOut(page.events.length, size, this.#parts.clock.steady() - this.#untoldSince)
    for (const { by, fact } of page.events) count(this.#open, by.id, fact)
  }

  #page(after: number, upTo: number, events: readonly Event[]): Page {
    return { room: this.id, epoch: this.#epoch, after, upTo, events }
  }

  /** Forgets the beginning of the window when there is twice too much of it. */
  #shrink(): void {
    if (this.#window.length <= WINDOW.events * 2 && this.#bulk <= WINDOW.bytes * 2) return
    let count = 0
    for (const event of this.#window) {
      if (this.#window.length - count <= WINDOW.events && this.#bulk <= WINDOW.bytes) break
      this.#bulk -= bulkOf(event)
      count += 1
    }
    const dropped = this.#window.splice(0, count)
    this.#after = dropped.at(-1)?.seq ?? this.#after
  }
}

/** Index of the first event after `seq`. The window is sorted, and mostly its end is wanted. */
function firstAfter(window: readonly Event[], seq: number): number {
  let index = window.length
  while (index > 0 && (window[index - 1] as Event).seq > seq) index -= 1
  return index
}

/** Keeps the lengths of open messages true as facts are told. */
function count(open: Map<string, number>, by: string, fact: Fact): void {
  switch (fact.type) {
    case 'message.opened':
      open.set(messageKey(by, fact.message), 0)
      break
    case 'message.grew':
      if (fact.kind === 'text') {
        const key = messageKey(by, fact.message)
        open.set(key, (open.get(key) ?? 0) + fact.text.length)
      }
      break
    case 'message.closed':
      open.delete(messageKey(by, fact.message))
      break
    default:
  }
}
