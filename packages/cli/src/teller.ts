// Tells a room line by line where nothing can be taken back: a pipe, a file, a plain terminal.
import type { Message, Timeline } from '@parley/protocol'
import { nameIn } from './chat/people.ts'
import { type Line, linesOf } from './lines.ts'
import { changesOf } from './notes.ts'
import { nameOf } from './printable.ts'
import type { ShownFiles } from './shown-files.ts'
import { TaskNews } from './task-lines.ts'
import type { Colours } from './terminal.ts'
import { wishOf } from './tool-lines.ts'

export class Teller {
  readonly #tell: (line: string) => void
  readonly #colours: Colours
  readonly #files: ShownFiles | undefined
  /** Messages that were begun and are not told to their end, with the number of lines told. */
  readonly #open = new Map<string, number>()
  #epoch: string | undefined
  /** Every message that begins up to here was begun to be told. */
  #seen = 0
  /** All up to here is known. */
  #upTo = 0
  /** Tool calls that are told to wait for approval. */
  readonly #asking = new Set<string>()
  /** Messages that are known to be replaced. */
  readonly #replaced = new Set<string>()
  /** Messages of the picture before, by key. */
  #known: ReadonlyMap<string, Message> = new Map()
  readonly #tasks = new TaskNews()
  /** The message that the last line belonged to. */
  #speaking: string | undefined

  /** @param files where they have numbers; else their ids are told. */
  constructor(tell: (line: string) => void, colours: Colours, files?: ShownFiles) {
    this.#tell = tell
    this.#colours = colours
    this.#files = files
  }

  /** Tells what is new in this picture and will not change any more. */
  hear(timeline: Timeline): void {
    const { position, messages, start } = timeline
    if (position === undefined) return
    this.#restart(position.epoch, start)
    const called = (user: string): string => nameIn(timeline, user)
    this.#tellChanges(messages, called)
    for (const [key, told] of [...this.#open]) {
      const message = messages.findLast((one) => one.key === key)
      if (message === undefined || message.supersededBy !== undefined) this.#open.delete(key)
      else this.#tellFrom(message, told, timeline)
    }
    const first = messages.findLastIndex((message) => message.seq <= this.#seen) + 1
    this.#tellReplaced(messages, first)
    for (const message of messages.slice(first)) {
      this.#seen = message.seq
      if (!this.#replaced.has(message.key)) this.#tellFrom(message, 0, timeline)
    }
    this.#tellAsking(timeline)
    for (const news of this.#tasks.hear(timeline, called)) this.#say(news)
    this.#known = new Map(messages.map((message) => [message.key, message]))
    this.#upTo = position.seq
  }

  /** What is told cannot be taken back, but what becomes of it can be said. */
  #tellReplaced(messages: readonly Message[], first: number): void {
    for (const [index, { key, by, supersededBy }] of messages.entries()) {
      if (supersededBy === undefined || this.#replaced.has(key)) continue
      this.#replaced.add(key)
      this.#open.delete(key)
      if (index < first) this.#say(`what ${nameOf(by)} said before is replaced`)
    }
  }

  /** Of messages that were told to their end. */
  #tellChanges(messages: readonly Message[], called: (user: string) => string): void {
    for (const message of messages) {
      const before = this.#known.get(message.key)
      if (before === undefined || before === message || before.state === 'streaming') continue
      for (const change of changesOf(before, message, called)) this.#say(change)
    }
  }

  #tellAsking({ tools }: Pick<Timeline, 'tools'>): void {
    for (const tool of tools.values()) {
      if (tool.state !== 'asking') this.#asking.delete(tool.call)
      else if (!this.#asking.has(tool.call)) {
        this.#asking.add(tool.call)
        this.#say(`${nameOf(tool.by)} asks: ${wishOf(tool)}: allow?`)
      }
    }
  }

  #restart(epoch: string, start: number): void {
    if (this.#epoch !== undefined && epoch !== this.#epoch) {
      this.#say('the log of this room was replaced; it begins anew')
      this.#open.clear()
      this.#known = new Map()
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

  #tellFrom(message: Message, told: number, { tools, messages }: Timeline): void {
    const files = this.#files === undefined ? {} : { files: this.#files }
    const { settled } = linesOf(message, { tools, messages, ...files })
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
    case 'file':
      return text
    case 'end':
      return yellow(`[${text}]`)
    case 'tool':
      return dim(`[tool] ${text}`)
    case 'asks':
      return yellow(`? ${text}`)
    case 'output':
      return dim(`| ${text}`)
    case 'reasoning':
      return dim(text)
    case 'note':
      return dim(text)
    case 'data':
      return dim(`[data] ${text}`)
  }
}
