// The rooms of a SQLite log: each as it stands, remembered while it is in use, written once per commit.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { State } from './admit.ts'
import type { RoomRow } from './sqlite-calls.ts'
import { int, maybeText, type Row, text } from './sqlite-values.ts'

export interface Room extends State, RoomRow {
  readonly key: number
}

const REMEMBERED = 10_000

export class Rooms {
  readonly #find: StatementSync
  readonly #at: StatementSync
  readonly #spans: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #list: StatementSync
  readonly #rooms = new Map<string, Room>()
  readonly #changed = new Map<string, Room>()

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT * FROM rooms WHERE id = ?')
    this.#at = db.prepare('SELECT * FROM rooms WHERE key >= ? AND horizon < head ORDER BY key LIMIT 1')
    this.#spans = db.prepare('SELECT key, first FROM spans WHERE room = ?')
    this.#insert = db.prepare(
      'INSERT INTO rooms (id, epoch, owner, head, horizon, calm, at) VALUES (?, ?, ?, 0, 0, 0, 0)',
    )
    this.#update = db.prepare('UPDATE rooms SET head = ?, horizon = ?, calm = ?, at = ? WHERE key = ?')
    this.#list = db.prepare('SELECT * FROM rooms WHERE owner IS ? ORDER BY at DESC, id LIMIT ?')
  }

  find(id: string): Room | undefined {
    return this.#rooms.get(id) ?? this.#remember(this.#find.get(id))
  }

  /** The first room with this key or a later one, among those that hold something. */
  from(key: number): Room | undefined {
    const row = this.#at.get(key)
    return row === undefined ? undefined : this.find(text(row.id))
  }

  open(id: string, epoch: string, owner: string | undefined): Room {
    const room = this.find(id)
    if (room !== undefined) return room
    this.#insert.run(id, epoch, owner ?? null)
    return this.open(id, epoch, owner)
  }

  list(owner: string | undefined, limit: number): readonly RoomRow[] {
    return this.#list.all(owner ?? null, limit).map(rowOf)
  }

  /** The room stands differently now. */
  change(room: Room): void {
    this.#rooms.set(room.room, room)
    this.#changed.set(room.room, room)
  }

  /** Writes what changed since it last did. */
  flush(): void {
    for (const { head, horizon, calm, at, key } of this.#changed.values())
      this.#update.run(head, horizon, calm, at, key)
    this.#changed.clear()
  }

  /** Bounds what is remembered. */
  tidy(): void {
    if (this.#rooms.size > REMEMBERED) this.#rooms.clear()
  }

  /** Forgets what it remembers: it may have been rolled back. */
  drop(): void {
    this.#rooms.clear()
    this.#changed.clear()
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
