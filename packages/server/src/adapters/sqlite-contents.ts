// Where the content of messages lies, so that it can be removed: from what is there, and from what may still come.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { partsOfKey } from '@parley/protocol/event'
import { blank } from './content.ts'
import type { Authors } from './sqlite-authors.ts'
import type { Fresh } from './sqlite-fresh.ts'
import { int, type Row, text } from './sqlite-values.ts'

/** An event of a message; `fact` is JSON. */
export interface ContentRow {
  readonly place: number
  readonly seq: number
  readonly fact: string
}

const REMEMBERED = 10_000
/** By message first: it has few events, its room many. */
const HELD = 'contents CROSS JOIN events ON fresh IS NULL AND events.room = contents.room AND events.seq = contents.seq'

export class Contents {
  readonly #authors: Authors
  readonly #fresh: Fresh
  readonly #add: StatementSync
  readonly #others: StatementSync
  readonly #edit: StatementSync
  readonly #rewrite: StatementSync
  readonly #dispose: StatementSync
  readonly #redact: StatementSync
  readonly #redacted: StatementSync
  readonly #forget: StatementSync
  readonly #forgetRedactions: StatementSync
  /** Keys of redacted messages by room. */
  readonly #known = new Map<number, Set<string>>()

  constructor(db: DatabaseSync, authors: Authors, fresh: Fresh) {
    this.#authors = authors
    this.#fresh = fresh
    this.#add = db.prepare('INSERT INTO contents (room, message, seq) VALUES (?, ?, ?)')
    this.#others = db.prepare(
      `SELECT events.rowid AS place, events.seq, fact FROM ${HELD}
       WHERE contents.room = ? AND message = ? ORDER BY contents.seq`,
    )
    this.#edit = db.prepare(
      `SELECT fact FROM ${HELD}
       WHERE contents.room = ? AND message = ? AND contents.seq > ? AND fact ->> 'type' = 'message.edited'
       ORDER BY contents.seq DESC LIMIT 1`,
    )
    this.#rewrite = db.prepare('UPDATE events SET fact = ? WHERE rowid = ?')
    this.#dispose = db.prepare(
      `DELETE FROM growth WHERE room = ?1 AND seq > ?2 AND span = ?2
       AND face IN (SELECT key FROM faces WHERE person = ?3)`,
    )
    this.#redact = db.prepare('INSERT OR REPLACE INTO redactions (room, message, seq) VALUES (?, ?, ?)')
    this.#redacted = db.prepare('SELECT message FROM redactions WHERE room = ?')
    this.#forget = db.prepare('DELETE FROM contents WHERE room = ? AND seq <= ?')
    this.#forgetRedactions = db.prepare('DELETE FROM redactions WHERE room = ? AND seq <= ?')
  }

  /** The event holds content of this message, or begins it, and is not found by its id. */
  add(room: number, message: string, seq: number): void {
    this.#add.run(room, message, seq)
  }

  /** All events of a message that are indexed: said as a whole, opened, closed, edited; oldest first of each kind. */
  of(room: number, message: string): readonly ContentRow[] {
    const [author, id] = partsOfKey(message)
    const person = this.#authors.person(author)
    const first = person === undefined ? undefined : this.#fresh.find(room, id, person)
    const posted = first !== undefined && JSON.parse(text(first.fact)).type === 'message.posted' ? [first] : []
    return [...posted, ...this.#others.all(room, message)].map(rowOf)
  }

  /** The JSON of the fact that edited a message last, after it was said at `seq`, as far as events are indexed. */
  editAfter(room: number, message: string, seq: number): string | undefined {
    const fact = this.#edit.get(room, message, seq)?.fact
    return fact === undefined ? undefined : text(fact)
  }

  isRedacted(room: number, message: string): boolean {
    const known = this.#known.get(room) ?? new Set(this.#redacted.all(room).map((row) => text(row.message)))
    this.#known.set(room, known)
    return known.has(message)
  }

  /** Empties all that holds content of the message; these events it answers. */
  redact(room: number, message: string, seq: number): readonly ContentRow[] {
    const rows = this.of(room, message)
    if (rows.length === 0) return rows
    this.#redact.run(room, message, seq)
    this.#known.delete(room)
    const person = this.#authors.person(partsOfKey(message)[0])
    for (const row of rows) {
      this.#rewrite.run(JSON.stringify(blank(JSON.parse(row.fact))), row.place)
      if (person !== undefined) this.#dispose.run(room, row.seq, person)
    }
    return rows
  }

  forget(room: number, upTo: number): void {
    this.#forget.run(room, upTo)
    if (this.#forgetRedactions.run(room, upTo).changes > 0) this.#known.delete(room)
  }

  /** Bounds what is remembered. */
  tidy(): void {
    if (this.#known.size > REMEMBERED) this.drop()
  }

  /** Forgets what it remembers: it may have been rolled back. */
  drop(): void {
    this.#known.clear()
  }
}

function rowOf({ place, seq, fact }: Row): ContentRow {
  return { place: int(place), seq: int(seq), fact: text(fact) }
}
