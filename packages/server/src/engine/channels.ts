// The uploads of one connection, by the numbers under which their pieces come.
import type { Upload } from './upload.ts'

export class Channels {
  readonly #uploads = new Map<number, Upload>()
  #last = 0

  /** Those that take more. */
  get open(): readonly Upload[] {
    for (const [channel, { over }] of this.#uploads) if (over !== undefined) this.#uploads.delete(channel)
    return [...this.#uploads.values()]
  }

  get(channel: number): Upload | undefined {
    return this.#uploads.get(channel)
  }

  /** Whether there ever was an upload under this number. */
  knew(channel: number): boolean {
    return channel > 0 && channel <= this.#last
  }

  /** Gives the upload a number that was never used here. */
  add(upload: Upload): number {
    this.#last += 1
    this.#uploads.set(this.#last, upload)
    return this.#last
  }

  /** Another connection goes on with it. */
  remove(channel: number): void {
    this.#uploads.delete(channel)
  }
}
