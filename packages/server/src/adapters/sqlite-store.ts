// The rooms of a log in an open SQLite file. It knows no transactions: whoever calls it begins and commits them.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '@parley/protocol'
import type { Limit } from '../seams/log.ts'
import { admit, type Refused } from './admit.ts'
import { type Forgotten, movedOn, type Past, resetReason, unknownRoom } from './pages.ts'
import { Authors } from './sqlite-authors.ts'
import type {
  ArrivalText,
  Calls,
  Earlier,
  Expired,
  FileRow,
  FoundRow,
  PageText,
  RoomRow,
  Settled,
  SpanRow,
} from './sqlite-calls.ts'
import { Contents } from './sqlite-contents.ts'
import { type PackedEntry, unpacked } from './sqlite-entries.ts'
import { Events } from './sqlite-events.ts'
import { Files } from './sqlite-files.ts'
import { Fresh } from './sqlite-fresh.ts'
import { Marks } from './sqlite-marks.ts'
import { Pages } from './sqlite-pages.ts'
import { plain, type Room, Rooms } from './sqlite-rooms.ts'
import { Search } from './sqlite-search.ts'
import { Standings } from './sqlite-standing.ts'
import { int, text } from './sqlite-values.ts'

export class Store implements Calls {
  readonly #rooms: Rooms
  readonly #fresh: Fresh
  readonly #authors: Authors
  readonly #standings: Standings
  readonly #contents: Contents
  readonly #search: Search
  readonly #marks: Marks
  readonly #files: Files
  readonly #events: Events
  readonly #pages: Pages
  readonly #spans: StatementSync
  readonly #probe: StatementSync
  readonly #tidyUp: StatementSync

