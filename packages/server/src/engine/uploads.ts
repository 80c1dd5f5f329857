// Files on their way to the server, over connections or in one go: who goes on with which, how much of it is kept, and when it is whole.
import { createHash } from 'node:crypto'
import {
  type Abandon,
  type Answer,
  type Attach,
  type Attachment,
  type Author,
  type Notice,
  type Problem,
  type ProblemCode,
  problem,
  Refusal,
  readPiece,
  type Upload as UploadCommand,
} from '@parley/protocol'
import type { BlobStore } from '../seams/blob-store.ts'
import type { Clock } from '../seams/clock.ts'
import type { Inspector } from '../seams/inspect.ts'
import type { Inventory } from '../seams/inventory.ts'
import { Channels } from './channels.ts'
import type { Limits } from './limits.ts'
import type { Measures } from './measures.ts'
import { Upload, type UploadName, type UploadWish } from './upload.ts'

/** A connection, as far as it sends files. */
export interface Sender {
  readonly actor: Author
  notice(notice: Notice): void
  spend(cost: number): Problem | undefined
}

export interface UploadsParts {
  readonly log: Inventory
  readonly blobs: BlobStore
  readonly inspector: Inspector
  readonly clock: Clock
  readonly limits: Limits
  readonly measures: Measures
  uuid(): string
  /** Whether files of this type are taken. */
  takes(mediaType: string): boolean
  failed(what: string, cause: unknown): void
}

/** A file that comes in one go, not over a connection that may go on with it later. */
export interface Delivery extends UploadName {
  readonly name: string
  /** Where it is known; then neither more nor less is taken. */
  readonly size?: number
  /** Where it is known, the content must have it. */
  readonly sha256?: string
}

/** An upload whose connection has ended is kept at hand for so long, so that going on with it costs nothing. */
const REST_MS = 60_000
/** What cannot become a file: nothing of it is kept. */
const HOPELESS: ReadonlySet<ProblemCode> = new Set(['upload.mismatch', 'attachment.type', 'attachment.large'])
/** Pieces smaller than this cost as much as a command: many of them are work without end. */
const SMALL = 16 * 1024

export class Uploads {
  readonly #parts: UploadsParts
  readonly #open = new Map<string, { readonly upload: Upload; restsSince: number | undefined }>()
  /** By the key of the upload: what is done with it happens one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #channels = new WeakMap<Sender, Channels>()

  constructor(parts: UploadsParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#open.size
  }

  /** Begins an upload, or goes on with it. */
  begin(sender: Sender, { room, id, name, size }: UploadCommand): Promise<Answer> {
    const wish: UploadWish = { room, owner: sender.actor.id, id, name, size }
    const channels = this.#channelsOf(sender)
    return this.#inTurn(wish, async (key): Promise<Answer> => {
      const known = await this.#parts.log.uploaded(room, wish.owner, id)
      if (known !== undefined) return { type: 'upload', room, id, attachment: known.attachment }
      if (channels.open.length >= this.#parts.limits.uploads)
        throw new Refusal('limit.exceeded', `a connection sends at most ${this.#parts.limits.uploads} files at once`)
      const upload = await this.#resumed(key, wish)
      const channel = channels.add(upload)
      upload.watcher = {
        confirmed: (confirmed) => sender.notice({ type: 'upload.confirmed', channel, confirmed }),
        ended: (why) => {
          channels.remove(channel)
          sender.notice({ type: 'upload.ended', channel, problem: this.#problemOf(why) })
          if (upload.over !== undefined) this.#later(key, () => this.#close(key, upload))
        },
      }
      const { uploadWindow: window, pieceBytes } = this.#parts.limits
      return { type: 'upload', room, id, channel, confirmed: upload.confirmed, window, pieceBytes }
    })
  }

  /** A binary message. */
  received(sender: Sender, message: Uint8Array): void {
    const piece = readPiece(message)
    const { channel = 0, offset = 0, bytes = message } = piece ?? {}
    const wait = bytes.length < SMALL ? sender.spend(1) : undefined
    if (piece === undefined)
      return sender.notice({
        type: 'problem',
        problem: wait ?? problem('message.invalid', 'this is no piece of a file'),
      })
    const channels = this.#channelsOf(sender)
    const upload = channels.get(channel)
    if (upload === undefined) {
      // Its sender may not have heard yet that it has ended.
      if (channels.knew(channel)) return
      const why = problem('upload.unknown', `no upload is open on channel ${channel}`)
      return sender.notice({ type: 'upload.ended', channel, problem: wait ?? why })
    }
    if (wait !== undefined) return upload.end(new Refusal(wait.code, wait.message, wait))
    this.#parts.measures.uploading(bytes.length)
    upload.take(offset, bytes)
  }

  /** All bytes were sent. */
  attach(sender: Sender, { room, id, size, sha256 }: Attach): Promise<Answer> {
    const name: UploadName = { room, owner: sender.actor.id, id }
    return this.#inTurn(name, async (key): Promise<Answer> => {
      const known = await this.#parts.log.uploaded(room, name.owner, id)
      if (known !== undefined && (known.attachment.size !== size || known.attachment.sha256 !== sha256))
        throw new Refusal('id.conflict', `the id ${id} was used for another file`)
      const upload = this.#open.get(key)?.upload
      if (known === undefined && upload === undefined)
        throw new Refusal('upload.unknown', `no upload ${id} is open; begin it again`)
      const attachment = known?.attachment ?? (await this.#finish(key, upload as Upload, size, sha256))
      return { type: 'attach', room, id, attachment }
    })
  }

