// The files that somebody has before their eyes, by number: in the order in which they were shown, the newest last.
import type { Attachment } from '@parley/protocol'

export class ShownFiles {
  /** By id. */
  readonly #files = new Map<string, { readonly number: number; readonly file: Attachment }>()

  /** The number of the file; the next one where it is shown for the first time. */
  numberOf(file: Attachment): number {
    const { number } = this.#files.get(file.id) ?? { number: this.#files.size + 1 }
    this.#files.set(file.id, { number, file })
    return number
  }

  /** @param named a number, or an id. */
  find(named: string): Attachment | undefined {
    const all = [...this.#files.values()]
    return (all.find(({ number }) => `${number}` === named) ?? this.#files.get(named))?.file
  }

  /** Everything is shown anew. */
  clear(): void {
    this.#files.clear()
  }
}