  /** @param now milliseconds on a scale that never jumps. */
  constructor(db: DatabaseSync, now: () => number) {
    const rooms = new Rooms(db, now)
    this.#rooms = rooms
    const fresh = new Fresh(db)
    this.#fresh = fresh
    const authors = new Authors(db)
    const standings = new Standings(db)
    const contents = new Contents(db, authors, fresh)
    const search = new Search(db, contents)
    this.#authors = authors
    this.#standings = standings
    this.#contents = contents
    this.#search = search
    this.#marks = new Marks(db, fresh)
    const files = new Files(db)
    this.#files = files
    this.#events = new Events(db, { rooms, fresh, authors, standings, contents, search, files })
    this.#pages = new Pages(db, authors, standings, fresh)
    this.#spans = db.prepare(
      `SELECT rooms.id AS room, spans.key, spans.first FROM spans JOIN rooms ON rooms.key = spans.room
       WHERE substr(spans.key, 1, length(?1)) = ?1 ORDER BY spans.room, spans.first`,
    )
    this.#probe = db.prepare('INSERT INTO probes (data) VALUES (zeroblob(16384))')
    this.#tidyUp = db.prepare('DELETE FROM probes')
  }

  open(id: string, epoch: string, owner: string | undefined): RoomRow {
    return plain(this.#rooms.open(id, epoch, owner))
  }

  info(id: string): RoomRow | undefined {
    const room = this.#rooms.find(id)
    return room === undefined ? undefined : plain(room)
  }

  rooms(owner: string | undefined, limit: number): readonly RoomRow[] {
    return this.#rooms.list(owner, limit)
  }

  append(
    id: string,
    entries: readonly PackedEntry[],
    at: number,
    expect: number | undefined,
  ): readonly Settled[] | Refused {
    const room = this.#rooms.find(id)
    if (room === undefined) return unknownRoom(id)
    if (expect !== undefined && expect !== room.head) return movedOn(id, room.head)
    const plan = admit(entries.map(unpacked), room, {
      find: (entry) => this.#events.find(room, entry),
      latest: (key) => this.#standings.latest(room.key, key),
      hasFile: (id) => this.#files.has(room.key, id),
    })
    if ('refused' in plan) return plan
    if (plan.state.head > room.head) this.#rooms.change({ ...room, ...plan.state, at })
    return plan.verdicts.map((verdict) => this.#events.settle(room, verdict, at))
  }

  find(id: string, author: string, eventId: string): Earlier | undefined | Refused {
    return this.#in(id, (room) => this.#events.find(room, { author, id: eventId }))
  }

  read(id: string, after: Position | undefined, limit: Limit): PageText | Refused {
    return this.#in(id, (room) => {
      const reset = after === undefined ? 'start' : resetReason(room, after)
      if (after === undefined || reset !== undefined) return this.#pages.tail(room, reset ?? 'start', limit)
      return this.#pages.following(room, after.seq, limit)
    })
  }

  older(id: string, before: number, limit: Limit): PageText | Refused {
    return this.#in(id, (room) => this.#pages.older(room, before, limit))
  }

  spans(prefix: string): readonly SpanRow[] {
    return this.#spans.all(prefix).map((row) => ({ room: text(row.room), key: text(row.key), first: int(row.first) }))
  }

  standing(id: string, prefix: string, limit: number): string | Refused {
    return this.#in(id, ({ key }) => {
      const seqs = this.#standings.prefixed(key, prefix, limit)
      return `[${seqs.map((seq) => this.#pages.event(key, seq)).join(',')}]`
    })
  }

  index(most: number): boolean {
    this.#fresh.index()
    return this.#search.index(most)
  }

  search(
    words: readonly string[],
    id: string | undefined,
    limit: number,
    before: number,
  ): readonly FoundRow[] | Refused {
    const room = id === undefined ? undefined : this.#rooms.find(id)
    if (id !== undefined && room === undefined) return unknownRoom(id)
    return this.#search.find(words, room?.key, limit, before).map(({ place, room, name, seq, message }) => ({
      room: name,
      place,
      event: this.#pages.event(room, seq),
      edit: message === undefined ? undefined : this.#contents.editAfter(room, message, seq),
    }))
  }

  mark(id: string, user: string, seq: number): number | Refused {
    return this.#in(id, ({ key, head }) => this.#marks.set(key, user, Math.min(seq, head)))
  }

  marks(id: string): readonly (readonly [string, number])[] | Refused {
    return this.#in(id, ({ key }) => this.#marks.all(key))
  }

  unread(id: string, user: string, most: number): number | undefined | Refused {
    return this.#in(id, ({ key }) => this.#marks.unread(key, user, this.#authors.person(user), most))
  }

  attach({ room: id, ...arrival }: ArrivalText): FileRow | Refused {
    return this.#in(id, ({ key }) => this.#files.add({ ...arrival, room: key }) ?? unknownRoom(id))
  }

  attachment(id: string): FileRow | undefined {
    return this.#files.find(id)
  }

  uploaded(id: string, owner: string, upload: string): FileRow | undefined | Refused {
    return this.#in(id, ({ key }) => this.#files.uploaded(key, owner, upload))
  }

  weigh(owner: string | undefined, id: string | undefined): number | Refused {
    if (id === undefined) return this.#files.weighOwner(owner ?? '')
    return this.#in(id, ({ key }) => this.#files.weighRoom(key))
  }

  discard(before: number, most: number): number {
    return this.#files.discard(before, most)
  }

  loose(most: number): readonly string[] {
    return this.#files.loose(most)
  }

  dropped(contents: readonly string[]): void {
    this.#files.dropped(contents)
  }

  holds(content: string): boolean {
    return this.#files.holds(content)
  }

  trim(id: string, upTo: number, most: number): { readonly horizon: number; readonly more: boolean } | Refused {
    return this.#in(id, (room) => this.#forget(room, { upTo, before: Number.POSITIVE_INFINITY }, most))
  }

  expire(before: number, from: number, most: number): Expired {
    let count = 0
    let spent = 0
    const { moved } = this.#rooms
    for (let room = this.#rooms.from(from, moved); room !== undefined; ) {
      const forgotten = this.#forget(room, { upTo: Number.POSITIVE_INFINITY, before }, most)
      count += forgotten.count
      // A room costs a look even where nothing is old.
      spent += forgotten.count + 1
      const next = forgotten.more ? room.key : room.key + 1
      if (spent >= most) return { count, next }
      room = this.#rooms.from(next, moved)
    }
    return { count, next: undefined }
  }

  check(writing: boolean): void {
    if (writing) this.#probe.run()
    else this.#tidyUp.run()
  }

  /** Whether it is time to write what is only remembered. */
  get late(): boolean {
    return this.#fresh.full || this.#rooms.late
  }

  /** Writes what this transaction must write; to be called before each commit. */
  flush(): void {
    // First, for rooms tell what was seen.
    if (this.#rooms.due || this.#fresh.due) this.#fresh.index()
    this.#rooms.flush()
    this.#authors.tidy()
    this.#contents.tidy()
  }

  /** To be called after each commit. */
  committed(): void {
    this.#fresh.committed()
    this.#rooms.committed()
  }

  /** Writes in this transaction all that is only remembered. */
  mustWrite(): void {
    this.#rooms.mustWrite()
  }

  /** Forgets what was remembered; to be called after each rollback. */
  drop(): void {
    this.#fresh.drop()
    this.#rooms.drop()
    this.#authors.drop()
    this.#contents.drop()
  }

  #in<Answer>(id: string, ask: (room: Room) => Answer): Answer | Refused {
    const room = this.#rooms.find(id)
    return room === undefined ? unknownRoom(id) : ask(room)
  }

  #forget(room: Room, past: Past, most: number): Forgotten {
    const forgotten = this.#events.forget(room, past, most)
    if (forgotten.horizon > room.horizon) this.#rooms.change({ ...room, horizon: forgotten.horizon })
    return forgotten
  }
}
