// What is being written: a text, and the files that go with it. Kept in this browser until it was sent.
import type { Room, Tray } from '@parley/client'
import type { AttachedPart } from '@parley/protocol'
import { storage } from '../browser/storage.ts'

export interface Written {
  readonly text: string
  /** It is sent as soon as its files have arrived. */
  readonly due: boolean
}

interface DraftOptions {
  /** What it is kept under. */
  readonly name: string
  /** The words that it begins with, where none are kept. */
  readonly begun?: string
  /** Where files are chosen for it. Absent: none can be. */
  readonly tray?: Tray
  /** Whether it may go without a word. */
  readonly wordless?: boolean
}

/** Rejects when what was said was not taken. */
export type Say = (text: string, files: readonly AttachedPart[]) => Promise<void>

export class Draft {
  readonly tray: Tray | undefined
  readonly #key: string
  readonly #filesKey: string
  readonly #wordless: boolean
  readonly #hearers = new Set<() => void>()
  #written: Written
  /** How it is sent, once its files have arrived. */
  #say: Say | undefined

  constructor({ name, begun = '', tray, wordless = false }: DraftOptions) {
    this.tray = tray
    this.#key = `parley.draft.${name}`
    this.#filesKey = `parley.files.${name}`
    this.#wordless = wordless
    this.#written = { text: storage.getItem(this.#key) ?? begun, due: false }
    if (tray === undefined) return
    tray.restore(readKept(this.#filesKey))
    tray.subscribe(() => {
      this.#keepFiles(tray)
      this.#look()
    })
  }

  get written(): Written {
    return this.#written
  }

  /** Whether there is nothing to be sent. */
  get empty(): boolean {
    return !this.#wordless && this.#written.text.trim() === '' && (this.tray?.files.length ?? 0) === 0
  }

  readonly subscribe = (hear: () => void): (() => void) => {
    this.#hearers.add(hear)
    return () => this.#hearers.delete(hear)
  }

  write(text: string): void {
    if (text === '') storage.removeItem(this.#key)
    else storage.setItem(this.#key, text)
    this.#show({ text })
  }

  /** Says what is there, as soon as all of it has arrived. Where a file has failed, all stays as it is. */
  send(say: Say): void {
    this.#say = say
    this.#look()
  }

  /** It is not to be sent yet. */
  hold(): void {
    this.#say = undefined
    this.#show({ due: false })
  }

  /** Nothing of it is kept. */
  forget(): void {
    storage.removeItem(this.#key)
  }

  #look(): void {
    const files = this.tray?.files ?? []
    if (this.#say === undefined) return
    if (this.empty || files.some(({ state }) => state === 'failed')) this.hold()
    else if (files.some(({ state }) => state === 'uploading')) this.#show({ due: true })
    else this.#deliver(this.#say)
  }

  #deliver(say: Say): void {
    const text = this.#written.text.trim()
    this.hold()
    this.write('')
    const files = this.tray?.take() ?? []
    say(text, files).catch(() => {
      // Whatever was written in the meantime stays as well.
      this.write([text, this.#written.text].filter(Boolean).join('\n'))
      this.tray?.restore(files)
    })
  }

  /** What has not arrived can't be kept: the bytes are lost with the page. */
  #keepFiles({ files }: Tray): void {
    const parts = files.flatMap(({ part }) => part ?? [])
    if (parts.length === 0) storage.removeItem(this.#filesKey)
    else storage.setItem(this.#filesKey, JSON.stringify(parts))
  }

  #show(change: Partial<Written>): void {
    const written = { ...this.#written, ...change }
    if (written.text === this.#written.text && written.due === this.#written.due) return
    this.#written = written
    for (const hear of [...this.#hearers]) hear()
  }
}

const drafts = new WeakMap<Room, Draft>()

/** What is being written in a room: as long as the page is open the same, whoever shows it. */
export function draftIn(room: Room): Draft {
  const known = drafts.get(room)
  if (known !== undefined) return known
  const draft = new Draft({ name: room.id, tray: room.tray })
  drafts.set(room, draft)
  return draft
}

function readKept(key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null')
  } catch {
    return undefined
  }
}
