// Who writes in a room: people as long as they say so, agents as long as their message grows.
import { type Author, type Event, messageKey } from '@parley/protocol'
import type { Clock } from '../seams/clock.ts'
import type { Signals } from './signals.ts'

/** Whoever has not said for so long that they write has stopped. */
const TYPING_MS = 6_000

export interface TypingParts {
  readonly clock: Clock
  readonly signals: Signals
}

export class Typing {
  readonly #parts: TypingParts
  /** Until when each of them writes, the first first. */
  readonly #people = new Map<string, { readonly user: Author; readonly until: number }>()
  /** Who writes each message that grows, by its key. */
  readonly #growing = new Map<string, Author>()

  constructor(parts: TypingParts) {
    this.#parts = parts
  }

  /** @param own whether they said so to this process, for the others to hear. */
  say(user: Author, on: boolean, own: boolean): void {
    // Deleted first, so that it is the last of them.
    this.#people.delete(user.id)
    if (on) this.#people.set(user.id, { user, until: this.#parts.clock.steady() + TYPING_MS })
    this.#tell(user, on, own)
  }

  /** Each event of the room, once, in order. */
  notice({ by, fact }: Event): void {
    switch (fact.type) {
      case 'message.posted':
        if (this.#people.has(by.id)) this.say(by, false, false)
        break
      case 'message.opened':
        if (fact.run === undefined) break
        this.#growing.set(messageKey(by.id, fact.message), by)
        this.#tell(by, true, false)
        break
      case 'message.closed':
        if (this.#growing.delete(messageKey(by.id, fact.message))) this.#rest(by)
        break
      default:
    }
  }

  /** Called every second or so. */
  sweep(): void {
    const now = this.#parts.clock.steady()
    for (const { user, until } of this.#people.values()) {
      if (until > now) return
      this.say(user, false, false)
    }
  }

  /** What was known of the log does not count any more. */
  forgetLog(): void {
    const writers = [...this.#growing.values()]
    this.#growing.clear()
    for (const writer of writers) this.#rest(writer)
  }

  #rest(writer: Author): void {
    if (this.#growing.values().every(({ id }) => id !== writer.id)) this.#tell(writer, false, false)
  }

  #tell(user: Author, on: boolean, own: boolean): void {
    this.#parts.signals.say({ type: 'typing', user, on }, own)
  }
}
