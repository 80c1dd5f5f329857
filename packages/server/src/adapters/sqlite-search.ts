// The words of a log's messages, for searching. Appends know nothing of it: it catches up when somebody searches.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Fact, wordsIn } from '@parley/protocol/event'
import { contentOf, wordsOf } from './content.ts'
import { foldedWords, phrasesOf } from './search-words.ts'
import type { Contents } from './sqlite-contents.ts'
import { found } from './sqlite-schema.ts'
import { int, maybeText, type Row, text } from './sqlite-values.ts'

/** Where an event lies; `room` is the key of its room. */
interface Place {
  readonly place: number
  readonly room: number
  readonly seq: number
}

/** A message that was found: the name of its room, and its key. */
export interface Hit extends Place {
  readonly name: string
  readonly message: string | undefined
}

/** A step ends after about so much text. */
const STEP_CHARS = 4_000_000

const none: Place = { place: 0, room: 0, seq: 0 }

export class Search {
  readonly #contents: Contents
  readonly #indexed: StatementSync
  readonly #setIndexed: StatementSync
  readonly #last: StatementSync
  readonly #next: StatementSync
  readonly #put: StatementSync
  readonly #thoroughly: StatementSync
  readonly #remove: StatementSync
  readonly #forget: StatementSync
  readonly #find: StatementSync

  constructor(db: DatabaseSync, contents: Contents) {
    begin(db)
    this.#contents = contents
    this.#indexed = db.prepare('SELECT place, room, seq FROM indexed')
    this.#setIndexed = db.prepare('UPDATE indexed SET place = ?, room = ?, seq = ?')
    this.#last = db.prepare('SELECT rowid AS place, room, seq FROM events WHERE rowid <= ? ORDER BY rowid DESC LIMIT 1')
    this.#next = db.prepare('SELECT rowid AS place, room, seq, fact FROM events WHERE rowid > ? ORDER BY rowid LIMIT ?')
    this.#put = db.prepare('INSERT INTO found (rowid, room, words) VALUES (?, ?, ?)')
    this.#thoroughly = db.prepare("INSERT INTO found (found, rank) VALUES ('secure-delete', CAST(? AS INTEGER))")
    this.#remove = db.prepare('DELETE FROM found WHERE rowid = ?')
    this.#forget = db.prepare(
      `DELETE FROM found WHERE rowid IN (
         SELECT rowid FROM events WHERE fresh IS NULL AND room = ? AND seq > ? AND seq <= ? AND instr(fact, '"message.'))`,
    )
    this.#find = db.prepare(
      `SELECT found.rowid AS place, rooms.key AS room, rooms.id AS name, seq, people.id AS author, events.id AS id, fact
       FROM found CROSS JOIN events ON events.rowid = found.rowid
       CROSS JOIN rooms ON rooms.key = events.room CROSS JOIN people ON people.key = events.person
       WHERE found MATCH ? AND found.rowid < ? ORDER BY found.rowid DESC LIMIT ?`,
    )
  }

  /** Looks at `most` events at most that it does not know yet, none of which may be fresh; false when there are no more. */
  index(most: number): boolean {
    let last = placeOf(this.#indexed.get() ?? {})
    let seen = 0
    let chars = 0
    for (const row of this.#next.all(last.place, most)) {
      const fact = text(row.fact)
      last = placeOf(row)
      if (fact.includes('"message.')) this.#learn(last, JSON.parse(fact))
      seen += 1
      chars += fact.length
      if (chars > STEP_CHARS) break
    }
    if (seen > 0) this.#setIndexed.run(last.place, last.room, last.seq)
    return seen === most || chars > STEP_CHARS
  }

  /** Messages with these words, latest first. */
  find(words: readonly string[], room: number | undefined, limit: number, before: number): readonly Hit[] {
    const phrases = phrasesOf(words).map((phrase) => `"${phrase.join(' ')}" *`)
    if (phrases.length === 0) return []
    const query = `words : (${phrases.join(' AND ')})`
    const where = room === undefined ? query : `room : "${room}" AND ${query}`
    return this.#find.all(where, before, Math.max(limit, 0)).map(hitOf)
  }

  /** Without a trace, which takes long for many. */
  remove(place: number): void {
    this.#thoroughly.run(1)
    this.#remove.run(place)
    this.#thoroughly.run(0)
  }

  /** To be called before these events are deleted … What the index held of them goes when it is merged next. */
  forget(room: number, after: number, upTo: number): void {
    this.#forget.run(room, after, upTo)
  }

  /** … and this after any were: what was looked at last may be among them. */
  mend(): void {
    const indexed = placeOf(this.#indexed.get() ?? {})
    const row = this.#last.get(indexed.place)
    const { place, room, seq } = row === undefined ? none : placeOf(row)
    if (place !== indexed.place) this.#setIndexed.run(place, room, seq)
  }

  #learn(here: Place, fact: Fact): void {
    if (fact.type !== 'message.edited') return this.#say(here.place, here.room, wordsOf(fact) ?? '')
    for (const { place, seq, fact: said } of this.#contents.of(here.room, fact.message)) {
      if (seq > here.seq || wordsOf(JSON.parse(said)) === undefined) continue
      this.remove(place)
      this.#say(place, here.room, wordsIn(fact.parts))
    }
  }

  #say(place: number, room: number, said: string): void {
    const words = foldedWords(said).join(' ')
    if (words !== '') this.#put.run(place, `${room}`, words)
  }
}

/** Somebody may have rewritten the file since it was used last (VACUUM), and given other numbers to its rows: begin anew then. */
function begin(db: DatabaseSync): void {
  const moved = db.prepare(
    `SELECT 1 FROM indexed WHERE place > 0 AND NOT EXISTS (
       SELECT 1 FROM events WHERE events.rowid = place AND events.room = indexed.room AND events.seq = indexed.seq)`,
  )
  if (moved.get() === undefined) return
  db.exec(`BEGIN; DROP TABLE found; ${found}; UPDATE indexed SET place = 0, room = 0, seq = 0; COMMIT`)
}

function placeOf({ place, room, seq }: Row): Place {
  return { place: int(place), room: int(room), seq: int(seq) }
}

function hitOf(row: Row): Hit {
  const message = contentOf(text(row.author), maybeText(row.id), JSON.parse(text(row.fact)))
  return { ...placeOf(row), name: text(row.name), message }
}
