// The files beside a SQLite log: what is known of them, and which events hold them.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { FileRow } from './sqlite-calls.ts'
import { int, type Row, text } from './sqlite-values.ts'

/** A file that comes; `attachment` is JSON. */
export interface NewFile {
  readonly id: string
  readonly room: number
  readonly owner: string
  readonly upload: string
  readonly content: string
  readonly size: number
  readonly at: number
  readonly attachment: string
}

const FILE = `SELECT files.id AS id, rooms.id AS room, files.owner AS owner, upload, files.at AS at, attachment,
  EXISTS (SELECT 1 FROM holdings WHERE file = files.id) AS held FROM files JOIN rooms ON rooms.key = files.room`

export class Files {
  readonly #known: StatementSync
  readonly #add: StatementSync
  readonly #byId: StatementSync
  readonly #byUpload: StatementSync
  readonly #ofOwner: StatementSync
  readonly #inRoom: StatementSync
  readonly #hold: StatementSync
  readonly #heldBy: StatementSync
  readonly #letGo: StatementSync
  readonly #heldUpTo: StatementSync
  readonly #letGoUpTo: StatementSync
  readonly #unheld: StatementSync
  readonly #isHeld: StatementSync
  readonly #remove: StatementSync
  readonly #byContent: StatementSync
  readonly #loosen: StatementSync
  readonly #fasten: StatementSync
  readonly #loose: StatementSync

  constructor(db: DatabaseSync) {
    this.#known = db.prepare('SELECT 1 FROM files WHERE id = ? AND room = ?')
    this.#add = db.prepare(
      'INSERT INTO files (id, room, owner, upload, content, size, at, attachment) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#byId = db.prepare(`${FILE} WHERE files.id = ?`)
    this.#byUpload = db.prepare(`${FILE} WHERE files.room = ? AND files.owner = ? AND upload = ?`)
    this.#ofOwner = db.prepare('SELECT total(size) AS bytes FROM files WHERE owner = ?')
    this.#inRoom = db.prepare('SELECT total(size) AS bytes FROM files WHERE room = ?')
    this.#hold = db.prepare('INSERT INTO holdings (file, room, seq) VALUES (?, ?, ?)')
    this.#heldBy = db.prepare('SELECT DISTINCT file FROM holdings WHERE room = ? AND seq = ?')
    this.#letGo = db.prepare('DELETE FROM holdings WHERE room = ? AND seq = ?')
    this.#heldUpTo = db.prepare('SELECT DISTINCT file FROM holdings WHERE room = ? AND seq <= ?')
    this.#letGoUpTo = db.prepare('DELETE FROM holdings WHERE room = ? AND seq <= ?')
    this.#unheld = db.prepare(
      `SELECT id FROM files WHERE at < ? AND NOT EXISTS (SELECT 1 FROM holdings WHERE file = files.id)
       ORDER BY at, id LIMIT ?`,
    )
    this.#isHeld = db.prepare('SELECT 1 FROM holdings WHERE file = ?')
    this.#remove = db.prepare('DELETE FROM files WHERE id = ? RETURNING content')
    this.#byContent = db.prepare('SELECT 1 FROM files WHERE content = ?')
    this.#loosen = db.prepare('INSERT OR IGNORE INTO loose (content) VALUES (?)')
    this.#fasten = db.prepare('DELETE FROM loose WHERE content = ?')
    this.#loose = db.prepare('SELECT content FROM loose LIMIT ?')
  }

  has(room: number, id: string): boolean {
    return this.#known.get(id, room) !== undefined
  }

  add({ id, room, owner, upload, content, size, at, attachment }: NewFile): FileRow | undefined {
    if (this.uploaded(room, owner, upload) === undefined) {
      this.#add.run(id, room, owner, upload, content, size, at, attachment)
      this.#fasten.run(content)
    }
    return this.uploaded(room, owner, upload)
  }

  find(id: string): FileRow | undefined {
    return rowOf(this.#byId.get(id))
  }

  uploaded(room: number, owner: string, upload: string): FileRow | undefined {
    return rowOf(this.#byUpload.get(room, owner, upload))
  }

  weighOwner(owner: string): number {
    return int(this.#ofOwner.get(owner)?.bytes)
  }

  weighRoom(room: number): number {
    return int(this.#inRoom.get(room)?.bytes)
  }

  /** The event at `seq` holds these. */
  hold(room: number, seq: number, ids: readonly string[]): void {
    for (const id of ids) this.#hold.run(id, room, seq)
  }

  /** The event at `seq` holds nothing any more. */
  letGo(room: number, seq: number): void {
    const ids = this.#heldBy.all(room, seq)
    if (ids.length === 0) return
    this.#letGo.run(room, seq)
    this.#removeUnheld(ids)
  }

  /** Nor do all events up to this one. */
  letGoUpTo(room: number, seq: number): void {
    const ids = this.#heldUpTo.all(room, seq)
    if (ids.length === 0) return
    this.#letGoUpTo.run(room, seq)
    this.#removeUnheld(ids)
  }

  discard(before: number, most: number): number {
    const rows = this.#unheld.all(before, Math.max(most, 0))
    for (const { id } of rows) this.#removeFile(text(id))
    return rows.length
  }

  loose(most: number): readonly string[] {
    return this.#loose.all(Math.max(most, 0)).map(({ content }) => text(content))
  }

  dropped(contents: readonly string[]): void {
    for (const content of contents) this.#fasten.run(content)
  }

  holds(content: string): boolean {
    return this.#byContent.get(content) !== undefined
  }

  #removeUnheld(rows: readonly Row[]): void {
    for (const { file } of rows) {
      const id = text(file)
      if (this.#isHeld.get(id) === undefined) this.#removeFile(id)
    }
  }

  #removeFile(id: string): void {
    const row = this.#remove.get(id)
    if (row === undefined) return
    const content = text(row.content)
    if (!this.holds(content)) this.#loosen.run(content)
  }
}

function rowOf(row: Row | undefined): FileRow | undefined {
  if (row === undefined) return undefined
  const { room, owner, upload, at, attachment, held } = row
  return {
    room: text(room),
    owner: text(owner),
    upload: text(upload),
    at: int(at),
    attachment: text(attachment),
    held: int(held) === 1,
  }
}
