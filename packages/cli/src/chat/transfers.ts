// Files on their way between a conversation and this machine, while it goes on.
import type { Client, Posted, Room } from '@parley/client'
import type { AttachedPart, Attachment, Part } from '@parley/protocol'
import { messageOf } from '../ending.ts'
import { bytesText, wayText } from '../file-lines.ts'
import { homely, type LocalFile, openLocal, sendLocal } from '../local-files.ts'
import { oneLine } from '../printable.ts'
import { counted, saveAs } from '../saving.ts'
import type { Way } from './milestones.ts'

const SIGNS = { up: '↑', down: '↓' } as const

export class Transfers {
  readonly #client: Client
  readonly #changed: () => void
  readonly #uploads = new Set<AbortController>()
  readonly #downloads = new Set<AbortController>()
  readonly #open = new Map<string, Way>()
  #begun = 0

  constructor(client: Client, changed: () => void) {
    this.#client = client
    this.#changed = changed
  }

  /** In the order in which they began. */
  get now(): readonly Way[] {
    return [...this.#open.values()]
  }

  /** Sends files, and says them in one message. Rejects with why one of them cannot be sent; then none is said. */
  attach(room: Room, paths: readonly string[], caption: string): Promise<Posted> {
    return stoppable(this.#uploads, async (signal) => {
      const files = await Promise.all([...new Set(paths)].map((path) => openLocal(homely(path))))
      const parts = await Promise.all(files.map((file) => this.#send(room, file, signal)))
      const text: readonly Part[] = caption === '' ? [] : [{ type: 'text', text: caption }]
      return () => room.post([...text, ...parts])
    })
  }

  /** Resolves with a line that says where it is. */
  save(file: Attachment, to: string): Promise<readonly string[]> {
    return stoppable(this.#downloads, async (signal) => {
      const [heard, over] = this.#begin('down', file.name, file.size)
      try {
        const bytes = counted(this.#client.download(file, { signal }), heard)
        const path = await saveAs(bytes, file, homely(to), { signal })
        return async () => [`saved ${oneLine(path)} (${bytesText(file.size)})`]
      } finally {
        over()
      }
    })
  }

  /** Gives all of them up, and lets them say why; whether there were any. */
  stop(why: string): boolean {
    const stops = [...this.#uploads, ...this.#downloads]
    for (const one of stops) one.abort(new Error(why))
    return stops.length > 0
  }

  /** Nobody is there any more. What was sent of a file is kept by the server, for when it is sent again. */
  end(): void {
    for (const one of this.#downloads) one.abort(new Error('the conversation has ended'))
  }

  async #send(room: Room, file: LocalFile, signal: AbortSignal): Promise<AttachedPart> {
    const [heard, over] = this.#begin('up', file.name, file.size)
    try {
      return await sendLocal(room, file, { signal, onProgress: ({ sent }) => heard(sent) })
    } finally {
      over()
    }
  }

  /** Returns who hears how far it has come, and that it is over. */
  #begin(way: keyof typeof SIGNS, name: string, total: number | undefined) {
    this.#begun += 1
    const id = `${this.#begun}`
    const heard = (bytes: number): void => {
      const text = `${SIGNS[way]} ${wayText(name, bytes, total)}`
      if (this.#open.get(id)?.text === text) return
      this.#open.set(id, { id, text, fraction: total === undefined || total === 0 ? 0 : bytes / total })
      this.#changed()
    }
    const over = (): void => {
      this.#open.delete(id)
      this.#changed()
    }
    heard(0)
    return [heard, over] as const
  }
}

/** What fails, fails altogether. What `work` resolves with is done in the end, and can be stopped no more. */
async function stoppable<Done>(
  stops: Set<AbortController>,
  work: (signal: AbortSignal) => Promise<() => Promise<Done>>,
): Promise<Done> {
  const stop = new AbortController()
  stops.add(stop)
  try {
    const end = await work(stop.signal)
    return end()
  } catch (cause) {
    stop.abort(cause)
    // In a conversation, what is refused is a message; this is none yet.
    throw new Error(messageOf(cause), { cause })
  } finally {
    stops.delete(stop)
  }
}
