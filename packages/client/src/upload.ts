// One file on its way to the server: begun anew over each connection, from the byte that is confirmed, until it is kept.
import { type Attachment, type Problem, type ProblemCode, problem, Refusal, type RoomId } from '@parley/protocol'
import { backoffMs } from './backoff.ts'
import type { Ground } from './ground.ts'
import type { Outcome } from './line.ts'
import type { Stop } from './seams.ts'
import { type Hasher, hasher } from './upload-hash.ts'
import { confirmed, firstPace, type Pace, pieceOf } from './upload-pace.ts'
import type { Source } from './upload-source.ts'

export interface UploadProgress {
  /** Bytes that the server has confirmed. */
  readonly sent: number
  /** Of how many, where that is known. */
  readonly total: number | undefined
}

export interface UploadParts {
  readonly room: RoomId
  readonly id: string
  readonly name: string
  readonly source: Source
  readonly ground: Pick<Ground, 'ask' | 'send' | 'clock' | 'chance' | 'backoff'>
  /** Whether the room takes something at present. */
  ready(): boolean
  progressed(progress: UploadProgress): void
  /** It has its end. */
  ended(upload: Upload): void
}

/** How the server takes it over the present connection. */
interface Way {
  readonly channel: number
  readonly window: number
  readonly pieceBytes: number
}

/** What passes, or is mended by beginning again; everything else is the upload's end. */
const PASSING: ReadonlySet<ProblemCode> = new Set([
  'storage.unavailable',
  'server.busy',
  'server.failed',
  'server.leaving',
  'rate.exceeded',
  'limit.exceeded',
  'upload.unknown',
  'upload.offset',
  'upload.mismatch',
])
/** Tries in a row that came no further. */
const MOST_TRIES = 8
/** A content that is wrong so often is wrong. */
const MOST_MISMATCHES = 2
/** Of what was confirmed over another connection, so much is read at once for the hash. */
const BLOCK = 1024 * 1024

export class Upload {
  readonly #parts: UploadParts
  readonly #end = Promise.withResolvers<Attachment>()
  /** Begun, or being begun, over the present connection. */
  #asked = false
  #way: Way | undefined
  #confirmed = 0
  /** Offset of the next byte to send. */
  #next = 0
  #pace: Pace = firstPace
  /** Where pieces end that are not confirmed, and when they were sent. */
  #sent: { readonly end: number; readonly at: number }[] = []
  #sending = false
  #hash: Hasher = hasher()
  /** So many bytes went into the hash. */
  #hashed = 0
  #digest: string | undefined
  #tries = 0
  #triedAt = 0
  #mismatches = 0
  #stopWaiting: Stop | undefined
  #over = false

  constructor(parts: UploadParts) {
    this.#parts = parts
  }

  get attachment(): Promise<Attachment> {
    return this.#end.promise
  }

  get channel(): number | undefined {
    return this.#way?.channel
  }

