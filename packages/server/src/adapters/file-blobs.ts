// Files in a folder: unfinished ones under their names, whole ones under the SHA-256 of their content.
import { randomUUID } from 'node:crypto'
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobStore, PartialBlob, PartialInfo } from '../seams/blob-store.ts'

export interface FileBlobsOptions {
  /** Made when absent. */
  readonly folder: string
  /** `full`: what is whole outlives the loss of power. `normal`: the end of the process. Default `full`. */
  readonly durability?: 'full' | 'normal'
}

/** Large pieces are fewer buffers beside the heap: many small ones have it collected again and again. */
const READ_BYTES = 512 * 1024
/** So much is written before the disk is asked to have it: all at once in the end would keep others from the disk for long. */
const FLUSH_BYTES = 4 * 1024 * 1024
const SHA256 = /^[0-9a-f]{64}$/

export async function fileBlobs({ folder, durability = 'full' }: FileBlobsOptions): Promise<BlobStore> {
  const partials = join(folder, 'partials')
  const blobs = join(folder, 'blobs')
  const besides = join(folder, 'beside')
  for (const each of [partials, blobs, besides]) await mkdir(each, { recursive: true, mode: 0o700 })
  /** Who may write to which unfinished file. */
  const writers = new Map<string, FilePartial>()
  // Two levels, so that no folder gets very full.
  const pathOf = (sha256: string): string => join(blobs, sha256.slice(0, 2), sha256)
  const besideOf = (sha256: string, name: string): string => join(besides, sha256.slice(0, 2), `${sha256}.${name}`)

  async function keep(path: string, file: FileHandle, sha256: string): Promise<void> {
    if (durability === 'full') await file.sync()
    const place = pathOf(sha256)
    await mkdir(dirname(place), { recursive: true, mode: 0o700 })
    const now = new Date()
    // Before it has its name: whoever removes what is old must not take it for that.
    await utimes(path, now, now)
    // One that is there already has the same bytes.
    await rename(path, place)
    if (durability === 'normal') return
    for (const each of [dirname(place), blobs]) await syncFolder(each)
  }

  return {
    async partial(name) {
      const path = join(partials, name)
      const before = writers.get(name)
      before?.lose()
      await before?.close()
      const file = await open(path, 'a+', 0o600)
      const { size } = await file.stat()
      const partial = new FilePartial(file, size, {
        flushes: durability === 'full',
        keep: (sha256) => keep(path, file, sha256),
        closed: (closed) => writers.get(name) === closed && writers.delete(name),
      })
      writers.set(name, partial)
      return partial
    },
    async partials() {
      const names = await readdir(partials)
      const found = await Promise.all(names.map((name) => unfinished(partials, name)))
      return found.filter((one) => one !== undefined)
    },
    async discard(name) {
      await rm(join(partials, name), { force: true })
    },
    read: (sha256, from, to) => bytesOf(pathOf(sha256), from, to),
    async *contents() {
      for (const group of await readdir(blobs))
        for (const sha256 of await readdir(join(blobs, group))) {
          const found = SHA256.test(sha256) ? await statOf(pathOf(sha256)) : undefined
          if (found !== undefined) yield { sha256, at: found.mtimeMs }
        }
    },
    async remove(sha256, before) {
      const found = await statOf(pathOf(sha256))
      if (found !== undefined && found.mtimeMs > before) return false
      await rm(pathOf(sha256), { force: true })
      const group = join(besides, sha256.slice(0, 2))
      const names = (await ifThere(readdir(group))) ?? []
      for (const name of names) if (name.startsWith(`${sha256}.`)) await rm(join(group, name), { force: true })
      return true
    },
    beside: (sha256, name) => ifThere(readFile(besideOf(sha256, name))),
    async putBeside(sha256, name, bytes) {
      const path = besideOf(sha256, name)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const partial = `${path}.${randomUUID()}`
      await writeFile(partial, bytes, { mode: 0o600 })
      await rename(partial, path)
    },
    async space() {
      const { bavail, blocks, bsize } = await statfs(folder)
      return { free: bavail * bsize, total: blocks * bsize }
    },
    async close() {
      for (const partial of [...writers.values()]) await partial.close()
    },
  }
}

interface FilePartialParts {
  readonly flushes: boolean
  keep(sha256: string): Promise<void>
  closed(partial: FilePartial): void
}

class FilePartial implements PartialBlob {
  readonly #file: FileHandle
  readonly #parts: FilePartialParts
  #size: number
  #lost = false
  /** So many bytes were on the disk, or on their way there, when it was asked last. */
  #flushed: number
  #flushing: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(file: FileHandle, size: number, parts: FilePartialParts) {
    this.#file = file
    this.#size = size
    this.#flushed = size
    this.#parts = parts
  }

  get size(): number {
    return this.#size
  }

  /** Somebody else has opened it. */
  lose(): void {
    this.#lost = true
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    if (this.#lost) throw new Error('an unfinished file was opened by another writer')
    for (let left = pieces; left.length > 0; ) {
      const { bytesWritten } = await this.#file.writev([...left])
      this.#size += bytesWritten
      left = after(left, bytesWritten)
    }
    if (this.#parts.flushes && this.#size - this.#flushed >= FLUSH_BYTES) await this.#flush()
  }

  /** One at a time: a disk that cannot follow slows down who writes to it. */
  async #flush(): Promise<void> {
    await this.#flushing
    this.#flushed = this.#size
    this.#flushing = this.#file.datasync()
    // Who writes next, or keeps the file, is told of a failure.
    this.#flushing.catch(() => undefined)
  }

  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* piecesOf(this.#file, 0, this.#size)
  }

  async keep(sha256: string): Promise<void> {
    if (this.#lost) throw new Error('an unfinished file was opened by another writer')
    await this.#flushing
    await this.#parts.keep(sha256)
    this.#lost = true
  }

  close(): Promise<void> {
    this.#closing ??= this.#file.close().finally(() => this.#parts.closed(this))
    return this.#closing
  }
}

/** What is left to write. */
function after(pieces: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let bytes = written
  for (const [index, piece] of pieces.entries()) {
    if (bytes < piece.length) return [piece.subarray(bytes), ...pieces.slice(index + 1)]
    bytes -= piece.length
  }
  return []
}

async function* bytesOf(path: string, from: number, to: number): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path, 'r')
  try {
    yield* piecesOf(file, from, to)
  } finally {
    await file.close()
  }
}

/** Whoever gets a piece may keep it. */
async function* piecesOf(file: FileHandle, from: number, to: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = from; at < to; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, to - at))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) throw new Error(`a file ends after ${at} bytes, before the ${to} that it is to have`)
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

async function unfinished(folder: string, name: string): Promise<PartialInfo | undefined> {
  const found = await statOf(join(folder, name))
  return found === undefined ? undefined : { name, size: found.size, at: found.mtimeMs }
}

function statOf(path: string) {
  return ifThere(stat(path))
}

async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cause
  }
}

/** A name outlives the loss of power only when its folder is on the disk as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
