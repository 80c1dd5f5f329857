// The latest of what tells how something stands, per room and key. Its event is kept for as long as it is the latest.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { int } from './sqlite-values.ts'

export class Standings {
  readonly #latest: StatementSync
  readonly #set: StatementSync
  readonly #live: StatementSync
  readonly #prefixed: StatementSync

  constructor(db: DatabaseSync) {
    this.#latest = db.prepare('SELECT seq FROM standing WHERE room = ? AND key = ?')
    this.#set = db.prepare(
      `INSERT INTO standing (room, key, seq, live) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET seq = excluded.seq, live = excluded.live`,
    )
    this.#live = db.prepare('SELECT seq FROM standing WHERE room = ? AND seq <= ? AND live = 1 ORDER BY seq')
    this.#prefixed = db.prepare(
      `SELECT seq FROM standing WHERE room = ?1 AND substr(key, 1, length(?2)) = ?2 ORDER BY seq DESC LIMIT ?3`,
    )
  }

  /** Seq of the latest with this key; 0 when there is none. */
  latest(room: number, key: string): number {
    return int(this.#latest.get(room, key)?.seq ?? 0)
  }

  set(room: number, key: string, seq: number, live: boolean): void {
    this.#set.run(room, key, seq, live ? 1 : 0)
  }

  /** Seqs of those up to this one that still matter, oldest first. */
  live(room: number, upTo: number): readonly number[] {
    return this.#live.all(room, upTo).map(({ seq }) => int(seq))
  }

  /** Seqs of those whose key begins so, latest first. */
  prefixed(room: number, prefix: string, limit: number): readonly number[] {
    return this.#prefixed.all(room, prefix, Math.max(limit, 0)).map(({ seq }) => int(seq))
  }
}
