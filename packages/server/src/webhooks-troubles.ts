// The rooms that a hook could not be told of: how long each waits for its next try, and what the journal hears of it.
import type { RoomId } from '@parley/protocol'
import type { Chance } from './seams/clock.ts'
import type { Journal } from './seams/journal.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 300_000
/** The most that a hook may ask for. */
const ASKED_MS = 3_600_000

export class Troubles {
  readonly #host: string
  readonly #parts: { readonly chance: Pick<Chance, 'float'>; readonly journal: Journal }
  /** How often in a row. */
  readonly #failures = new Map<RoomId, number>()

  constructor(host: string, parts: { readonly chance: Pick<Chance, 'float'>; readonly journal: Journal }) {
    this.#host = host
    this.#parts = parts
  }

  /** The hook did not take what it was told. Returns how long to wait, in ms. */
  failed(room: RoomId, why: string, retryAfterMs = 0): number {
    // Said once, not with each try.
    if (this.#failures.size === 0)
      this.#parts.journal.warn('a webhook fails; it is tried again', { hook: this.#host, room, why })
    return this.#next(room, retryAfterMs)
  }

  /** It is this server that failed. */
  broke(room: RoomId, cause: unknown): number {
    this.#parts.journal.error('a webhook could not be told', cause, { hook: this.#host, room })
    return this.#next(room, 0)
  }

  refused(room: RoomId, why: string, seq: number | undefined): void {
    this.#parts.journal.warn('a webhook refused events; they are not sent again', { hook: this.#host, room, seq, why })
  }

  over(room: RoomId): void {
    if (this.#failures.delete(room) && this.#failures.size === 0)
      this.#parts.journal.info('a webhook takes everything again', { hook: this.#host })
  }

  #next(room: RoomId, retryAfterMs: number): number {
    const failures = (this.#failures.get(room) ?? 0) + 1
    this.#failures.set(room, failures)
    return pauseMs(failures, retryAfterMs, this.#parts.chance)
  }
}

/** Doubles with each failure (1, 2, 3 …), at a random moment of its second half; never sooner than the hook asked. */
export function pauseMs(failures: number, retryAfterMs: number, chance: Pick<Chance, 'float'>): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1))
  return Math.max(Math.min(retryAfterMs, ASKED_MS), Math.round(most * (0.5 + chance.float() / 2)))
}
