// Group commit: writes that came together share one transaction, and each hears of it only afterwards.
import type { DatabaseSync } from 'node:sqlite'
import type { Refused } from './admit.ts'
import type { Ask, Reply } from './sqlite-calls.ts'
import { Store } from './sqlite-store.ts'
import { int, isWeather } from './sqlite-values.ts'

const reading: ReadonlySet<Ask['call']> = new Set([
  'info',
  'find',
  'read',
  'older',
  'spans',
  'rooms',
  'standing',
  'search',
  'marks',
  'unread',
  'attachment',
  'uploaded',
  'weigh',
  'loose',
  'holds',
])

export function isReading({ call }: Ask): boolean {
  return reading.has(call)
}

export class Commits {
  readonly #db: DatabaseSync
  readonly #store: Store
  readonly #changes: () => number
  /** Whether a commit of this call stored anything besides where rooms stand. */
  #stored = false

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#store = new Store(db, () => performance.now())
    const changes = db.prepare('SELECT total_changes() AS total')
    this.#changes = () => int(changes.get()?.total)
  }

  /** Replies when all of it is as durable as it gets, and whether anything was stored that was asked for. */
  write(asks: readonly Ask[]): { readonly replies: readonly Reply[]; readonly stored: boolean } {
    this.#stored = false
    const replies = this.#together(asks)
    return { replies, stored: this.#stored }
  }

  /**
   * Writes where rooms stand, when it is time for that, in a commit of its own: where a full disk has no place for it nothing
   * else may fail with it, and it stays remembered.
   */
  keepUp(): void {
    if (this.#store.late) this.#keep()
  }

  /** Writes what is only remembered. Nothing may be asked afterwards. */
  close(): void {
    this.#keep()
  }

  #keep(): void {
    this.#store.mustWrite()
    this.#together([])
  }

  read(ask: Ask): Reply {
    try {
      return this.#reply(ask)
    } catch (error) {
      return failed(ask, error)
    }
  }

  #together(asks: readonly Ask[]): readonly Reply[] {
    try {
      this.#db.exec('BEGIN')
      const before = this.#changes()
      const replies = asks.map((ask) => this.#reply(ask))
      const changed = this.#changes() > before
      this.#store.flush()
      this.#db.exec('COMMIT')
      this.#store.committed()
      this.#stored ||= changed && replies.some((reply) => 'answer' in reply)
      return replies
    } catch (error) {
      // SQLite may have rolled back by itself.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      this.#store.drop()
      if (asks.length === 1 || isWeather(error)) return asks.map((ask) => failed(ask, error))
      // One of them is at fault; it must not spoil the others.
      return asks.flatMap((ask) => this.#together([ask]))
    }
  }

  #reply(ask: Ask): Reply {
    const answer = this.#answer(ask)
    return isRefused(answer) ? { ref: ask.ref, refused: answer } : { ref: ask.ref, answer }
  }

  #answer(ask: Ask): unknown {
    const store = this.#store
    switch (ask.call) {
      case 'append':
        return store.append(...ask.args)
      case 'read':
        return store.read(...ask.args)
      case 'older':
        return store.older(...ask.args)
      case 'open':
        return store.open(...ask.args)
      case 'info':
        return store.info(...ask.args)
      case 'find':
        return store.find(...ask.args)
      case 'spans':
        return store.spans(...ask.args)
      case 'standing':
        return store.standing(...ask.args)
      case 'index':
        return store.index(...ask.args)
      case 'search':
        return store.search(...ask.args)
      case 'mark':
        return store.mark(...ask.args)
      case 'marks':
        return store.marks(...ask.args)
      case 'unread':
        return store.unread(...ask.args)
      case 'rooms':
        return store.rooms(...ask.args)
      case 'attach':
        return store.attach(...ask.args)
      case 'attachment':
        return store.attachment(...ask.args)
      case 'uploaded':
        return store.uploaded(...ask.args)
      case 'weigh':
        return store.weigh(...ask.args)
      case 'discard':
        return store.discard(...ask.args)
      case 'loose':
        return store.loose(...ask.args)
      case 'dropped':
        return store.dropped(...ask.args)
      case 'holds':
        return store.holds(...ask.args)
      case 'trim':
        return store.trim(...ask.args)
      case 'expire':
        return store.expire(...ask.args)
      case 'check':
        return store.check(...ask.args)
    }
  }
}

function isRefused(answer: unknown): answer is Refused {
  return typeof answer === 'object' && answer !== null && 'refused' in answer
}

function failed({ ref }: Ask, error: unknown): Reply {
  return { ref, failed: error, passing: isWeather(error) }
}
