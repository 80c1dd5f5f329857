// Files chosen for the next message of a room: each is uploaded as soon as it is chosen, and lies here until it is posted or removed.
import { type AttachedPart, type Attachment, type Failure, isAttached, Refusal } from '@parley/protocol'
import { areParts } from './facts.ts'
import type { Chance, Stop } from './seams.ts'
import type { UploadOptions } from './uploads.ts'
import { type Turn, Watched } from './watched.ts'

/** A file in the tray. */
export interface Chosen {
  readonly id: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** As the platform guesses it by the name; once the file has arrived, as the server tells it by the bytes. */
  readonly mediaType: string
  /** Bytes that the server has confirmed. */
  readonly sent: number
  readonly state: 'uploading' | 'done' | 'failed'
  /** Why it has failed. */
  readonly problem?: Failure
  /** To be posted. Present once it is done. */
  readonly part?: AttachedPart
  /** What was chosen. Absent for what was restored. */
  readonly file?: Blob
}

export interface TrayParts {
  readonly turn: Turn
  readonly chance: Pick<Chance, 'uuid'>
  upload(file: Blob, options: UploadOptions): Promise<AttachedPart>
  /** Rejects with a `Refusal` where the server does not have it, or not for this user. */
  check(attachment: Attachment): Promise<unknown>
}

/** A message has at most 64 parts; some are left for its words. */
const MOST = 60

export class Tray {
  readonly #parts: TrayParts
  readonly #files: Watched<readonly Chosen[]>
  readonly #aborts = new Map<string, AbortController>()

  constructor(parts: TrayParts) {
    this.#parts = parts
    this.#files = new Watched<readonly Chosen[]>(parts.turn, [])
  }

  /** In the order in which they were chosen. The same list until something changes. */
  get files(): readonly Chosen[] {
    return this.#files.value
  }

  /** Calls `see` with each new list. */
  readonly subscribe = (see: (files: readonly Chosen[]) => void): Stop => this.#files.watch(see)

  /** Chooses files, and begins to upload them. One that lies here already is not taken twice. */
  readonly add = (files: Iterable<Blob>): void =>
    this.#parts.turn.take(() => {
      for (const file of files) this.#choose(file)
    })

  /** Tries once more to upload a file that has failed. */
  readonly retry = (id: string): void =>
    this.#parts.turn.take(() => {
      const { state, file } = this.#find(id) ?? {}
      if (state === 'failed' && file !== undefined) this.#begin(id, file)
    })

  /** Takes a file out; one that is on its way is given up. */
  readonly remove = (id: string): void =>
    this.#parts.turn.take(() => {
      this.#set(this.files.filter((one) => one.id !== id))
      this.#aborts.get(id)?.abort()
      this.#aborts.delete(id)
    })

  /** Takes out all that have arrived, to be posted. */
  readonly take = (): readonly AttachedPart[] => {
    const parts = partsIn(this.files)
    this.#set(this.files.filter(({ state }) => state !== 'done'))
    return parts
  }

  readonly clear = (): void =>
    this.#parts.turn.take(() => {
      for (const { id } of this.files) this.remove(id)
    })

  /** Puts files that have arrived before the others: those that were taken, or kept as JSON. What is none of them is ignored. */
  readonly restore = (kept: unknown): void => {
    const parts = areParts(kept) ? kept.filter(isAttached) : []
    const known = new Set(partsIn(this.files).map(({ attachment }) => attachment.id))
    const missing = parts.filter(({ attachment }) => !known.has(attachment.id))
    const restored = missing.map((part) => arrived(this.#parts.chance.uuid(), part))
    this.#set([...restored, ...this.files])
    // What is not posted for long is not kept.
    for (const { id, part } of restored)
      this.#parts.check(part.attachment).catch((cause: unknown) => cause instanceof Refusal && this.#fail(id, cause))
  }

  #choose(file: Blob): void {
    const again = this.files.find((one) => one.file !== undefined && areSame(one.file, file))
    if (again !== undefined) return this.retry(again.id)
    const { size, type: mediaType } = file
    const id = this.#parts.chance.uuid()
    this.#set([...this.files, { id, name: nameOf(file), size, mediaType, sent: 0, state: 'uploading', file }])
    this.#begin(id, file)
  }

  #begin(id: string, file: Blob): void {
    this.#change(id, ({ problem: _, ...one }) => ({ ...one, state: 'uploading', sent: 0 }))
    if (this.files.filter(({ state }) => state !== 'failed').length > MOST)
      return this.#fail(id, new Refusal('limit.exceeded', `a message has at most ${MOST} files`))
    const abort = new AbortController()
    this.#aborts.set(id, abort)
    this.#parts
      .upload(file, {
        signal: abort.signal,
        onProgress: ({ sent }) => this.#change(id, (one) => ({ ...one, sent })),
      })
      .then(
        (part) => this.#change(id, (one) => ({ ...arrived(id, part), ...(one.file === undefined ? {} : { file }) })),
        (cause: unknown) => this.#fail(id, cause),
      )
      .finally(() => this.#aborts.get(id) === abort && this.#aborts.delete(id))
  }

  #fail(id: string, cause: unknown): void {
    this.#change(id, ({ part: _, ...one }) => ({ ...one, state: 'failed', problem: failureOf(cause) }))
  }

  #find(id: string): Chosen | undefined {
    return this.files.find((one) => one.id === id)
  }

  /** What was removed meanwhile stays away. */
  #change(id: string, how: (one: Chosen) => Chosen): void {
    if (this.#find(id) !== undefined) this.#set(this.files.map((one) => (one.id === id ? how(one) : one)))
  }

  #set(files: readonly Chosen[]): void {
    if (files.length > 0 || this.files.length > 0) this.#files.set(files)
  }
}

function arrived(id: string, part: AttachedPart): Chosen & { readonly part: AttachedPart } {
  const { name, size, mediaType } = part.attachment
  return { id, name, size, mediaType, sent: size, state: 'done', part }
}

function partsIn(files: readonly Chosen[]): readonly AttachedPart[] {
  return files.flatMap(({ part }) => part ?? [])
}

function nameOf(file: Blob): string {
  return 'name' in file && typeof file.name === 'string' && file.name !== '' ? file.name : 'file'
}

/** Both would be uploaded under one id. */
function areSame(one: Blob, other: Blob): boolean {
  if (one === other) return true
  return nameOf(one) === nameOf(other) && one.size === other.size && modified(one) === modified(other)
}

/** What has no date is a file of its own. */
function modified(file: Blob): number {
  return 'lastModified' in file && typeof file.lastModified === 'number' ? file.lastModified : Number.NaN
}

function failureOf(cause: unknown): Failure {
  if (cause instanceof Refusal) return cause.problem
  return { code: 'file.unreadable', message: cause instanceof Error ? cause.message : 'the file could not be read' }
}
