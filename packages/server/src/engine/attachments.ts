// Files that are whole: which of them a message may hold, who may have them, and when they go.
import {
  type Attachment,
  type Author,
  attachedPart,
  type Command,
  type Edit,
  isSession,
  type NamedPart,
  type Part,
  type Post,
  type Problem,
  Refusal,
  type RoomId,
  type SentPart,
} from '@parley/protocol'
import type { Access, Actor } from '../seams/access.ts'
import type { BlobStore } from '../seams/blob-store.ts'
import type { Clock } from '../seams/clock.ts'
import type { Inspector } from '../seams/inspect.ts'
import type { Kept } from '../seams/inventory.ts'
import type { Log } from '../seams/log.ts'
import { isOpenTo } from './grants.ts'
import type { Limits } from './limits.ts'
import { Links } from './links.ts'
import type { Measures } from './measures.ts'
import type { Room } from './room.ts'
import { type Delivery, Uploads } from './uploads.ts'

/** What an engine that takes files is given for them. */
export interface FilesOptions {
  readonly blobs: BlobStore
  readonly inspector: Inspector
  /** Types that are taken, such as `image/png`; `image/*` are all that begin so. */
  readonly types: readonly string[]
  /** Signs links. Nodes that share a log share it. */
  readonly secret: string
}

export interface AttachmentsParts extends FilesOptions {
  readonly log: Log
  readonly access: Access
  readonly clock: Clock
  readonly limits: Limits
  readonly measures: Measures
  /** This process's name. */
  readonly node: string
  uuid(): string
  /** Takes `cost` from what this user may use, or says how long to wait. */
  spend(user: string, cost: number): Problem | undefined
  failed(what: string, cause: unknown): void
}

/** A command whose files are known, as they go into the log. */
export type Whole<C extends Command = Command> = C extends Post | Edit
  ? Omit<C, 'parts'> & { readonly parts: readonly Part[] }
  : C

const COLLECT_MS = 60_000
/** Between two looks at every content that there is. */
const LOOK_THROUGH_MS = 86_400_000
/** How many are looked at in one go. */
const STEP = 200
/** A content that was kept so lately may be about to get its file. */
const FRESH_MS = 60_000
const THUMBNAIL = 'thumbnail.webp'

export class Attachments {
  readonly uploads: Uploads
  readonly links: Links
  readonly #parts: AttachmentsParts
  /** Thumbnails that are being made: one at a time, for each takes much. */
  #making: Promise<unknown> = Promise.resolve()
  #collectedAt = Number.NEGATIVE_INFINITY
  #lookedThroughAt = Number.NEGATIVE_INFINITY

  constructor(parts: AttachmentsParts) {
    const { types, clock, secret } = parts
    this.#parts = parts
    this.uploads = new Uploads({ ...parts, takes: (type) => types.some((pattern) => matches(pattern, type)) })
    this.links = new Links(secret, clock)
  }

  /** The command with all that is known of its files. Rejects with a `Refusal` where they are not the author's to post here. */
  async complete(by: Author, room: Room, command: Post | Edit): Promise<Whole<Post | Edit>> {
    const parts: Part[] = []
    for (const [index, part] of command.parts.entries()) parts.push(await this.#whole(by, room, command, index, part))
    return { ...command, parts }
  }

  async #whole(by: Author, room: Room, { id }: Post | Edit, index: number, part: SentPart): Promise<Part> {
    if (!isFile(part)) return part
    const attachment =
      'base64' in part
        ? await this.deliver({ room: room.id, owner: by.id, id: `${id}.${index}`, name: part.name }, inOne(part.base64))
        : await this.#own(by, room, id, part)
    const { type } = attachedPart(attachment)
    if (part.type !== 'file' && part.type !== type && attachment.mediaType !== '')
      throw new Refusal('message.invalid', `${attachment.name} is no ${part.type}`, { details: { field: 'parts' } })
    return { type: part.type, attachment }
  }

