// The rooms of a log in an open SQLite file. It knows no transactions: whoever calls it begins and commits them.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '@parley/protocol'
import type { Limit } from '../seams/log.ts'
import { admit, type New, type Refused, type Verdict } from './admit.ts'
import type { Entry } from './entry.ts'
import { type Forgotten, forgettable, movedOn, type Past, resetReason, unknownRoom } from './pages.ts'
import { Authors } from './sqlite-authors.ts'
import type { Calls, Earlier, Expired, PageText, RoomRow, Settled, SpanRow } from './sqlite-calls.ts'
import { Pages } from './sqlite-pages.ts'
import { type Room, Rooms } from './sqlite-rooms.ts'
import { int, text } from './sqlite-values.ts'

export class Store implements Calls {
  readonly #rooms: Rooms
  readonly #authors: Authors
  readonly #pages: Pages
  readonly #known: StatementSync
  readonly #addEvent: StatementSync
  readonly #addGrowth: StatementSync
  readonly #openSpan: StatementSync
  readonly #retakeSpan: StatementSync
  readonly #closeSpan: StatementSync
  readonly #dispose: StatementSync
  readonly #forwards: StatementSync
  readonly #delete: StatementSync
  readonly #prefixed: StatementSync
  readonly #probe: StatementSync
  readonly #tidyUp: StatementSync

