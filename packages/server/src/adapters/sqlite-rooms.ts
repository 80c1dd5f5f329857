// The rooms of a SQLite log: each as it stands, remembered while it is in use. How far a room has come can be told from its
// events, so it is written only now and then: every append would change a page of the table, and two of its index.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { State } from './admit.ts'
import type { RoomRow } from './sqlite-calls.ts'
import { INDEX } from './sqlite-fresh.ts'
import { int, maybeText, type Row, text } from './sqlite-values.ts'

export interface Room extends State, RoomRow {
  readonly key: number
}

const REMEMBERED = 10_000
/** How often rooms are written that have moved on, ms. */
const WRITTEN_MS = 1_000

export class Rooms {
  readonly #now: () => number
  readonly #find: StatementSync
  readonly #at: StatementSync
  readonly #spans: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #list: StatementSync
  readonly #see: StatementSync
  readonly #rooms = new Map<string, Room>()
  /** Changed within this transaction. */
  readonly #changed = new Map<string, Room>()
  /** As they stand by what was committed, and not in their table. */
  readonly #unwritten = new Map<string, Room>()
  #writtenAt: number
  /** Whether this transaction has to write them. */
  #due = false

  /** @param now milliseconds on a scale that never jumps. */
  constructor(db: DatabaseSync, now: () => number) {
    this.#now = now
    this.#writtenAt = now()
    this.#see = db.prepare(SEE)
    this.#find = db.prepare('SELECT * FROM rooms WHERE id = ?')
    this.#at = db.prepare('SELECT * FROM rooms WHERE key >= ? AND horizon < head ORDER BY key LIMIT 1')
    this.#spans = db.prepare('SELECT key, first FROM spans WHERE room = ?')
    this.#insert = db.prepare(
      'INSERT INTO rooms (id, epoch, owner, head, horizon, calm, at) VALUES (?, ?, ?, 0, 0, 0, 0)',
    )
    this.#update = db.prepare('UPDATE rooms SET head = ?, horizon = ?, calm = ?, at = ? WHERE key = ?')
    this.#list = db.prepare('SELECT * FROM rooms WHERE owner IS ? ORDER BY at DESC, id')
  }

  find(id: string): Room | undefined {
    return this.#rooms.get(id) ?? this.#remember(this.#find.get(id))
  }

  /** Rooms that hold something which their rows do not tell, by key. */
  get moved(): readonly Room[] {
    const rooms = [...this.#unwritten.values()].filter(({ horizon, head }) => horizon < head)
    return rooms.sort((a, b) => a.key - b.key)
  }

  /** The first room with this key or a later one, among those that hold something. */
  from(key: number, moved: readonly Room[]): Room | undefined {
    const row = this.#at.get(key)
    const other = moved.find((room) => room.key >= key)
    if (row === undefined || (other !== undefined && other.key < int(row.key))) return other && this.find(other.room)
    return this.find(text(row.id))
  }

  open(id: string, epoch: string, owner: string | undefined): Room {
    const room = this.find(id)
    if (room !== undefined) return room
    this.#insert.run(id, epoch, owner ?? null)
    return this.open(id, epoch, owner)
  }

  list(owner: string | undefined, limit: number): readonly RoomRow[] {
    const moved = [...this.#unwritten.values()].filter((room) => room.owner === owner).map(plain)
    return [...moved, ...this.#written(owner, limit)]
      .toSorted((a, b) => b.at - a.at || (a.room < b.room ? -1 : 1))
      .slice(0, limit)
  }

  /** The latest of those that stand as their rows say. */
  #written(owner: string | undefined, limit: number): readonly RoomRow[] {
    const rows: RoomRow[] = []
    for (const row of this.#list.iterate(owner ?? null)) {
      if (rows.length >= limit) break
      if (!this.#unwritten.has(text(row.id))) rows.push(rowOf(row))
    }
    return rows
  }

  /** The room stands differently now. */
  change(room: Room): void {
    this.#rooms.set(room.room, room)
    this.#changed.set(room.room, room)
  }

  /**
   * This transaction writes all rooms. It must where events were deleted: what their rows do not know is told from the
   * events that came after the last one they know of, and a number of the deleted may be given again.
   */
  mustWrite(): void {
    this.#due = true
  }

  /** Whether it is time to write rooms that have moved on. To be asked between transactions. */
  get late(): boolean {
    if (this.#unwritten.size > 0) return this.#rooms.size > REMEMBERED || this.#now() - this.#writtenAt >= WRITTEN_MS
    if (this.#rooms.size > REMEMBERED) this.#rooms.clear()
    return false
  }

  /** Whether this transaction writes all rooms. */
  get due(): boolean {
    return this.#due
  }

  /** To be called before each commit: writes all rooms where this transaction must. */
  flush(): void {
    if (!this.#due) return
    this.#writtenAt = this.#now()
    for (const room of this.#unwritten.values()) if (!this.#changed.has(room.room)) this.#write(room)
    for (const room of this.#changed.values()) this.#write(room)
    this.#see.run()
  }

  /** To be called after each commit. */
  committed(): void {
    if (this.#due) {
      this.#due = false
      this.#unwritten.clear()
      if (this.#rooms.size > REMEMBERED) this.#rooms.clear()
    } else for (const [id, room] of this.#changed) this.#unwritten.set(id, room)
    this.#changed.clear()
  }

  /** To be called after each rollback: remembers only what was committed. */
  drop(): void {
    this.#due = false
    this.#changed.clear()
    this.#rooms.clear()
    for (const [id, room] of this.#unwritten) this.#rooms.set(id, room)
  }

  #write({ head, horizon, calm, at, key }: Room): void {
    this.#update.run(head, horizon, calm, at, key)
  }

  #remember(row: Row | undefined): Room | undefined {
    if (row === undefined) return undefined
    const key = int(row.key)
    const spans = this.#spans.all(key).map((span): [string, number] => [text(span.key), int(span.first)])
    const room = { ...rowOf(row), key, calm: int(row.calm), open: new Map(spans) }
    this.#rooms.set(room.room, room)
    return room
  }
}

/** `state` has seen all events, and which of them was the last. The other columns are those of the row that has the maximum. */
const SEE = `UPDATE state SET (seen, seen_room, seen_seq) =
  (SELECT coalesce(max(rowid), 0), coalesce(room, 0), coalesce(seq, 0) FROM events)`

/** Somebody has rewritten the file (VACUUM), and given other numbers to its rows: nothing is known to have been seen then. */
const REWRITTEN = `SELECT 1 FROM state WHERE seen > 0 AND NOT EXISTS (
  SELECT 1 FROM events WHERE rowid = seen AND room = seen_room AND seq = seen_seq)`

/**
 * Brings the rows of rooms up to the events that were committed after they were written: after the last use of the file did
 * not end well. To be called within a transaction.
 */
export function catchUp(db: DatabaseSync): void {
  if (db.prepare(REWRITTEN).get() !== undefined) db.exec('UPDATE state SET seen = 0')
  db.exec(INDEX)
  const update = db.prepare('UPDATE rooms SET head = ?1, calm = ?2, at = max(at, ?3) WHERE key = ?4 AND head < ?1')
  // The other columns are those of the row that has the maximum.
  const events = db.prepare(
    'SELECT room, max(seq) AS seq, calm, at FROM events WHERE rowid > (SELECT seen FROM state) GROUP BY room',
  )
  for (const { room, seq, calm, at } of events.all()) update.run(int(seq), int(calm), int(at), int(room))
  const grow = db.prepare('UPDATE rooms SET head = ?1, at = max(at, ?2) WHERE key = ?3 AND head < ?1')
  for (const { room, seq, at } of db.prepare('SELECT room, max(seq) AS seq, at FROM growth GROUP BY room').all())
    grow.run(int(seq), int(at), int(room))
  db.exec(SEE)
}

export function plain({ room, epoch, head, horizon, owner, at }: RoomRow): RoomRow {
  return { room, epoch, head, horizon, owner, at }
}

function rowOf(row: Row): RoomRow {
  return {
    room: text(row.id),
    epoch: text(row.epoch),
    head: int(row.head),
    horizon: int(row.horizon),
    owner: maybeText(row.owner),
    at: int(row.at),
  }
}
