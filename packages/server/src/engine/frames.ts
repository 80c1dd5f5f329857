// A page as frames: encoded at most once per dialect, however many hear it.
import type { Dialect, Page } from '@parley/protocol'
import { Frame } from '../seams/transport.ts'

export class Telling {
  readonly page: Page
  readonly #frames = new Map<Dialect, Frame>()
  #authors: Set<string> | undefined

  constructor(page: Page) {
    this.page = page
  }

  /** What all readers of this dialect hear alike. */
  in(dialect: Dialect): Frame {
    let frame = this.#frames.get(dialect)
    if (frame === undefined) {
      frame = new Frame(dialect.page(this.page))
      this.#frames.set(dialect, frame)
    }
    return frame
  }

  /** Whether the actor said something of this page. */
  saidBy(actor: string): boolean {
    this.#authors ??= new Set(this.page.events.map((event) => event.by.id))
    return this.#authors.has(actor)
  }
}
