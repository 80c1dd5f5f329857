// The events of a SQLite log: how they come in, are found again, and are forgotten, with all that is kept beside them.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { New, Verdict } from './admit.ts'
import { blank } from './content.ts'
import type { Entry } from './entry.ts'
import { type Forgotten, forgettable, type Past } from './pages.ts'
import type { Authors } from './sqlite-authors.ts'
import type { Earlier, Settled } from './sqlite-calls.ts'
import type { Contents } from './sqlite-contents.ts'
import type { Files } from './sqlite-files.ts'
import { eventsWhere, type Fresh } from './sqlite-fresh.ts'
import type { Room, Rooms } from './sqlite-rooms.ts'
import type { Search } from './sqlite-search.ts'
import type { Standings } from './sqlite-standing.ts'
import { int, text } from './sqlite-values.ts'

export interface Beside {
  readonly rooms: Pick<Rooms, 'mustWrite'>
  readonly fresh: Fresh
  readonly authors: Authors
  readonly standings: Standings
  readonly contents: Contents
  readonly search: Search
  readonly files: Files
}

export class Events {
  readonly #beside: Beside
  readonly #addEvent: StatementSync
  readonly #addGrowth: StatementSync
  readonly #openSpan: StatementSync
  readonly #retakeSpan: StatementSync
  readonly #closeSpan: StatementSync
  readonly #dispose: StatementSync
  readonly #forwards: StatementSync
  readonly #delete: StatementSync

  constructor(db: DatabaseSync, beside: Beside) {
    this.#beside = beside
    this.#addEvent = db.prepare(
      'INSERT INTO events (room, seq, calm, at, person, face, fresh, fact) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#addGrowth = db.prepare('INSERT INTO growth (room, seq, span, at, face, fact) VALUES (?, ?, ?, ?, ?, ?)')
    this.#openSpan = db.prepare('INSERT INTO spans (room, key, first) VALUES (?, ?, ?)')
    this.#retakeSpan = db.prepare('UPDATE spans SET first = ? WHERE room = ? AND key = ?')
    this.#closeSpan = db.prepare('DELETE FROM spans WHERE room = ? AND key = ?')
    this.#dispose = db.prepare('DELETE FROM growth WHERE room = ?1 AND seq > ?2 AND span = ?2')
    this.#forwards = db.prepare(`${eventsWhere('seq, at, calm', 'seq > ?3 AND seq <= ?4')} ORDER BY seq`)
    const forgotten = `seq > ?3 AND seq <= ?4
      AND seq NOT IN (SELECT seq FROM standing WHERE room = ?1 AND seq > ?3 AND seq <= ?4)`
    this.#delete = db.prepare(`DELETE FROM events WHERE rowid IN (${eventsWhere('rowid', forgotten)})`)
  }

  find(room: Room, { author, id }: Pick<Entry, 'author' | 'id'>): Earlier | undefined {
    const { authors, fresh } = this.#beside
    const person = authors.person(author)
    if (person === undefined || id === undefined) return undefined
    const row = fresh.find(room.key, id, person)
    if (row === undefined) return undefined
    return { seq: int(row.seq), at: int(row.at), by: authors.by(int(row.face)), fact: text(row.fact) }
  }

  settle(room: Room, verdict: Verdict<Earlier>, at: number): Settled {
    if (verdict.is === 'new') return this.#add(room, verdict, at)
    if (verdict.is === 'left out') return null
    if (verdict.is === 'repeat') return verdict.of
    const { seq, entry } = verdict.of
    return { seq, at, by: entry.by, fact: entry.fact }
  }

  #add(room: Room, { entry, seq, calm, span }: New, at: number): Settled {
    const { authors, contents, fresh } = this.#beside
    const face = authors.face(entry.by, entry.author)
    const blanked = entry.content !== undefined && !entry.posts && contents.isRedacted(room.key, entry.content)
    const fact = blanked ? JSON.stringify(blank(JSON.parse(entry.fact))) : entry.fact
    if (entry.growth) this.#addGrowth.run(room.key, seq, span ?? 0, at, face.key, fact)
    else {
      const { id } = entry
      const added = this.#addEvent.run(room.key, seq, calm, at, face.person, face.key, fresh.mark(id), fact)
      fresh.add(room.key, id, face.person, added.lastInsertRowid)
      this.#keepBeside(room, entry, seq, span)
      if (!blanked) this.#beside.files.hold(room.key, seq, entry.files)
    }
    return blanked ? { blanked: seq } : seq
  }

  #keepBeside(room: Room, entry: Entry, seq: number, span: number | undefined): void {
    const { contents } = this.#beside
    if (entry.opens !== undefined) this.#openSpan.run(room.key, entry.opens, seq)
    if (entry.retakes !== undefined) this.#retakeSpan.run(seq, room.key, entry.retakes)
    if (entry.closes !== undefined && span !== undefined) {
      this.#closeSpan.run(room.key, entry.closes)
      this.#dispose.run(room.key, span)
    }
    if (entry.content !== undefined && !entry.posts) contents.add(room.key, entry.content, seq)
    if (entry.standing !== undefined) this.#stand(room, entry.standing.key, seq, entry.standing.live)
    if (entry.redacts !== undefined) this.#redact(room, entry.redacts, seq)
  }

  #redact(room: Room, message: string, at: number): void {
    const { contents, search, files, fresh } = this.#beside
    fresh.index()
    for (const { place, seq } of contents.redact(room.key, message, at)) {
      search.remove(place)
      files.letGo(room.key, seq)
    }
  }

  /** The one before goes when only its being the latest has kept it. */
  #stand(room: Room, key: string, seq: number, live: boolean): void {
    const { standings } = this.#beside
    const before = standings.latest(room.key, key)
    standings.set(room.key, key, seq, live)
    if (before > 0 && before <= room.horizon) this.#remove(room.key, before - 1, before)
  }

  /** Forgets about `most` events at a time. */
  forget(room: Room, past: Past, most: number): Forgotten {
    // Beyond the last calm place nothing can be forgotten, so nothing needs to be looked at.
    const upTo = Math.min(past.upTo, room.calm)
    const forgotten = forgettable(this.#oldest(room, upTo), past, room.horizon, most)
    if (forgotten.horizon === room.horizon) return forgotten
    this.#beside.search.forget(room.key, room.horizon, forgotten.horizon)
    this.#remove(room.key, room.horizon, forgotten.horizon)
    this.#beside.contents.forget(room.key, forgotten.horizon)
    this.#beside.files.letGoUpTo(room.key, forgotten.horizon)
    return forgotten
  }

  #remove(room: number, after: number, upTo: number): void {
    this.#delete.run(room, this.#beside.fresh.after(room), after, upTo)
    this.#beside.rooms.mustWrite()
    this.#beside.search.mend()
  }

  *#oldest(
    room: Room,
    upTo: number,
  ): Generator<{ readonly seq: number; readonly at: number; readonly calm: number }, void, undefined> {
    for (const row of this.#forwards.iterate(room.key, this.#beside.fresh.after(room.key), room.horizon, upTo))
      yield { seq: int(row.seq), at: int(row.at), calm: int(row.calm) }
  }
}