  constructor(db: DatabaseSync) {
    this.#rooms = new Rooms(db)
    this.#authors = new Authors(db)
    this.#pages = new Pages(db, this.#authors)
    this.#known = db.prepare('SELECT seq, at, face, fact FROM events WHERE room = ? AND id = ? AND person = ?')
    this.#addEvent = db.prepare(
      'INSERT INTO events (room, seq, calm, at, person, face, id, fact) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#addGrowth = db.prepare('INSERT INTO growth (room, seq, span, at, face, fact) VALUES (?, ?, ?, ?, ?, ?)')
    this.#openSpan = db.prepare('INSERT INTO spans (room, key, first) VALUES (?, ?, ?)')
    this.#retakeSpan = db.prepare('UPDATE spans SET first = ? WHERE room = ? AND key = ?')
    this.#closeSpan = db.prepare('DELETE FROM spans WHERE room = ? AND key = ?')
    this.#dispose = db.prepare('DELETE FROM growth WHERE room = ?1 AND seq > ?2 AND span = ?2')
    this.#forwards = db.prepare('SELECT seq, at, calm FROM events WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq')
    this.#delete = db.prepare('DELETE FROM events WHERE room = ? AND seq <= ?')
    this.#prefixed = db.prepare(
      `SELECT rooms.id AS room, spans.key, spans.first FROM spans JOIN rooms ON rooms.key = spans.room
       WHERE substr(spans.key, 1, length(?1)) = ?1 ORDER BY spans.room, spans.first`,
    )
    this.#probe = db.prepare('INSERT INTO probes (data) VALUES (zeroblob(16384))')
    this.#tidyUp = db.prepare('DELETE FROM probes')
  }

  find(id: string, author: string, eventId: string): Earlier | undefined | Refused {
    const room = this.#rooms.find(id)
    return room === undefined ? unknownRoom(id) : this.#find(room, { author, id: eventId })
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

  append(id: string, entries: readonly Entry[], at: number, expect: number | undefined): readonly Settled[] | Refused {
    const room = this.#rooms.find(id)
    if (room === undefined) return unknownRoom(id)
    if (expect !== undefined && expect !== room.head) return movedOn(id, room.head)
    const plan = admit(entries, room, (entry) => this.#find(room, entry))
    if ('refused' in plan) return plan
    if (plan.standing.head > room.head) this.#rooms.change({ ...room, ...plan.standing, at })
    return plan.verdicts.map((verdict) => this.#settle(room, verdict, at))
  }

  read(id: string, after: Position | undefined, limit: Limit): PageText | Refused {
    const room = this.#rooms.find(id)
    if (room === undefined) return unknownRoom(id)
    const reset = after === undefined ? 'start' : resetReason(room, after)
    if (after === undefined || reset !== undefined) return this.#pages.tail(room, reset ?? 'start', limit)
    return this.#pages.following(room, after.seq, limit)
  }

  older(id: string, before: number, limit: Limit): PageText | Refused {
    const room = this.#rooms.find(id)
    return room === undefined ? unknownRoom(id) : this.#pages.older(room, before, limit)
  }

  spans(prefix: string): readonly SpanRow[] {
    return this.#prefixed
      .all(prefix)
      .map((row) => ({ room: text(row.room), key: text(row.key), first: int(row.first) }))
  }

  trim(id: string, upTo: number, most: number): { readonly horizon: number; readonly more: boolean } | Refused {
    const room = this.#rooms.find(id)
    if (room === undefined) return unknownRoom(id)
    return this.#forget(room, { upTo, before: Number.POSITIVE_INFINITY }, most)
  }

  expire(before: number, from: number, most: number): Expired {
    let count = 0
    let spent = 0
    for (let room = this.#rooms.from(from); room !== undefined; ) {
      const forgotten = this.#forget(room, { upTo: Number.POSITIVE_INFINITY, before }, most)
      count += forgotten.count
      // A room costs a look even where nothing is old.
      spent += forgotten.count + 1
      const next = forgotten.more ? room.key : room.key + 1
      if (spent >= most) return { count, next }
      room = this.#rooms.from(next)
    }
    return { count, next: undefined }
  }

  check(writing: boolean): void {
    if (writing) this.#probe.run()
    else this.#tidyUp.run()
  }

  /** Writes what was only remembered so far; to be called before each commit. */
  flush(): void {
    this.#rooms.flush()
    this.#rooms.tidy()
    this.#authors.tidy()
  }

  /** Forgets what was remembered; to be called after each rollback. */
  drop(): void {
    this.#rooms.drop()
    this.#authors.drop()
  }

  #find(room: Room, { author, id }: Pick<Entry, 'author' | 'id'>): Earlier | undefined {
    const person = this.#authors.person(author)
    if (person === undefined || id === undefined) return undefined
    const row = this.#known.get(room.key, id, person)
    if (row === undefined) return undefined
    return { seq: int(row.seq), at: int(row.at), by: this.#authors.by(int(row.face)), fact: text(row.fact) }
  }

  #settle(room: Room, verdict: Verdict<Earlier>, at: number): Settled {
    if (verdict.is === 'new') return this.#add(room, verdict, at)
    if (verdict.is === 'left out') return null
    if (verdict.is === 'repeat') return verdict.of
    const { seq, entry } = verdict.of
    return { seq, at, by: entry.by, fact: entry.fact }
  }

  #add(room: Room, { entry, seq, calm, span }: New, at: number): number {
    const face = this.#authors.face(entry.by, entry.author)
    if (entry.growth) {
      this.#addGrowth.run(room.key, seq, span ?? 0, at, face.key, entry.fact)
      return seq
    }
    this.#addEvent.run(room.key, seq, calm, at, face.person, face.key, entry.id ?? null, entry.fact)
    if (entry.opens !== undefined) this.#openSpan.run(room.key, entry.opens, seq)
    if (entry.retakes !== undefined) this.#retakeSpan.run(seq, room.key, entry.retakes)
    if (entry.closes !== undefined && span !== undefined) {
      this.#closeSpan.run(room.key, entry.closes)
      this.#dispose.run(room.key, span)
    }
    return seq
  }

  *#oldest(
    room: Room,
    upTo: number,
  ): Generator<{ readonly seq: number; readonly at: number; readonly calm: number }, void, undefined> {
    for (const row of this.#forwards.iterate(room.key, room.horizon, upTo))
      yield { seq: int(row.seq), at: int(row.at), calm: int(row.calm) }
  }

  #forget(room: Room, past: Past, most: number): Forgotten {
    // Beyond the last calm place nothing can be forgotten, so nothing needs to be looked at.
    const upTo = Math.min(past.upTo, room.calm)
    const forgotten = forgettable(this.#oldest(room, upTo), past, room.horizon, most)
    if (forgotten.horizon > room.horizon) {
      this.#delete.run(room.key, forgotten.horizon)
      this.#rooms.change({ ...room, horizon: forgotten.horizon })
    }
    return forgotten
  }
}

function plain({ room, epoch, head, horizon, owner, at }: Room): RoomRow {
  return { room, epoch, head, horizon, owner, at }
}
