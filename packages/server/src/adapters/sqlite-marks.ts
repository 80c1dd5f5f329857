// Who has read how far, and how much they have not.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { wordsOf } from './content.ts'
import { eventsWhere, type Fresh } from './sqlite-fresh.ts'
import { int, text } from './sqlite-values.ts'

const MESSAGE = `instr(fact, '"message.posted"') OR instr(fact, '"message.closed"')`

export class Marks {
  readonly #fresh: Fresh
  readonly #get: StatementSync
  readonly #set: StatementSync
  readonly #all: StatementSync
  readonly #beyond: StatementSync

  constructor(db: DatabaseSync, fresh: Fresh) {
    this.#fresh = fresh
    this.#get = db.prepare('SELECT seq FROM marks WHERE room = ? AND reader = ?')
    this.#set = db.prepare(
      'INSERT INTO marks (room, reader, seq) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq',
    )
    this.#all = db.prepare('SELECT reader, seq FROM marks WHERE room = ?')
    this.#beyond = db.prepare(
      `${eventsWhere('seq, fact', `seq > ?3 AND person IS NOT ?4 AND (${MESSAGE})`)} ORDER BY seq`,
    )
  }

  /** Where the reader stands now. */
  set(room: number, reader: string, seq: number): number {
    const before = this.#of(room, reader)
    const mark = Math.max(seq, before ?? 0)
    if (mark !== before) this.#set.run(room, reader, mark)
    return mark
  }

  all(room: number): readonly (readonly [string, number])[] {
    return this.#all.all(room).map(({ reader, seq }) => [text(reader), int(seq)])
  }

  /** How many messages of others follow, up to `most`. `person` is the reader's number as an author, if they ever wrote. */
  unread(room: number, reader: string, person: number | undefined, most: number): number | undefined {
    const mark = this.#of(room, reader)
    if (mark === undefined) return undefined
    let count = 0
    if (most <= 0) return count
    for (const { fact } of this.#beyond.iterate(room, this.#fresh.after(room), mark, person ?? null)) {
      if (wordsOf(JSON.parse(text(fact)))) count += 1
      if (count >= most) break
    }
    return count
  }

  #of(room: number, reader: string): number | undefined {
    const row = this.#get.get(room, reader)
    return row === undefined ? undefined : int(row.seq)
  }
}