  abandon(sender: Sender, { room, id }: Abandon): Promise<Answer> {
    return this.#inTurn({ room, owner: sender.actor.id, id }, async (key): Promise<Answer> => {
      await this.#drop(key)
      return { type: 'abandon', room, id }
    })
  }

  /** Takes a file in one go; what was kept of it from before is not gone on with. Rejects with a `Refusal`. */
  deliver({ room, owner, id, name, size, sha256 }: Delivery, bytes: AsyncIterable<Uint8Array>): Promise<Attachment> {
    const wish: UploadWish = { room, owner, id, name, size }
    return this.#inTurn(wish, async (key) => {
      const known = await this.#parts.log.uploaded(room, owner, id)
      if (known !== undefined) return sameAgain(known.attachment, bytes)
      await this.#drop(key)
      const upload = await this.#resumed(key, wish)
      const half = this.#parts.limits.uploadWindow / 2
      try {
        for await (const some of bytes) {
          this.#parts.measures.uploading(some.length)
          for (const piece of within(some, half)) {
            upload.take(upload.next, piece)
            await upload.settled(half)
          }
        }
        return await this.#finish(key, upload, upload.next, sha256)
      } catch (cause) {
        await this.#drop(key)
        throw cause
      }
    })
  }

  /** The connection has ended: what it sent may be gone on with. */
  left(sender: Sender): void {
    const left = new Set(this.#channels.get(sender)?.open)
    for (const open of this.#open.values()) {
      if (!left.has(open.upload)) continue
      open.upload.watcher = undefined
      open.restsSince = this.#parts.clock.steady()
    }
  }

  /** Called every second or so. */
  sweep(): void {
    const now = this.#parts.clock.steady()
    for (const [key, { upload, restsSince = now }] of this.#open)
      if (upload.over !== undefined || now - restsSince >= REST_MS) this.#later(key, () => this.#close(key, upload))
  }

  /** Removes what nobody has gone on with for too long. */
  async expire(): Promise<void> {
    const { blobs, clock, limits } = this.#parts
    for (const { name, at } of await blobs.partials())
      if (!this.#open.has(name) && at < clock.now() - limits.idleFileMs) await blobs.discard(name)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.#close(key)))
  }

  #channelsOf(sender: Sender): Channels {
    const known = this.#channels.get(sender)
    if (known !== undefined) return known
    const channels = new Channels()
    this.#channels.set(sender, channels)
    return channels
  }

  /** The upload as it is kept, here or on the disk; taken from whoever had it. */
  async #resumed(key: string, wish: UploadWish): Promise<Upload> {
    const open = this.#open.get(key)
    if (open !== undefined && open.upload.wish.size === wish.size && open.upload.over === undefined) {
      open.upload.watcher?.ended(new Refusal('upload.moved', 'another connection of yours goes on with this upload'))
      open.restsSince = undefined
      return open.upload
    }
    await this.#close(key)
    await this.#review(key, wish)
    const { blobs, limits } = this.#parts
    const parts = {
      wish,
      window: limits.uploadWindow,
      most: limits.attachmentBytes,
      check: (head: Uint8Array) => this.#check(head),
      review: (grown: Upload) => this.#review(key, wish, grown),
    }
    let upload = await Upload.open({ ...parts, partial: await blobs.partial(key) })
    if (upload.next > (wish.size ?? upload.next)) {
      // What is there is of another file.
      await upload.close()
      await blobs.discard(key)
      upload = await Upload.open({ ...parts, partial: await blobs.partial(key) })
    }
    this.#open.set(key, { upload, restsSince: undefined })
    return upload
  }

  async #check(head: Uint8Array): Promise<string> {
    const type = await this.#parts.inspector.typeOf(head)
    if (!this.#parts.takes(type)) throw notTaken(type)
    return type
  }

  /** Whether there is room for the file, or for more of it. */
  async #review(key: string, { room, owner, size = 0 }: UploadWish, upload?: Upload): Promise<void> {
    const { log, blobs, limits } = this.#parts
    const bytes = Math.max(size, upload?.next ?? 0)
    if (bytes > limits.attachmentBytes)
      throw new Refusal('attachment.large', `a file has at most ${limits.attachmentBytes} bytes`, {
        details: { limit: limits.attachmentBytes },
      })
    const space = await blobs.space()
    const missing = bytes - (upload?.confirmed ?? 0)
    if (space !== undefined && space.free - missing < space.total * limits.diskReserve)
      throw new Refusal('storage.full', 'there is not enough space left for files', { retryAfterMs: 60_000 })
    const theirs = (await log.weigh({ owner })) + (await this.#unfinished(key, owner))
    if (theirs + bytes > limits.userAttachmentBytes) throw over('you keep', limits.userAttachmentBytes, theirs)
    const here = await log.weigh({ room })
    if (here + bytes > limits.roomAttachmentBytes) throw over('this room keeps', limits.roomAttachmentBytes, here)
  }

  /** Bytes of all other unfinished files of the owner, those that are announced included. */
  async #unfinished(key: string, owner: string): Promise<number> {
    let bytes = 0
    for (const [name, { upload }] of this.#open) if (name !== key && upload.wish.owner === owner) bytes += upload.weight
    for (const { name, size } of await this.#parts.blobs.partials())
      if (name !== key && !this.#open.has(name) && name.startsWith(prefixOf(owner))) bytes += size
    return bytes
  }

  async #finish(key: string, upload: Upload, size: number, announced: string | undefined): Promise<Attachment> {
    const { log, inspector, uuid, measures } = this.#parts
    const { wish, partial } = upload
    const { room, owner, id, name } = wish
    // Whoever asked for the end is answered, and need not be told besides.
    upload.watcher = undefined
    try {
      const { type, sha256 } = await upload.proved(size, announced)
      const findings = await inspector.inspect(type, size, () => partial.read())
      if (!this.#parts.takes(findings.mediaType)) throw notTaken(findings.mediaType)
      await this.#review(key, { ...wish, size }, upload)
      await partial.keep(sha256)
      const attachment: Attachment = { id: uuid(), name, size, sha256, ...findings }
      const kept = await log.attach({ attachment, room, owner, upload: id })
      measures.uploaded()
      return kept.attachment
    } catch (cause) {
      upload.end(cause)
      throw cause
    } finally {
      await this.#close(key)
    }
  }

  /** What its sender is told. What failed of itself is logged. */
  #problemOf(why: unknown): Problem {
    if (why instanceof Refusal) return why.problem
    this.#parts.failed('an upload failed', why)
    return problem('storage.unavailable', 'the file could not be written')
  }

  /** Lets go of what is open, of this upload where one is named. What cannot become a file is removed. */
  async #close(key: string, which?: Upload): Promise<void> {
    const upload = this.#open.get(key)?.upload
    if (upload === undefined || upload !== (which ?? upload)) return
    this.#open.delete(key)
    const { over } = upload
    await upload.close()
    if (over?.why instanceof Refusal && HOPELESS.has(over.why.problem.code)) await this.#parts.blobs.discard(key)
  }

  /** Nothing of it is kept. */
  async #drop(key: string): Promise<void> {
    await this.#close(key)
    await this.#parts.blobs.discard(key)
  }

  /** Afterwards, in its turn. */
  #later(key: string, act: () => Promise<void>): void {
    const before = this.#turns.get(key) ?? Promise.resolve()
    const turn = before.then(act).catch((cause: unknown) => this.#parts.failed('an upload could not be closed', cause))
    this.#keep(key, turn)
  }

  #inTurn<Done>(name: UploadName, act: (key: string) => Promise<Done>): Promise<Done> {
    const key = keyOf(name)
    const before = this.#turns.get(key) ?? Promise.resolve()
    const turn = before.then(() => act(key))
    this.#keep(
      key,
      turn.catch(() => undefined),
    )
    return turn
  }

  #keep(key: string, turn: Promise<unknown>): void {
    const settled = turn.finally(() => {
      if (this.#turns.get(key) === settled) this.#turns.delete(key)
    })
    this.#turns.set(key, settled)
  }
}

function notTaken(type: string): Refusal {
  return new Refusal('attachment.type', `files of type ${type} are not taken here`, { details: { type } })
}

function over(who: string, limit: number, used: number): Refusal {
  return new Refusal('quota.exceeded', `${who} ${used} bytes of files, of ${limit} that are allowed`, {
    details: { limit, used },
  })
}

/** The name of an unfinished file: the same for the same upload on every node, and no more than that. */
function keyOf({ room, owner, id }: UploadName): string {
  return `${prefixOf(owner)}${digestOf(JSON.stringify([room, id]), 32)}`
}

function prefixOf(owner: string): string {
  return `${digestOf(owner, 16)}-`
}

function digestOf(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}

/** Whoever sends a file once more is answered with what is kept, if it is the same. */
async function sameAgain(kept: Attachment, bytes: AsyncIterable<Uint8Array>): Promise<Attachment> {
  const hash = createHash('sha256')
  for await (const piece of bytes) hash.update(piece)
  if (hash.digest('hex') === kept.sha256) return kept
  throw new Refusal('id.conflict', 'this id was used for another file')
}

/** In pieces of at most so many bytes. */
function* within(bytes: Uint8Array, most: number): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += most) yield bytes.subarray(at, at + most)
}
