// The fresh events of a SQLite log: appended lately, and in no index yet. The indexes of events have a page of their own for
// nearly every room, which each append would change: so they learn of many events at once. Until then an event is found by
// what is remembered of it here.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { int, type Row } from './sqlite-values.ts'

/** So many are remembered: indexing them takes some milliseconds, for which appends wait. */
const REMEMBERED = 1_000

const EARLIER = 'SELECT rowid AS place, seq, at, face, fact FROM events'

/** In the column `fresh` of an event that has no id. */
const NO_ID = ''

export class Fresh {
  readonly #indexed: StatementSync
  readonly #fresh: StatementSync
  readonly #index: StatementSync
  /** Where the first fresh event of each room lies. */
  readonly #first = new Map<number, number>()
  /** Where the event of each fresh id lies. */
  readonly #places = new Map<string, number>()
  #count = 0
  /** Those of this transaction. */
  #added: { readonly room: number; readonly key: string | undefined; readonly first: boolean }[] = []
  #due = false

  constructor(db: DatabaseSync) {
    this.#indexed = db.prepare(`${EARLIER} WHERE room = ? AND id = ? AND person = ?`)
    this.#fresh = db.prepare(`${EARLIER} WHERE rowid = ? AND room = ? AND fresh = ? AND person = ?`)
    this.#index = db.prepare(INDEX)
  }

  /** The event of this id, fresh or not. */
  find(room: number, id: string, person: number): Row | undefined {
    const place = this.#places.get(keyOf(room, id, person))
    // It may have been indexed within this transaction.
    const fresh = place === undefined ? undefined : this.#fresh.get(place, room, id, person)
    return fresh ?? this.#indexed.get(room, id, person)
  }

  /** Fresh events of the room lie after this place. */
  after(room: number): number {
    return (this.#first.get(room) ?? Number.MAX_SAFE_INTEGER) - 1
  }

  /** What an event with this id, or with none, has in the column `fresh`. */
  mark(id: string | undefined): string {
    return id ?? NO_ID
  }

  /** A fresh event was stored at `place`. */
  add(room: number, id: string | undefined, person: number, place: number | bigint): void {
    const key = id === undefined ? undefined : keyOf(room, id, person)
    const first = !this.#first.has(room)
    if (first) this.#first.set(room, int(place))
    if (key !== undefined) this.#places.set(key, int(place))
    this.#count += 1
    this.#added.push({ room, key, first })
  }

  /** Whether there are as many as there should be. */
  get full(): boolean {
    return this.#count >= REMEMBERED
  }

  /** Whether they were indexed in this transaction: then it must index those that were added since, too, before it ends. */
  get due(): boolean {
    return this.#due
  }

  /** Indexes all of them, within this transaction. */
  index(): void {
    if (this.#count === 0) return
    this.#index.run()
    this.#due = true
  }

  /** To be called after each commit. */
  committed(): void {
    if (this.#due) {
      this.#first.clear()
      this.#places.clear()
      this.#count = 0
    }
    this.#due = false
    this.#added = []
  }

  /** To be called after each rollback. */
  drop(): void {
    for (const { room, key, first } of this.#added) {
      if (key !== undefined) this.#places.delete(key)
      if (first) this.#first.delete(room)
    }
    this.#count -= this.#added.length
    this.#due = false
    this.#added = []
  }
}

/** Indexes all events that `state` has not seen. */
export const INDEX = `UPDATE events SET id = nullif(fresh, '${NO_ID}'), fresh = NULL
  WHERE rowid > (SELECT seen FROM state) AND fresh IS NOT NULL`

/** The id of an event, fresh or not. */
export const ID = `coalesce(id, nullif(fresh, '${NO_ID}'))`

/** Events of the room `?1` by their seq; `?2` is what {@link Fresh.after} says of it. */
export function eventsWhere(columns: string, where: string): string {
  return `SELECT ${columns} FROM events WHERE fresh IS NULL AND room = ?1 AND ${where}
    UNION ALL SELECT ${columns} FROM events WHERE rowid > ?2 AND fresh IS NOT NULL AND room = ?1 AND ${where}`
}

function keyOf(room: number, id: string, person: number): string {
  return `${room} ${person} ${id}`
}
