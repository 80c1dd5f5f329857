// A room as rows for a screen: above, what is written once and stays; below, what may still change.
import type { Message, Timeline } from '@parley/protocol'
import { type Line, linesOf, type Pictured } from '../lines.ts'
import { nameOf } from '../printable.ts'
import { ShownFiles } from '../shown-files.ts'
import { TaskNews } from '../task-lines.ts'
import { nameIn } from './people.ts'

export type Row =
  | {
      readonly kind: 'name'
      readonly text: string
      readonly who: 'me' | 'user' | 'agent' | 'system'
      readonly at: number
    }
  | { readonly kind: Line['kind']; readonly text: string }
  | { readonly kind: 'notice'; readonly text: string }

/** Immutable. */
export interface Scrolled {
  /** Another number: forget what was written, the rows begin anew. */
  readonly generation: number
  /** Only ever grows within a generation. */
  readonly written: readonly Row[]
  readonly live: readonly Row[]
}

export class Scroll {
  readonly files = new ShownFiles()
  #now: Scrolled = { generation: 0, written: [], live: [] }
  /** Messages that are written to their end, from the picture's start, as they were then. */
  #done: readonly Message[] = []
  /** Lines that are written of the next one. */
  #told = 0
  readonly #tasks = new TaskNews()
  /** Names what is shown of the log: room, epoch, start, and how many messages are replaced by others. */
  #stretch = ''

  get now(): Scrolled {
    return this.#now
  }

  /** Begins anew: another room, or none. */
  restart(): void {
    this.#now = { generation: this.#now.generation + 1, written: [], live: [] }
    this.#done = []
    this.#told = 0
    this.#stretch = ''
    this.files.clear()
  }

  notice(...texts: readonly string[]): void {
    this.#now = { ...this.#now, written: [...this.#now.written, ...texts.map(noticeRow)] }
  }

  /** @param me id of the one who looks. */
  hear(timeline: Timeline & Pictured, me: string | undefined): void {
    const { room, position, start } = timeline
    if (position === undefined) return
    const messages = timeline.messages.filter(({ supersededBy }) => supersededBy === undefined)
    const stretch = `${room} ${position.epoch} ${start} ${timeline.messages.length - messages.length}`
    const changed = this.#done.some((message, index) => message !== messages[index])
    if (changed || (this.#stretch !== '' && this.#stretch !== stretch)) this.restart()
    this.#stretch = stretch

    const fresh: Row[] = []
    const live: Row[] = []
    let whole = true
    const done = [...this.#done]
    const picture = { ...timeline, files: this.files }
    for (const message of messages.slice(done.length)) {
      const { settled, live: rest } = linesOf(message, picture)
      // Behind a message that is not whole, everything waits below, so that the order stays.
      const above = whole ? settled.slice(this.#told) : []
      const below = whole ? rest : [...settled, ...rest]
      const name = whole && this.#told > 0 ? [] : [nameRow(message, me)]
      if (above.length > 0) fresh.push(...name, ...above)
      live.push(...(above.length > 0 ? [] : name), ...below)
      if (!whole) continue
      whole = rest.length === 0 && message.state !== 'streaming'
      if (whole) done.push(message)
      this.#told = whole ? 0 : settled.length
    }
    this.#done = done
    fresh.push(...this.#tasks.hear(timeline, (user) => nameIn(timeline, user)).map(noticeRow))
    const written = fresh.length === 0 ? this.#now.written : [...this.#now.written, ...fresh]
    this.#now = { ...this.#now, written, live }
  }
}

function noticeRow(text: string): Row {
  return { kind: 'notice', text }
}

function nameRow({ by, at }: Message, me: string | undefined): Row {
  return { kind: 'name', text: nameOf(by), who: by.id === me ? 'me' : by.kind, at }
}
