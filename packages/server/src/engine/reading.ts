// How far everybody has read in a room: kept by the log, told to whoever listens.
import type { ReadMark, RoomId } from '@parley/protocol'
import type { Log } from '../seams/log.ts'
import type { Signals } from './signals.ts'

/** Of more people, only the latest marks are told. */
const TOLD = 200

export interface ReadingParts {
  readonly room: RoomId
  readonly log: Pick<Log, 'mark' | 'marks'>
  readonly signals: Signals
  /** The marks could not be read; they are asked for again when somebody comes. */
  failed(cause: unknown): void
}

/** A user's mark on its way into the log. */
interface Marking {
  /** The farthest that was asked for. */
  seq: number
  done?: Promise<number>
}

export class Reading {
  readonly #parts: ReadingParts
  /** By user, those that were set last at the end. */
  readonly #marks = new Map<string, number>()
  readonly #markings = new Map<string, Marking>()
  /** Set from when somebody listens. */
  #loading: Promise<void> | undefined

  constructor(parts: ReadingParts) {
    this.#parts = parts
  }

  /** Somebody listens: what the log knows is told. */
  open(): void {
    this.#loading ??= this.#load().catch((cause: unknown) => {
      this.#loading = undefined
      this.#parts.failed(cause)
    })
  }

  /**
   * `user` has read up to `seq`. Resolves, when it is durable, with where they stand. One after the other for each user;
   * of those that wait, only the farthest is written.
   */
  mark(user: string, seq: number): Promise<number> {
    const known = this.#marks.get(user) ?? 0
    if (seq <= known) return Promise.resolve(known)
    const marking: Marking = this.#markings.get(user) ?? { seq }
    this.#markings.set(user, marking)
    marking.seq = Math.max(marking.seq, seq)
    marking.done ??= this.#write(user, marking)
    return marking.done
  }

  /** Another process wrote it. */
  hear({ user, seq }: ReadMark): void {
    this.#know(user, seq, false)
  }

  /** The log was replaced, and the marks with it. */
  forgetLog(): void {
    this.#marks.clear()
    this.#parts.signals.forgetAll('read')
    if (this.#loading === undefined) return
    this.#loading = undefined
    this.open()
  }

  async #write(user: string, marking: Marking): Promise<number> {
    const { room, log } = this.#parts
    try {
      for (;;) {
        const { seq } = marking
        const stands = await log.mark(room, user, seq)
        this.#know(user, stands, true)
        // No await below: nobody can ask for more of a marking that has ended.
        if (marking.seq <= seq) return stands
      }
    } finally {
      this.#markings.delete(user)
    }
  }

  async #load(): Promise<void> {
    const { room, log } = this.#parts
    const marks = [...(await log.marks(room))].filter(isPerson).toSorted(([, a], [, b]) => a - b)
    for (const [user, seq] of marks) this.#know(user, seq, false)
  }

  #know(user: string, seq: number, own: boolean): void {
    if (seq <= (this.#marks.get(user) ?? 0)) return
    // Deleted first, so that it is the last of them.
    this.#marks.delete(user)
    this.#marks.set(user, seq)
    this.#parts.signals.say({ type: 'read', user, seq }, own)
    const [oldest] = this.#marks.keys()
    if (this.#marks.size <= TOLD || oldest === undefined) return
    this.#marks.delete(oldest)
    this.#parts.signals.forget(`read/${oldest}`)
  }
}

/** Webhooks keep their place as if they were readers. */
function isPerson([reader]: readonly [string, number]): boolean {
  return !reader.startsWith('webhook:')
}
