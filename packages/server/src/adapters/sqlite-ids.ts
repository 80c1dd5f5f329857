// The ids of a SQLite log's events: whoever repeats one is told what became of the first. The index of ids has a page of its
// own for nearly every room, which each append would change: so what was appended lately is indexed all at once, and
// remembered until then.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { int, type Row } from './sqlite-values.ts'

/** So many are remembered: indexing them takes some milliseconds, for which appends wait. */
const REMEMBERED = 1_000

const EARLIER = 'SELECT rowid AS place, seq, at, face, fact FROM events'

export class Ids {
  readonly #indexed: StatementSync
  readonly #fresh: StatementSync
  readonly #index: StatementSync
  /** Where the event of an id is that is not in the index. */
  readonly #places = new Map<string, number>()
  /** Those of this transaction. */
  #added: string[] = []
  #due = false

  constructor(db: DatabaseSync) {
    this.#indexed = db.prepare(`${EARLIER} WHERE room = ? AND id = ? AND person = ?`)
    this.#fresh = db.prepare(`${EARLIER} WHERE rowid = ? AND room = ? AND fresh = ? AND person = ?`)
    this.#index = db.prepare(INDEX)
  }

  /** The event of this id. */
  find(room: number, id: string, person: number): Row | undefined {
    const place = this.#places.get(keyOf(room, id, person))
    return place === undefined ? this.#indexed.get(room, id, person) : this.#fresh.get(place, room, id, person)
  }

  /** The event at `place` was stored with this id as a fresh one. */
  add(room: number, id: string, person: number, place: number | bigint): void {
    const key = keyOf(room, id, person)
    this.#places.set(key, int(place))
    this.#added.push(key)
  }

  /** Whether as many are remembered as should be. */
  get full(): boolean {
    return this.#places.size >= REMEMBERED
  }

  /** Indexes all that is remembered, within this transaction. */
  index(): void {
    this.#index.run()
    this.#due = true
  }

  /** To be called after each commit. */
  committed(): void {
    if (this.#due) this.#places.clear()
    this.#due = false
    this.#added = []
  }

  /** To be called after each rollback. */
  drop(): void {
    for (const key of this.#added) this.#places.delete(key)
    this.#due = false
    this.#added = []
  }
}

/** Indexes the ids of all events that `state` has not seen. */
export const INDEX =
  'UPDATE events SET id = fresh, fresh = NULL WHERE rowid > (SELECT seen FROM state) AND fresh IS NOT NULL'

function keyOf(room: number, id: string, person: number): string {
  return `${room} ${person} ${id}`
}
