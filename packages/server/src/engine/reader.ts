// A connection's place in a room. Live, slow, reconnecting and brand-new readers all walk the same path:
// read pages from the log until the room's live window is reached, then be attached.
import { type Author, compact, type Dialect, type Heard, type Page, type Position } from '@parley/protocol'
import type { Stop } from '../seams/broker.ts'
import { Frame } from '../seams/transport.ts'
import { PAST } from './bulk.ts'
import type { Telling, Whisper } from './frames.ts'
import { frameOf } from './latest-pages.ts'
import type { Room } from './room.ts'
import type { Turns } from './turns.ts'

/** What a reader needs of its connection. */
export interface Ear {
  readonly dialect: Dialect
  readonly memory: unknown
  readonly actor: Author
  /** Stands for it where it may have gone already, and holds nothing of it. */
  readonly voice: object
  /** More bytes wait for the socket than is good; see `Limits.softBytes`. */
  readonly congested: boolean
  /** Whose turn it is to catch up. */
  readonly turns: Turns
  hear(frame: Frame): void
  /** What was said privately may make its dialect ask for something. */
  heed(): void
  /** Reading the log failed; the connection ends, for a reader without a place is of no use. */
  broken(cause: unknown): void
}

/** Its place as long as it is not attached; attached readers are where their room is. */
type Place = Position | undefined

export class Reader {
  readonly room: Room
  readonly ear: Ear
  #place: Place
  readonly #history: number
  /** Where the room was when this reader came. */
  readonly #came: Position
  readonly #release: Stop
  #gone = false
  #walking = false
  /** For dialects whose clients keep no position: how much of each open message was heard. */
  #heard = new Map<string, number>()

  constructor(room: Room, ear: Ear, at: Position | undefined, history: number) {
    this.room = room
    this.ear = ear
    this.#place = at
    this.#history = history
    this.#came = room.position
    // Also while it is away catching up, or its socket takes nothing: it will come back to this room.
    this.#release = room.welcome(this)
  }

  get place(): Place {
    return this.#place
  }

  /** Whether it hears what happens as it happens. */
  get live(): boolean {
    return this.room.readers.has(this)
  }

  /** Begins or goes on to catch up. Called at the start, when the socket has drained, and when the room had to jump. */
  walk(): void {
    if (this.#walking || this.#gone || this.live) return
    this.#walking = true
    this.#catchUp().catch((cause: unknown) => {
      if (!this.#gone) this.ear.broken(cause)
    })
  }

  async #catchUp(): Promise<void> {
    try {
      while (!this.#gone && !this.ear.congested) {
        // No await between here and the return: whoever lets this reader go afterwards must find it at rest.
        if (this.room.attach(this)) return
        if (!this.ear.turns.take(this)) return
        const page = await (this.#place === undefined ? this.#beginning() : this.room.since(this.#place))
        if (this.#gone) return
        // The log may know of another epoch, or of events that this room has not heard of yet.
        if (!(await this.room.meet(page))) continue
        if (this.#gone) return
        this.tell(page)
        this.ear.turns.pass(this)
      }
    } finally {
      this.#walking = false
      this.ear.turns.pass(this)
    }
  }

  /** As much of the past as was asked for; what happened since this reader came is told in any case. */
  async #beginning(): Promise<Page> {
    const { room } = this
    const { epoch, seq } = this.#came
    const latest = await room.latest(this.#history)
    if (latest.epoch !== epoch || latest.after <= seq) return latest
    await room.meet(latest)
    const limit = { events: this.#history, bytes: PAST.bytes }
    return { ...(await room.older(seq + 1, limit)), reset: 'start' }
  }

  /** Says a page to this reader alone and moves its place. */
  tell(page: Page): void {
    this.#place = { epoch: page.epoch, seq: page.upTo }
    this.room.measures.caughtUp(page.events.length, page.reset)
    if (page.reset !== undefined) this.#heard.clear()
    if (page.events.length === 0 && page.reset === undefined) return
    const { dialect } = this.ear
    if (dialect.shares && dialect.resumes) this.ear.hear(frameOf(page, dialect))
    // What the log disposed of a message must not be told in part: compacted, what has closed is told as a whole.
    else this.#say(compact(page), this.#heard)
  }

  /** Says what all hear. False: the socket is congested, and nothing was said. */
  hear(telling: Telling): boolean {
    const { ear } = this
    if (ear.congested) return false
    const { shares, echoes } = ear.dialect
    if (shares && (echoes || !telling.saidBy(ear.actor.id))) ear.hear(telling.in(ear.dialect))
    else this.#say(telling.page, telling.heard)
    return true
  }

  /** Says signals. False: the socket is congested, and nothing was said; the next ones will be truer. */
  whisper(whisper: Whisper): boolean {
    const { dialect, memory, actor, congested } = this.ear
    if (congested) return false
    if (dialect.shares) this.ear.hear(whisper.in(dialect))
    else this.#tell(dialect.signals(whisper.room, whisper.signals, { memory, actor: actor.id }))
    return true
  }

  #say(page: Page, heard: Heard): void {
    const { dialect, memory, actor } = this.ear
    this.#tell(dialect.page(page, heard, { memory, actor: actor.id }))
  }

  #tell(texts: readonly string[]): void {
    if (texts.length > 0) this.ear.hear(new Frame(texts))
    this.ear.heed()
  }

  /** The room lets this reader go at a place, with what was heard of the messages that are open there. */
  release(at: Position, heard: ReadonlyMap<string, number>): void {
    this.#place = at
    if (!this.ear.dialect.resumes) this.#heard = new Map(heard)
  }

  /** What this reader knows of open messages, as it becomes attached. */
  get heard(): ReadonlyMap<string, number> {
    return this.#heard
  }

  leave(): void {
    this.#gone = true
    this.room.detach(this)
    this.#release()
  }
}
