// Pages out of a SQLite log, as JSON text: what is stored as JSON is not parsed here.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ResetReason } from '@parley/protocol'
import type { Limit } from '../seams/log.ts'
import { fill, tailStart } from './pages.ts'
import type { Authors } from './sqlite-authors.ts'
import type { PageText } from './sqlite-calls.ts'
import type { Room } from './sqlite-rooms.ts'
import { int } from './sqlite-values.ts'

const EVENT = 'seq, at, face, id, fact, octet_length(fact) AS bytes'
const GROWTH = 'seq, at, face, NULL AS id, fact, octet_length(fact) AS bytes'
const BETWEEN = 'WHERE room = ?1 AND seq > ?2 AND seq <= ?3'

interface EventRow {
  readonly seq: number
  readonly bytes: number
  readonly json: string
}

export class Pages {
  readonly #authors: Authors
  readonly #events: StatementSync
  readonly #backwards: StatementSync

  constructor(db: DatabaseSync, authors: Authors) {
    this.#authors = authors
    this.#events = db.prepare(
      `SELECT ${EVENT} FROM events ${BETWEEN} UNION ALL SELECT ${GROWTH} FROM growth ${BETWEEN} ORDER BY seq`,
    )
    this.#backwards = db.prepare(
      'SELECT calm, octet_length(fact) AS bytes FROM events WHERE room = ? AND seq <= ? ORDER BY seq DESC',
    )
  }

  following(room: Room, after: number, limit: Limit): PageText {
    return page(room, after, fill(this.#between(room, after, room.head), limit))
  }

  /** The last events, and everything up to the head. */
  tail(room: Room, reset: ResetReason, limit: Limit): PageText {
    return { ...this.older(room, room.head + 1, limit), reset }
  }

  older(room: Room, before: number, limit: Limit): PageText {
    const upTo = Math.min(Math.max(before - 1, 0), room.head)
    const after = Math.min(upTo, tailStart(this.#latest(room, upTo), limit, room.horizon))
    return { ...page(room, after, this.#between(room, after, upTo)), upTo, earlier: after > room.horizon }
  }

  *#between(room: Room, after: number, upTo: number): Generator<EventRow, void, undefined> {
    for (const row of this.#events.iterate(room.key, after, upTo)) {
      const seq = int(row.seq)
      const id = row.id === null ? '' : `"id":${JSON.stringify(row.id)},`
      const by = this.#authors.by(int(row.face))
      yield { seq, bytes: int(row.bytes), json: `{"seq":${seq},"at":${row.at},"by":${by},${id}"fact":${row.fact}}` }
    }
  }

  /** What is not growth, from `upTo` backwards. */
  *#latest(room: Room, upTo: number): Generator<{ readonly calm: number; readonly bytes: number }, void, undefined> {
    for (const row of this.#backwards.iterate(room.key, upTo)) yield { calm: int(row.calm), bytes: int(row.bytes) }
  }
}

/** The last event of a page says how far it goes; where nothing follows, the head is where it begins. */
function page({ epoch }: Room, after: number, rows: Iterable<EventRow>): PageText {
  let events = ''
  let upTo = after
  for (const { seq, json } of rows) {
    events += events === '' ? json : `,${json}`
    upTo = seq
  }
  return { epoch, after, upTo, reset: undefined, earlier: undefined, events: `[${events}]` }
}
