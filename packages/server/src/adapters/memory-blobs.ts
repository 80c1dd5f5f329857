// Files that live as long as the process: for trials, tests and simulations.
import type { BlobStore, PartialBlob, PartialInfo } from '../seams/blob-store.ts'

interface Blob {
  readonly bytes: Uint8Array
  readonly at: number
}

export interface MemoryBlobsOptions {
  /** Milliseconds since 1970. */
  now(): number
  /** Bytes of all files together, as if they were a disk. Default: no limit. */
  readonly total?: number
}

export function memoryBlobs({ now, total }: MemoryBlobsOptions): BlobStore {
  const partials = new Map<string, PartialInfo & { readonly pieces: Uint8Array[] }>()
  const writers = new Map<string, object>()
  const blobs = new Map<string, Blob>()
  const besides = new Map<string, Uint8Array>()

  function writerOf(name: string): PartialBlob {
    const writer = {}
    writers.set(name, writer)
    const pieces: Uint8Array[] = partials.get(name)?.pieces ?? []
    let size = partials.get(name)?.size ?? 0
    const mustBeMine = (): void => {
      if (writers.get(name) !== writer) throw new Error('an unfinished file was opened by another writer')
    }
    return {
      get size() {
        return size
      },
      async write(more) {
        mustBeMine()
        // What is handed over may be part of a larger message.
        for (const piece of more) {
          pieces.push(piece.slice())
          size += piece.length
        }
        partials.set(name, { name, size, at: now(), pieces })
      },
      async *read() {
        yield* [...pieces]
      },
      async keep(sha256) {
        mustBeMine()
        blobs.set(sha256, { bytes: new Uint8Array(Buffer.concat(pieces)), at: now() })
        partials.delete(name)
        writers.delete(name)
      },
      async close() {
        if (writers.get(name) === writer) writers.delete(name)
      },
    }
  }

  return {
    async partial(name) {
      if (!partials.has(name)) partials.set(name, { name, size: 0, at: now(), pieces: [] })
      return writerOf(name)
    },
    async partials() {
      return [...partials.values()].map(({ name, size, at }) => ({ name, size, at }))
    },
    async discard(name) {
      partials.delete(name)
    },
    async *read(sha256, from, to) {
      const blob = blobs.get(sha256)
      if (blob === undefined) throw new Error(`there is no content ${sha256}`)
      if (from < to) yield blob.bytes.subarray(from, to)
    },
    async *contents() {
      for (const [sha256, { at }] of [...blobs]) yield { sha256, at }
    },
    async remove(sha256, before) {
      const blob = blobs.get(sha256)
      if (blob !== undefined && blob.at > before) return false
      blobs.delete(sha256)
      for (const key of besides.keys()) if (key.startsWith(`${sha256}.`)) besides.delete(key)
      return true
    },
    async beside(sha256, name) {
      return besides.get(`${sha256}.${name}`)
    },
    async putBeside(sha256, name, bytes) {
      besides.set(`${sha256}.${name}`, bytes)
    },
    async space() {
      if (total === undefined) return undefined
      const kept = [...blobs.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
      const begun = [...partials.values()].reduce((sum, { size }) => sum + size, 0)
      return { free: Math.max(0, total - kept - begun), total }
    },
    async close() {
      writers.clear()
    },
  }
}
