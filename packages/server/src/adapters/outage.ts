// Tells of a store that fails and works again: when it begins and when it ends, not for each call that meets it.
import type { Journal } from '../seams/journal.ts'

/** A store at the edge of its space fails and works by turns; so much later it is worth another line. */
const QUIET_MS = 60_000

export class Outage {
  readonly #journal: Journal
  readonly #steady: () => number
  #lasting = false
  /** Whether the journal knows of it. */
  #told = false
  #toldAt = Number.NEGATIVE_INFINITY

  /** `steady` tells milliseconds on a scale that never jumps. */
  constructor(journal: Journal, steady: () => number) {
    this.#journal = journal
    this.#steady = steady
  }

  get lasting(): boolean {
    return this.#lasting
  }

  met(cause: unknown): void {
    if (this.#lasting) return
    this.#lasting = true
    this.#told = this.#steady() - this.#toldAt >= QUIET_MS
    if (!this.#told) return
    this.#toldAt = this.#steady()
    this.#journal.error('the log cannot be used at present', cause)
  }

  over(): void {
    if (!this.#lasting) return
    this.#lasting = false
    if (this.#told) this.#journal.info('the log can be used again')
  }
}
