// Pages that were read just now: when many come at once, they mostly want the same ones.
import type { Dialect, Page } from '@parley/protocol'
import type { Frame } from '../seams/transport.ts'
import { Frames } from './frames.ts'

/** So long a page is given to whoever wants the same, ms. */
const FRESH_MS = 1_000
const MOST = 64

interface Read {
  readonly page: Promise<Page>
  readonly at: number
}

export class LatestPages {
  readonly #pages = new Map<string, Read>()

  get(key: string, now: number, read: () => Promise<Page>): Promise<Page> {
    const known = this.#pages.get(key)
    if (known !== undefined && now - known.at < FRESH_MS) return known.page
    const reading: Read = { page: read(), at: now }
    // Deleted first, so that it is the last of them.
    this.#pages.delete(key)
    this.#pages.set(key, reading)
    const forget = (): void => {
      if (this.#pages.get(key) === reading) this.#pages.delete(key)
    }
    // Of a page that tells nothing, the next to ask may hear more; they may be the same, who would go in circles.
    reading.page.then((page) => page.events.length === 0 && page.reset === undefined && forget(), forget)
    if (this.#pages.size > MOST) this.sweep(now)
    return reading.page
  }

  clear(): void {
    this.#pages.clear()
  }

  /** Called every second or so: lets go of what is not fresh any more, and of the oldest where there is too much. */
  sweep(now: number): void {
    for (const [key, { at }] of this.#pages) {
      if (this.#pages.size <= MOST && now - at < FRESH_MS) return
      this.#pages.delete(key)
    }
  }
}

/** Of pages that several may be told, what each dialect makes of them. */
const encoded = new WeakMap<Page, Frames>()

/** The page as one frame: made once, if all hear it alike. */
export function frameOf(page: Page, dialect: Dialect): Frame {
  let frames = encoded.get(page)
  if (frames === undefined) {
    frames = new Frames((dialect) => dialect.page(page, new Map()))
    encoded.set(page, frames)
  }
  return frames.in(dialect)
}
