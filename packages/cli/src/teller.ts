// Tells a room line by line where nothing can be taken back: a pipe, a file, a plain terminal.
import type { Message, Timeline } from '@parley/protocol'
import { type Line, linesOf, nameOf } from './lines.ts'
import type { Colours } from './terminal.ts'

export class Teller {
  readonly #tell: (line: string) => void
  readonly #colours: Colours
  readonly #skip: (message: Message) => boolean
  /** Messages that were begun and are not told to their end, with the number of lines told. */
  readonly #open = new Map<string, number>()
  #epoch: string | undefined
  /** Every message that begins up to here was begun to be told. */
  #seen = 0
  /** All up to here is known. */
  #upTo = 0
  /** The message that the last line belonged to. */
  #speaking: string | undefined

  /** @param skip messages that are not told. */
  constructor(tell: (line: string) => void, colours: Colours, skip: (message: Message) => boolean = () => false) {
    this.#tell = tell
    this.#colours = colours
    this.#skip = skip
  }

  /** Tells what is new in this picture and will not change any more. */
  hear(timeline: Timeline): void {
    const { position, messages, start, tools } = timeline
    if (position === undefined) return
    this.#restart(position.epoch, start)
    for (const [key, told] of [...this.#open]) {
      const message = messages.findLast((one) => one.key === key)
      if (message === undefined) this.#open.delete(key)
      else this.#tellFrom(message, told, timeline)
    }
    const first = messages.findLastIndex((message) => message.seq <= this.#seen) + 1
    for (const message of messages.slice(first)) {
      this.#seen = message.seq
      if (!this.#skip(message)) this.#tellFrom(message, 0, { tools })
    }
    this.#upTo = position.seq
  }

  #restart(epoch: string, start: number): void {
    if (this.#epoch !== undefined && epoch !== this.#epoch) {
      this.#say('the log of this room was replaced; it begins anew')
      this.#open.clear()
      this.#seen = 0
    } else if (this.#epoch !== undefined && start > this.#upTo) {
      this.#say('some messages in between are no longer kept')
    }
    this.#epoch = epoch
  }

  #say(notice: string): void {
    this.#speaking = undefined
    this.#tell(this.#colours.dim(`* ${notice}`))
  }

  #tellFrom(message: Message, told: number, { tools }: Pick<Timeline, 'tools'>): void {
    const { settled } = linesOf(message, tools)
    for (const line of settled.slice(told)) {
      this.#tell((this.#prefix(message) + lineText(line, this.#colours)).trimEnd())
      this.#speaking = message.key
    }
    if (message.state === 'streaming') this.#open.set(message.key, settled.length)
    else this.#open.delete(message.key)
  }

  /** The name, or room for it where the same message goes on. */
  #prefix(message: Message): string {
    if (this.#speaking === message.key) return '  '
    const { bold, cyan } = this.#colours
    return `${message.by.kind === 'agent' ? cyan(nameOf(message.by)) : bold(nameOf(message.by))}: `
  }
}

function lineText({ kind, text }: Line, { dim, yellow }: Colours): string {
  switch (kind) {
    case 'text':
      return text
    case 'end':
      return yellow(`[${text}]`)
    case 'tool':
      return dim(`[tool] ${text}`)
    case 'reasoning':
      return dim(text)
    case 'data':
      return dim(`[data] ${text}`)
  }
}
