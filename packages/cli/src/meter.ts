// One line on stderr that is written over as things go on. Where nothing can be written over, there is none.
import { note, type Terminal } from './terminal.ts'

/** To the beginning of the line, and all of it gone. */
const ERASE = '\r\u001b[K'
const COLUMNS = 80

export class Meter {
  readonly #terminal: Terminal
  readonly #writes: boolean
  #shown = ''

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    this.#writes = terminal.stderr.isTTY === true && terminal.env.TERM !== 'dumb'
  }

  /** Its text from now on. A longer one than fits is cut, for a second row could not be written over. */
  show(text: string): void {
    const fits = text.slice(0, (this.#terminal.stderr.columns ?? COLUMNS) - 1)
    if (!this.#writes || fits === this.#shown) return
    this.#shown = fits
    this.#terminal.stderr.write(`${ERASE}${fits}`)
  }

  /** A line that stays, above it. */
  note(line: string): void {
    const shown = this.#shown
    this.clear()
    note(this.#terminal, line)
    this.show(shown)
  }

  clear(): void {
    if (this.#shown !== '') this.#terminal.stderr.write(ERASE)
    this.#shown = ''
  }
}
