// All files that a client sends: a few at a time, each going on by itself whenever there is a connection.
import { type AttachedPart, attachedPart, fileNameOf, type Notice, Refusal, type RoomId } from '@parley/protocol'
import { Upload, type UploadParts, type UploadProgress } from './upload.ts'
import { digestOf } from './upload-hash.ts'
import { sourceOf, type UploadSource } from './upload-source.ts'

export interface UploadOptions {
  /** How the file is called. Default: its own name, else `file`. */
  readonly name?: string
  /**
   * The upload's own id: what was begun under it is gone on with, from any of the user's devices. Default: made of the name,
   * size and date of a `File`, so that choosing it again goes on with it; random for anything else, and for another file that
   * has the same.
   */
  readonly id?: string
  /** Hears how far it has come. */
  readonly onProgress?: (progress: UploadProgress) => void
  /** Gives it up; what the server has of it is forgotten. */
  readonly signal?: AbortSignal
}

/** More wait for their turn. */
const AT_ONCE = 3

export type UploadNews = Extract<Notice, { readonly type: 'upload.confirmed' | 'upload.ended' }>

type Sending = UploadOptions & { readonly name: string; readonly id: string }

interface Place {
  readonly room: RoomId
  ready(): boolean
}

export class Uploads {
  readonly #ground: UploadParts['ground']
  readonly #uploads = new Set<Upload>()

  constructor(ground: UploadParts['ground']) {
    this.#ground = ground
  }

  /** Resolves with a part that can be posted in the room. Rejects with a `Refusal`, the signal's reason, or why the file cannot be read. */
  async add(place: Place, from: UploadSource, options: UploadOptions = {}): Promise<AttachedPart> {
    const { name = nameOf(from), id = idOf(place.room, name, from, this.#ground) } = options
    try {
      return await this.#send(place, from, { ...options, name, id })
    } catch (cause) {
      // It looked like another file that was sent before.
      if (options.id !== undefined || !isConflict(cause)) throw cause
      return this.#send(place, from, { ...options, name, id: this.#ground.chance.uuid() })
    }
  }

  async #send(place: Place, from: UploadSource, { name, id, signal, onProgress }: Sending): Promise<AttachedPart> {
    signal?.throwIfAborted()
    const upload = new Upload({
      ...place,
      id,
      name: fileNameOf(name),
      source: sourceOf(from),
      ground: this.#ground,
      progressed: (progress) => onProgress?.(progress),
      ended: (ended) => {
        this.#uploads.delete(ended)
        this.look()
      },
    })
    const abort = (): void => {
      upload.abort(signal?.reason)
      this.#abandon(place.room, id)
    }
    signal?.addEventListener('abort', abort, { once: true })
    this.#uploads.add(upload)
    this.look()
    try {
      return attachedPart(await upload.attachment)
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Something has changed: there is a connection, a room was joined, another upload has ended. */
  look(): void {
    for (const upload of [...this.#uploads].slice(0, AT_ONCE)) upload.look()
  }

  offline(): void {
    for (const upload of this.#uploads) upload.offline()
  }

  /** False: it means nothing here. */
  hear(news: UploadNews): boolean {
    const upload = [...this.#uploads].find(({ channel }) => channel === news.channel)
    if (upload === undefined) return false
    if (news.type === 'upload.confirmed') upload.confirm(news.confirmed)
    else upload.stopped(news.problem)
    return true
  }

  /** No connection will be made by itself any more. */
  stop(cause: unknown): void {
    for (const upload of [...this.#uploads])
      upload.abort(new Error('the connection was closed before the file had arrived', { cause }))
  }

  /** It is no trouble if the server cannot be told: it forgets by itself what nobody goes on with. */
  #abandon(room: RoomId, id: string): void {
    this.#ground.ask({ type: 'abandon', room, id }, () => undefined)
  }
}

function isConflict(cause: unknown): boolean {
  return cause instanceof Refusal && cause.problem.code === 'id.conflict'
}

function nameOf(from: UploadSource): string {
  return typeof File !== 'undefined' && from instanceof File ? from.name : 'file'
}

function idOf(
  room: RoomId,
  name: string,
  from: UploadSource,
  { chance }: Pick<UploadParts['ground'], 'chance'>,
): string {
  if (typeof File === 'undefined' || !(from instanceof File) || from.lastModified === 0) return chance.uuid()
  return digestOf(JSON.stringify([room, name, from.size, from.lastModified])).slice(0, 32)
}