  async #own(by: Author, room: Room, message: string, { attachment: { id } }: NamedPart): Promise<Attachment> {
    const kept = await this.#parts.log.attachment(id)
    if (kept !== undefined && kept.owner === by.id && kept.room === room.id) return kept.attachment
    // A message that is said again, and was removed with its file meanwhile, is a repeat all the same.
    if ((await room.find(by.id, message)) === undefined) throw unknown(id)
    return { id, name: '', mediaType: '', size: 0, sha256: '' }
  }

  /** Takes a file in one go. Rejects with a `Refusal`. */
  deliver(delivery: Delivery, bytes: AsyncIterable<Uint8Array>): Promise<Attachment> {
    return this.uploads.deliver(delivery, bytes)
  }

  /** Throws (`rate.exceeded`) where somebody asks for too much. */
  spend(actor: Actor, cost: number): void {
    const wait = this.#parts.spend(actor.id, cost)
    if (wait !== undefined) throw new Refusal(wait.code, wait.message, wait)
  }

  /** Takes a file in one go from somebody who has to be asked whether they may; opens the room as joining it would. */
  async receive(
    actor: Actor,
    delivery: Omit<Delivery, 'owner'>,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<Attachment> {
    const { log, access } = this.#parts
    const { room } = delivery
    if (!(await access.permit(actor, 'write', room))) throw denied(room)
    const info = await log.open(room, isSession(room) ? actor.id : undefined)
    if (!isOpenTo(actor, { id: room, owner: info.owner })) throw denied(room)
    return this.deliver({ ...delivery, owner: actor.id }, bytes)
  }

  /** A file that this actor may have at present. Refuses all others alike (`attachment.unknown`). */
  async open(actor: Actor, id: string): Promise<Kept> {
    const { log, access } = this.#parts
    const kept = await log.attachment(id)
    if (kept === undefined || !(kept.held || kept.owner === actor.id)) throw unknown(id)
    const info = await log.info(kept.room)
    const mine = info !== undefined && isOpenTo(actor, { id: info.room, owner: info.owner })
    if (!mine || !(await access.permit(actor, 'read', kept.room))) throw unknown(id)
    return kept
  }

  /** A path under which whoever has it may have the file, as this actor may, for some minutes. */
  async link(actor: Actor, id: string): Promise<{ readonly url: string; readonly expiresAt: number }> {
    const { room } = await this.open(actor, id)
    const grants: NonNullable<Actor['grants']>[number][] = []
    // What says nothing about this room is not needed in the link.
    for (const grant of actor.grants ?? [])
      if (await this.#parts.access.permit({ ...actor, grants: [grant] }, 'read', room)) grants.push(grant)
    return this.links.make(actor.grants === undefined ? actor : { ...actor, grants }, id)
  }

  read({ attachment: { sha256 } }: Kept, from: number, to: number): AsyncIterable<Uint8Array> {
    return this.#parts.blobs.read(sha256, from, to)
  }

  /** All bytes of a file of this room, for an agent. Refuses (`attachment.unknown`) where there is none. */
  async *readIn(room: RoomId, id: string): AsyncGenerator<Uint8Array, void, undefined> {
    const kept = await this.#in(room, id)
    yield* this.read(kept, 0, kept.attachment.size)
  }

  async previewIn(room: RoomId, id: string): Promise<Uint8Array | undefined> {
    return this.thumbnail(await this.#in(room, id))
  }

  async #in(room: RoomId, id: string): Promise<Kept> {
    const kept = await this.#parts.log.attachment(id)
    if (kept === undefined || kept.room !== room) throw unknown(id)
    return kept
  }

  /** A small picture; undefined where none can be made. */
  async thumbnail({ attachment: { sha256, mediaType, size } }: Kept): Promise<Uint8Array | undefined> {
    const { blobs, inspector } = this.#parts
    const known = await blobs.beside(sha256, THUMBNAIL)
    if (known !== undefined) return known.length === 0 ? undefined : known
    const making = this.#making.then(async () => {
      const made = await inspector.thumbnail(mediaType, () => blobs.read(sha256, 0, size))
      // That there is none is remembered as well.
      await blobs.putBeside(sha256, THUMBNAIL, made ?? new Uint8Array())
      return made
    })
    this.#making = making.catch(() => undefined)
    return making
  }

  /** Called every second or so. */
  sweep(): void {
    this.uploads.sweep()
    const now = this.#parts.clock.steady()
    if (now - this.#collectedAt < COLLECT_MS) return
    this.#collectedAt = now
    this.#collect().catch((cause: unknown) => this.#parts.failed('could not look for files that are over', cause))
  }

  /** Forgets what was never posted, and removes the contents that no file has any more. One node at a time does it. */
  async #collect(): Promise<void> {
    const { log, blobs, clock, limits, node } = this.#parts
    if (!(await log.lease('files', node, COLLECT_MS * 2))) return
    await this.uploads.expire()
    while ((await log.discard(clock.now() - limits.idleFileMs, STEP)) === STEP);
    for (const sha256 of await log.loose(STEP)) await this.#removeLoose(sha256)
    if (clock.steady() - this.#lookedThroughAt < LOOK_THROUGH_MS) return
    this.#lookedThroughAt = clock.steady()
    // What was kept right before a crash may have no file.
    for await (const { sha256, at } of blobs.contents())
      if (at < clock.now() - FRESH_MS && !(await log.holds(sha256))) await blobs.remove(sha256, clock.now() - FRESH_MS)
  }

  async #removeLoose(sha256: string): Promise<void> {
    const { log, blobs, clock } = this.#parts
    const gone = !(await log.holds(sha256)) && (await blobs.remove(sha256, clock.now() - FRESH_MS))
    if (gone) await log.dropped([sha256])
  }

  async stop(): Promise<void> {
    await this.uploads.stop()
  }
}

/** Whether nothing has to be found out about the files of a command. */
export function isWhole(command: Command): command is Whole {
  return (command.type !== 'post' && command.type !== 'edit') || !command.parts.some(isFile)
}

function isFile(part: SentPart): part is Extract<SentPart, { readonly type: 'image' | 'audio' | 'file' }> {
  return part.type === 'image' || part.type === 'audio' || part.type === 'file'
}

function denied(room: RoomId): Refusal {
  return new Refusal('access.denied', `not allowed to write in ${room}`)
}

/** The same whether it never was, is gone, or is somebody else's. */
function unknown(id: string): Refusal {
  return new Refusal('attachment.unknown', `there is no file ${id} for you here`)
}

async function* inOne(base64: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(base64, 'base64')
}

/** A whole type, or how it begins: `image/*`. */
function matches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type
}
