// The way to the thread that owns the file: gathers what one tick asks, posts it at once, and brings each reply home.
import { Worker } from 'node:worker_threads'
import { Refusal } from '@parley/protocol'
import type { Journal } from '../seams/journal.ts'
import { Desk } from './desk.ts'
import { Outage } from './outage.ts'
import { refusal } from './refuse.ts'
import type { Answer, Call, Calls, Reply, Told } from './sqlite-calls.ts'
import type { FileOptions } from './sqlite-file.ts'

/**
 * Where many ask at once, what they ask is gathered until a moment comes in which nobody asks, or so many moments of 1 ms
 * have passed: each commit costs a sync of the disk and two wake-ups, whether it holds one append or twenty. Whoever asks
 * alone does not wait.
 */
const MOMENTS = 4

interface Waiting {
  resolve(answer: unknown): void
  reject(error: unknown): void
}

export class SqliteThread {
  readonly outage: Outage
  readonly #worker: Worker
  readonly #journal: Journal
  readonly #waiting = new Desk<Waiting>()
  readonly #opened = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<void>()
  #outbox: object[] = []
  /** How many were posted together the last time. */
  #together = 0
  /** Why nothing more can be asked. */
  #over: Error | undefined

  /** Resolves when the file is open; rejects with what is wrong with it. `program` is the file that the thread runs. */
  static async start(program: URL, file: FileOptions, journal: Journal): Promise<SqliteThread> {
    const thread = new SqliteThread(new Worker(program, { workerData: file, name: 'parley-log' }), journal)
    await thread.#opened.promise
    return thread
  }

  private constructor(worker: Worker, journal: Journal) {
    this.#worker = worker
    this.#journal = journal
    this.outage = new Outage(journal, () => performance.now())
    worker.on('message', (told: Told) => this.#heard(told))
    worker.on('error', (cause) => {
      journal.error('the thread of the log died', cause)
      this.#end(new Error('the thread of the log died', { cause }))
    })
    worker.on('exit', (code) => {
      this.#end(new Error(`the thread of the log ended with code ${code}`))
      this.#ended.resolve()
    })
  }

  ask<Name extends Call>(call: Name, ...args: Parameters<Calls[Name]>): Promise<Answer<Name>> {
    if (this.#over !== undefined) return Promise.reject(this.#over)
    const waiting = Promise.withResolvers<Answer<Name>>()
    const ref = this.#waiting.put(waiting)
    if (this.#outbox.push({ ref, call, args }) === 1) this.#postSoon()
    return waiting.promise
  }

  #postSoon(): void {
    const alone = this.#together <= 1 && this.#waiting.size === 1
    if (alone) setImmediate(() => this.#post())
    else this.#gather(MOMENTS)
  }

  #gather(moments: number): void {
    const { length } = this.#outbox
    setTimeout(() => {
      if (moments <= 1 || this.#outbox.length === length) this.#post()
      else this.#gather(moments - 1)
    }, 1)
  }

  /** Throws why nothing more can be asked. */
  mustBeOpen(): void {
    if (this.#over !== undefined) throw this.#over
  }

  /** Finishes what was asked, then lets go of the file. */
  close(): Promise<void> {
    if (this.#over === undefined) {
      this.#over = new Refusal('storage.unavailable', 'the log is closed')
      this.#post()
      this.#worker.postMessage('close')
    }
    return this.#ended.promise
  }

  #post(): void {
    if (this.#outbox.length === 0) return
    this.#worker.postMessage(this.#outbox)
    this.#together = this.#outbox.length
    this.#outbox = []
  }

  #heard(told: Told): void {
    if ('unopened' in told) return this.#opened.reject(told.unopened)
    if ('opened' in told) {
      for (const note of told.opened) this.#journal.warn(note)
      return this.#opened.resolve()
    }
    if (told.stored) this.outage.over()
    for (const reply of told.replies) this.#settle(reply)
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.take(reply.ref)
    if ('answer' in reply) waiting?.resolve(reply.answer)
    else if ('refused' in reply) waiting?.reject(refusal(reply.refused))
    else if (reply.passing) waiting?.reject(this.#unavailable(reply.failed))
    else waiting?.reject(new Error('the log is broken', { cause: reply.failed }))
  }

  #unavailable(cause: unknown): Refusal {
    this.outage.met(cause)
    const why = new Refusal('storage.unavailable', 'the log cannot be used at present')
    why.cause = cause
    return why
  }

  #end(error: Error): void {
    this.#over ??= error
    this.#opened.reject(error)
    for (const { reject } of this.#waiting.takeAll()) reject(error)
  }
}
