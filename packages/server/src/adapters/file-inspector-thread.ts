// The way to the thread that looks into files: one at a time, each for a limited time. It lives only while there is work.
import { Worker } from 'node:worker_threads'
import type { Findings } from '../seams/inspect.ts'
import type { Journal } from '../seams/journal.ts'

export interface Look {
  readonly mediaType: string
  /** Of the whole file. */
  readonly size: number
  /** Its first bytes, or all of them. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What the thread answers: `details` where something could not be read. */
export type Seen = { readonly found: Findings } | { readonly failed: string }

const SUFFIX = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const PROGRAM = new URL(`./file-inspector-worker.${SUFFIX}`, import.meta.url)
const LIMIT_MS = 10_000
const IDLE_MS = 30_000
const MEMORY = { maxOldGenerationSizeMb: 256 } as const

export class InspectorThread {
  readonly #journal: Journal
  #worker: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  #closed = false

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** What is to be known of a file; undefined where it cannot be read, or not in time. */
  look(look: Look): Promise<Findings | undefined> {
    const looking = this.#last.then(() => this.#look(look))
    this.#last = looking
    return looking
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
  }

  async #look(look: Look): Promise<Findings | undefined> {
    if (this.#closed) return undefined
    clearTimeout(this.#idle)
    const worker = this.#begin()
    const { promise, resolve } = Promise.withResolvers<Seen>()
    const late = setTimeout(() => resolve({ failed: `it took more than ${LIMIT_MS} ms` }), LIMIT_MS)
    const died = (cause: unknown): void => resolve({ failed: String(cause) })
    worker.once('message', resolve).once('error', died).once('exit', died)
    worker.postMessage(look, [look.bytes.buffer])
    const seen = await promise
    clearTimeout(late)
    worker.off('message', resolve).off('error', died).off('exit', died)
    if ('found' in seen) {
      this.#idle = setTimeout(() => void this.#end(worker), IDLE_MS).unref()
      return seen.found
    }
    this.#journal.info('a file could not be looked into', { mediaType: look.mediaType, why: seen.failed })
    // Whatever it is still busy with, the next file must not wait for it.
    await this.#end(worker)
    return undefined
  }

  #begin(): Worker {
    if (this.#worker !== undefined) return this.#worker
    // What libraries print about strange files is nobody's concern.
    const worker = new Worker(PROGRAM, { name: 'parley-files', resourceLimits: MEMORY, stderr: true, stdout: true })
    worker.on('error', () => undefined)
    worker.unref()
    this.#worker = worker
    return worker
  }

  async #end(worker: Worker): Promise<void> {
    if (this.#worker === worker) this.#worker = undefined
    await worker.terminate()
  }
}
