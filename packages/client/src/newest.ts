// Says the newest of something that changes often: at once, then seldom, and again until it was heard.
import type { Clock, Stop } from './seams.ts'

export interface NewestParts<Value> {
  readonly clock: Clock
  /** How often it may be said. */
  readonly everyMs: number
  /** Whether it can be said now. */
  open(): boolean
  /** Says it; `heard` is called with whether it must be said again, or never, where the connection ends before. */
  say(value: Value, heard: (again: boolean) => void): void
}

export class Newest<Value extends object> {
  readonly #parts: NewestParts<Value>
  /** To be said. */
  #wanted: Value | undefined
  /** On the wire. */
  #said: Value | undefined
  #unpause: Stop | undefined

  constructor(parts: NewestParts<Value>) {
    this.#parts = parts
  }

  want(value: Value): void {
    this.#wanted = value
    this.flush()
  }

  /** Says what may be said. */
  flush(): void {
    const { clock, everyMs, open, say } = this.#parts
    const value = this.#wanted
    if (value === undefined || this.#said !== undefined || this.#unpause !== undefined || !open()) return
    this.#wanted = undefined
    this.#said = value
    this.#unpause = clock.after(everyMs, () => {
      this.#unpause = undefined
      this.flush()
    })
    say(value, (again) => {
      if (this.#said !== value) return
      this.#said = undefined
      if (again) this.#wanted ??= value
      this.flush()
    })
  }

  /** The connection is gone: of what was said and not answered nothing is known. */
  lost(): void {
    this.#wanted ??= this.#said
    this.#said = undefined
  }

  /** It means nothing any more. */
  forget(): void {
    this.#wanted = undefined
    this.#said = undefined
  }

  /** Lets no timer run on. */
  stop(): void {
    this.#unpause?.()
    this.#unpause = undefined
  }
}
