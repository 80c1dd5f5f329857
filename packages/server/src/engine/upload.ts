// One file on its way: its bytes in order, onto the disk, and at the end the proof that they are the right ones.
import { createHash, type Hash } from 'node:crypto'
import { type Problem, problem, Refusal, type RoomId } from '@parley/protocol'
import type { PartialBlob } from '../seams/blob-store.ts'

/** So many first bytes tell what a file is. */
export const HEAD_BYTES = 4_100

/** Whose upload, where, and what is said of it. */
export interface UploadName {
  readonly room: RoomId
  readonly owner: string
  readonly id: string
}

export interface UploadWish extends UploadName {
  readonly name: string
  readonly size: number | undefined
}

export interface UploadParts {
  readonly wish: UploadWish
  readonly partial: PartialBlob
  /** Bytes that may be here and not on the disk. */
  readonly window: number
  /** Bytes of the largest file. */
  readonly most: number
  /** The type that the first bytes tell, asked as soon as they are there: rejects where such a file is not taken. */
  check(head: Uint8Array): Promise<string>
  /** Called now and then while it grows: throws where it may not any more. */
  review(upload: Upload): Promise<void>
}

/** Who is told how it goes. */
export interface Watcher {
  confirmed(bytes: number): void
  ended(why: unknown): void
}

/** Between two reviews. */
const REVIEW_BYTES = 8 * 1024 * 1024

export class Upload {
  readonly wish: UploadWish
  readonly #parts: UploadParts
  readonly #hash: Hash = createHash('sha256')
  /** Offset of the next byte. */
  #next = 0
  #confirmed = 0
  #reviewed = 0
  readonly #head: Uint8Array[] = []
  #headBytes = 0
  #checking: Promise<string> | undefined
  #waiting: Uint8Array[] = []
  #writing: Promise<void> | undefined
  /** Why it has ended. */
  #over: { readonly why: unknown } | undefined
  watcher: Watcher | undefined

  private constructor(parts: UploadParts) {
    this.wish = parts.wish
    this.#parts = parts
  }

  /** Goes on from what its partial holds. */
  static async open(parts: UploadParts): Promise<Upload> {
    const upload = new Upload(parts)
    for await (const bytes of parts.partial.read()) upload.#learn(bytes)
    upload.#confirmed = upload.#next
    upload.#reviewed = upload.#next
    return upload
  }

  get confirmed(): number {
    return this.#confirmed
  }

  /** Offset of the next byte: all before it are here. */
  get next(): number {
    return this.#next
  }

  /** So much of the disk it may come to use. */
  get weight(): number {
    return Math.max(this.#next, this.wish.size ?? 0)
  }

  /** Why nothing more is taken; undefined while it goes on. */
  get over(): { readonly why: unknown } | undefined {
    return this.#over
  }

  get partial(): PartialBlob {
    return this.#parts.partial
  }

  /** The next bytes. They are not to be changed any more. */
  take(offset: number, bytes: Uint8Array): void {
    if (this.#over !== undefined) return
    const why = this.#misfit(offset, bytes.length)
    if (why !== undefined) return this.end(new Refusal(why.code, why.message, why))
    this.#learn(bytes)
    this.#waiting.push(bytes)
    this.#writing ??= this.#write()
  }

  #misfit(offset: number, length: number): Problem | undefined {
    const { most, window, wish } = this.#parts
    const after = offset + length
    if (offset !== this.#next)
      return problem('upload.offset', `the next byte is number ${this.#next}`, { details: { expected: this.#next } })
    if (after > (wish.size ?? after))
      return problem('upload.mismatch', `there are more than the ${wish.size} bytes that were announced`)
    if (after > most)
      return problem('attachment.large', `a file has at most ${most} bytes`, { details: { limit: most } })
    if (after - this.#confirmed > window)
      return problem('limit.exceeded', `at most ${window} bytes may be on their way beyond those that are confirmed`)
    return undefined
  }

  #learn(bytes: Uint8Array): void {
    this.#hash.update(bytes)
    this.#next += bytes.length
    if (this.#headBytes >= HEAD_BYTES) return
    this.#head.push(bytes)
    this.#headBytes += bytes.length
    if (this.#headBytes >= HEAD_BYTES) this.#check().catch((cause: unknown) => this.end(cause))
  }

  /** Looks once at the first bytes. */
  #check(): Promise<string> {
    this.#checking ??= this.#parts.check(Buffer.concat(this.#head.splice(0)))
    return this.#checking
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && this.#over === undefined) {
        const pieces = this.#waiting
        this.#waiting = []
        await this.#parts.partial.write(pieces)
        this.#confirmed += pieces.reduce((sum, { length }) => sum + length, 0)
        this.watcher?.confirmed(this.#confirmed)
        if (this.#confirmed - this.#reviewed < REVIEW_BYTES) continue
        this.#reviewed = this.#confirmed
        await this.#parts.review(this)
      }
    } catch (cause) {
      this.end(cause)
    } finally {
      this.#writing = undefined
    }
  }

  /** Resolves when at most `bytes` wait for the disk; rejects with why it has ended. */
  async settled(bytes = 0): Promise<void> {
    while (this.#writing !== undefined && this.#next - this.#confirmed > bytes) await this.#writing
    if (this.#over !== undefined) throw this.#over.why
  }

  /** All bytes are here: what they are. Rejects where they are not as was said. Once. */
  async proved(size: number, sha256: string | undefined): Promise<{ readonly type: string; readonly sha256: string }> {
    await this.settled()
    const type = await this.#check()
    const announced = this.wish.size ?? size
    if (this.#next !== size || size !== announced)
      throw new Refusal('upload.mismatch', `${this.#next} bytes came, of ${Math.max(size, announced)}`)
    const content = this.#hash.digest('hex')
    if (content !== (sha256 ?? content))
      throw new Refusal('upload.mismatch', 'the content is not the one that was announced')
    return { type, sha256: content }
  }

  /** Nothing more is taken. */
  end(why: unknown): void {
    if (this.#over !== undefined) return
    this.#over = { why }
    this.#waiting = []
    this.watcher?.ended(why)
    this.watcher = undefined
  }

  /** Waits for what is being written, and lets go of the partial. */
  async close(): Promise<void> {
    this.end(new Refusal('upload.unknown', 'the upload was let go of'))
    await this.#writing
    await this.#parts.partial.close()
  }
}
