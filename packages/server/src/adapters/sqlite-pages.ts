// Pages out of a SQLite log, as JSON text: what is stored as JSON is not parsed here.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ResetReason } from '@parley/protocol'
import type { Limit } from '../seams/log.ts'
import { fill, tailStart } from './pages.ts'
import type { Authors } from './sqlite-authors.ts'
import type { PageText } from './sqlite-calls.ts'
import { eventsWhere, type Fresh, ID } from './sqlite-fresh.ts'
import type { Room } from './sqlite-rooms.ts'
import type { Standings } from './sqlite-standing.ts'
import { int, type Row, text } from './sqlite-values.ts'

const SAID = `seq, at, face, ${ID} AS id, fact`
const EVENT = `${SAID}, octet_length(fact) AS bytes`
const GROWTH = 'seq, at, face, NULL AS id, fact, octet_length(fact) AS bytes'
const BETWEEN = 'seq > ?3 AND seq <= ?4'

interface EventRow {
  readonly seq: number
  readonly bytes: number
  readonly json: string
}

export class Pages {
  readonly #authors: Authors
  readonly #standings: Standings
  readonly #fresh: Fresh
  readonly #events: StatementSync
  readonly #one: StatementSync
  readonly #backwards: StatementSync

  constructor(db: DatabaseSync, authors: Authors, standings: Standings, fresh: Fresh) {
    this.#authors = authors
    this.#standings = standings
    this.#fresh = fresh
    this.#one = db.prepare(eventsWhere(SAID, 'seq = ?3'))
    this.#events = db.prepare(
      `${eventsWhere(EVENT, BETWEEN)} UNION ALL SELECT ${GROWTH} FROM growth WHERE room = ?1 AND ${BETWEEN} ORDER BY seq`,
    )
    this.#backwards = db.prepare(`${eventsWhere('seq, calm, octet_length(fact) AS bytes', BETWEEN)} ORDER BY seq DESC`)
  }

  following(room: Room, after: number, limit: Limit): PageText {
    return page(room, after, fill(this.#between(room, after, room.head), limit))
  }

  /** The last events, and everything up to the head. */
  tail(room: Room, reset: ResetReason, limit: Limit): PageText {
    const page = this.older(room, room.head + 1, limit)
    const live = this.#standings.live(room.key, page.after).map((seq) => this.event(room.key, seq))
    return { ...page, reset, standing: live.length === 0 ? undefined : `[${live.join(',')}]` }
  }

  /** The JSON of an event that is there. */
  event(room: number, seq: number): string {
    return this.#json(this.#one.get(room, this.#fresh.after(room), seq) ?? {})
  }

  older(room: Room, before: number, limit: Limit): PageText {
    const upTo = Math.min(Math.max(before - 1, 0), room.head)
    const after = Math.min(upTo, tailStart(this.#latest(room, upTo), limit, room.horizon))
    return { ...page(room, after, this.#between(room, after, upTo)), upTo, earlier: after > room.horizon }
  }

  *#between(room: Room, after: number, upTo: number): Generator<EventRow, void, undefined> {
    for (const row of this.#events.iterate(room.key, this.#fresh.after(room.key), after, upTo)) {
      yield { seq: int(row.seq), bytes: int(row.bytes), json: this.#json(row) }
    }
  }

  #json({ seq, at, face, id, fact }: Row): string {
    const said = id === null ? '' : `"id":${JSON.stringify(id)},`
    return `{"seq":${int(seq)},"at":${int(at)},"by":${this.#authors.by(int(face))},${said}"fact":${text(fact)}}`
  }

  /** What is not growth, from `upTo` backwards. */
  *#latest(room: Room, upTo: number): Generator<{ readonly calm: number; readonly bytes: number }, void, undefined> {
    for (const row of this.#backwards.iterate(room.key, this.#fresh.after(room.key), room.horizon, upTo))
      yield { calm: int(row.calm), bytes: int(row.bytes) }
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
  return { epoch, after, upTo, reset: undefined, earlier: undefined, standing: undefined, events: `[${events}]` }
}
