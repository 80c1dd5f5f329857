// Where the bytes of a file come from, whatever it is: read from any place that may still be needed, a block at a time.

/** A file of the platform, bytes, or a stream of them. A stream can be gone on with only from where the server has got to. */
export type UploadSource = Blob | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export interface Source {
  /** Bytes, where they are known. */
  readonly size: number | undefined
  /** Bytes from `at` on, at most `most`; none at the end. Rejects where they are not to be had any more. */
  read(at: number, most: number): Promise<Uint8Array>
  /** Nothing before `at` will be asked for. */
  release(at: number): void
  /** Nothing will be asked for any more. */
  close(): void
}

/** Read in one go, and then cut. */
const BLOCK = 1024 * 1024

export function sourceOf(from: UploadSource): Source {
  if (from instanceof Blob) return blobSource(from)
  if (from instanceof Uint8Array) return bytesSource(from)
  if (from instanceof ArrayBuffer) return bytesSource(new Uint8Array(from))
  return streamSource(iterated(from))
}

function bytesSource(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    read: async (at, most) => bytes.subarray(at, at + most),
    release: () => {},
    close: () => {},
  }
}

function blobSource(blob: Blob): Source {
  let block = { at: 0, bytes: new Uint8Array() }
  return {
    size: blob.size,
    async read(at, most) {
      const end = block.at + block.bytes.length
      if (at < block.at || at >= end) {
        const part = await blob.slice(at, at + BLOCK).arrayBuffer()
        block = { at, bytes: new Uint8Array(part) }
      }
      return block.bytes.subarray(at - block.at, at - block.at + most)
    },
    release: () => {},
    close: () => {
      block = { at: 0, bytes: new Uint8Array() }
    },
  }
}

/** Keeps what was read and not released. */
function streamSource(stream: AsyncIterator<Uint8Array>): Source {
  let kept: Uint8Array[] = []
  let from = 0
  let length = 0
  let ended = false

  async function fill(upTo: number): Promise<void> {
    while (!ended && from + length < upTo) {
      const { done = false, value } = await stream.next()
      ended = done
      if (done || value.length === 0) continue
      kept.push(value)
      length += value.length
    }
  }

  return {
    size: undefined,
    async read(at, most) {
      if (at < from) throw new Error('the stream cannot be read again from there')
      await fill(at + 1)
      let skip = at - from
      for (const bytes of kept) {
        if (skip < bytes.length) return bytes.subarray(skip, skip + most)
        skip -= bytes.length
      }
      return new Uint8Array()
    },
    release(at) {
      while (kept[0] !== undefined && from + kept[0].length <= at) {
        from += kept[0].length
        length -= kept[0].length
        kept = kept.slice(1)
      }
    },
    close() {
      kept = []
      ended = true
      stream.return?.().catch(() => undefined)
    },
  }
}

function iterated(from: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): AsyncIterator<Uint8Array> {
  // Not every browser lets a stream be iterated by itself.
  if (!('getReader' in from)) return from[Symbol.asyncIterator]()
  const reader = from.getReader()
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? { done: true, value: undefined } : { done: false, value }
    },
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}