  /** Begins where it can: there is a connection, and the room takes something. */
  look(): void {
    const { ground, room, id, name, source, ready } = this.#parts
    if (this.#over || this.#asked || this.#stopWaiting !== undefined || !ready()) return
    this.#asked = true
    const size = source.size === undefined ? {} : { size: source.size }
    ground.ask({ type: 'upload', room, id, name, ...size }, (outcome) => this.#begun(outcome))
  }

  /** The connection is gone, and with it whatever was asked. */
  offline(): void {
    this.#asked = false
    this.#way = undefined
  }

  /** The server has kept so much. */
  confirm(bytes: number): void {
    const way = this.#way
    if (way === undefined || bytes <= this.#confirmed) return
    const now = this.#parts.ground.clock.steady()
    const whole = this.#sent.filter(({ end }) => end <= bytes)
    this.#sent = this.#sent.slice(whole.length)
    const last = whole.at(-1)
    if (last !== undefined) this.#pace = confirmed(this.#pace, bytes - this.#confirmed, now - last.at, now, way.window)
    this.#settle(bytes)
    this.#send()
  }

  /** The server takes no more of it over this connection. */
  stopped(why: Problem): void {
    this.offline()
    this.#trouble(why)
  }

  /** Nobody wants it any more. */
  abort(reason: unknown): void {
    this.#finish(() => this.#end.reject(reason))
  }

  #begun(outcome: Outcome): void {
    if (this.#over) return
    if ('problem' in outcome) return this.stopped(outcome.problem)
    const { answer } = outcome
    if (answer.type !== 'upload') return this.stopped(problem('server.failed', 'the server answered another question'))
    if ('attachment' in answer) return this.#recognise(answer.attachment)
    const { channel, window, pieceBytes } = answer
    this.#way = { channel, window, pieceBytes }
    this.#sent = []
    this.#next = answer.confirmed
    this.#settle(answer.confirmed)
    this.#send()
  }

  /** A file is there under this id already: this one, it may be, or one that had its name, size and date. */
  #recognise(attachment: Attachment): void {
    const { id } = this.#parts
    this.#whole().then(
      (digest) => {
        if (digest === attachment.sha256) this.#kept(attachment)
        else this.abort(new Refusal('id.conflict', `the id ${id} was used for another file`))
      },
      (cause: unknown) => this.abort(cause),
    )
  }

  /** The hash of all of it; what was not read yet is read. */
  async #whole(): Promise<string | undefined> {
    const { source } = this.#parts
    while (this.#digest === undefined && !this.#over) {
      const at = this.#hashed
      const bytes = await source.read(at, BLOCK)
      if (bytes.length === 0) this.#digest ??= this.#hash.digest()
      else this.#learn(at, bytes)
      source.release(this.#hashed)
    }
    return this.#digest
  }

  #settle(bytes: number): void {
    const { source, progressed } = this.#parts
    this.#confirmed = bytes
    source.release(Math.min(bytes, this.#hashed))
    progressed({ sent: bytes, total: source.size })
  }

  /** Sends as much as may be on its way. One such loop at a time: whoever confirms begins it again. */
  #send(): void {
    if (this.#sending) return
    this.#sending = true
    this.#sendAll().catch((cause: unknown) => this.abort(cause))
  }

  async #sendAll(): Promise<void> {
    try {
      for (let way = this.#way; way !== undefined && !this.#over; way = this.#way) {
        if (this.#hashed < this.#next) {
          this.#learn(
            this.#hashed,
            await this.#parts.source.read(this.#hashed, Math.min(BLOCK, this.#next - this.#hashed)),
          )
          continue
        }
        const piece = pieceOf(this.#pace, way.pieceBytes)
        const onTheWay = this.#next - this.#confirmed
        if (onTheWay > 0 && onTheWay + piece > Math.min(this.#pace.allowance, way.window)) return
        const at = this.#next
        const bytes = await this.#parts.source.read(at, piece)
        // The connection may be another by now, or the upload over.
        if (way !== this.#way || at !== this.#next || this.#over) continue
        if (bytes.length === 0) return this.#attach()
        this.#learn(at, bytes)
        this.#next += bytes.length
        this.#sent.push({ end: this.#next, at: this.#parts.ground.clock.steady() })
        this.#parts.ground.send({ channel: way.channel, offset: at, bytes })
      }
    } finally {
      // In the same step as the last look: two confirmations may come at once, and the second begins the loop again.
      this.#sending = false
    }
  }

  /** Bytes from `at` on; what was hashed before is not hashed again. */
  #learn(at: number, bytes: Uint8Array): void {
    if (bytes.length === 0) throw new Error('the file has become shorter')
    const fresh = bytes.subarray(this.#hashed - at)
    if (fresh.length === 0) return
    this.#hash.update(fresh)
    this.#hashed += fresh.length
  }

  /** All of it was sent: it may be checked. */
  #attach(): void {
    const { ground, room, id } = this.#parts
    this.#digest ??= this.#hash.digest()
    // Nothing more is sent over this connection.
    this.#way = undefined
    ground.ask({ type: 'attach', room, id, size: this.#next, sha256: this.#digest }, (outcome) => {
      if (this.#over) return
      if ('problem' in outcome) return this.stopped(outcome.problem)
      if (outcome.answer.type === 'attach') this.#kept(outcome.answer.attachment)
    })
  }

  #kept(attachment: Attachment): void {
    this.#parts.progressed({ sent: attachment.size, total: attachment.size })
    this.#finish(() => this.#end.resolve(attachment))
  }

  #trouble(why: Problem): void {
    const { clock, chance, backoff } = this.#parts.ground
    if (this.#over) return
    if (why.code === 'upload.mismatch') this.#startOver()
    this.#tries = this.#confirmed > this.#triedAt ? 1 : this.#tries + 1
    this.#triedAt = this.#confirmed
    if (!PASSING.has(why.code) || this.#tries > MOST_TRIES || this.#mismatches > MOST_MISMATCHES)
      return this.abort(new Refusal(why.code, why.message, why))
    const ms = backoffMs(this.#tries, chance, backoff, why.retryAfterMs)
    this.#stopWaiting = clock.after(this.#tries === 1 && why.retryAfterMs === undefined ? 0 : ms, () => {
      this.#stopWaiting = undefined
      this.look()
    })
  }

  /** What the server has is not this: it forgets it, and so does the hash. */
  #startOver(): void {
    this.#mismatches += 1
    this.#hash = hasher()
    this.#hashed = 0
    this.#digest = undefined
    this.#confirmed = 0
    this.#next = 0
  }

  #finish(settle: () => void): void {
    if (this.#over) return
    this.#over = true
    this.#way = undefined
    this.#stopWaiting?.()
    this.#parts.source.close()
    settle()
    this.#parts.ended(this)
  }
}
