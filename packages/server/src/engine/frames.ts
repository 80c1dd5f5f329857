// A page, or signals, as frames: encoded at most once per dialect, however many hear it.
import type { Dialect, Heard, Page, RoomId, Signal } from '@parley/protocol'
import { Frame } from '../seams/transport.ts'

/** What each dialect makes of the same thing, made when it is first wanted. */
export class Frames {
  readonly #encode: (dialect: Dialect) => readonly string[]
  /** There are few dialects, and mostly all speak the same. */
  readonly #made: { readonly dialect: Dialect; readonly frame: Frame }[] = []

  constructor(encode: (dialect: Dialect) => readonly string[]) {
    this.#encode = encode
  }

  in(dialect: Dialect): Frame {
    for (const made of this.#made) if (made.dialect === dialect) return made.frame
    const frame = new Frame(this.#encode(dialect))
    this.#made.push({ dialect, frame })
    return frame
  }
}

export class Telling {
  readonly page: Page
  readonly #heard: ReadonlyMap<string, number>
  readonly #frames = new Frames((dialect) => dialect.page(this.page, this.heard))
  #authors: Set<string> | undefined

  /** @param heard what all who hear this have heard before, of messages that are open. */
  constructor(page: Page, heard: ReadonlyMap<string, number>) {
    this.page = page
    this.#heard = heard
  }

  /** Each time it is said, the count goes on from there. */
  get heard(): Heard {
    return new Map(this.#heard)
  }

  /** What all readers of this dialect hear alike. */
  in(dialect: Dialect): Frame {
    return this.#frames.in(dialect)
  }

  /** Whether the actor said something of this page. */
  saidBy(actor: string): boolean {
    this.#authors ??= new Set(this.page.events.map((event) => event.by.id))
    return this.#authors.has(actor)
  }
}

/** Signals that all readers hear alike. */
export class Whisper {
  readonly room: RoomId
  readonly signals: readonly Signal[]
  readonly #frames = new Frames((dialect) => dialect.signals(this.room, this.signals))

  constructor(room: RoomId, signals: readonly Signal[]) {
    this.room = room
    this.signals = signals
  }

  in(dialect: Dialect): Frame {
    return this.#frames.in(dialect)
  }
}
