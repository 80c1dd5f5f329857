// Where the bytes of files lie: unfinished ones under names, whole ones under the SHA-256 of their content, in hex.

export interface BlobStore {
  /**
   * Goes on with the unfinished blob of this name, or begins it. Names are 1 to 128 of `A-Z a-z 0-9 . -`. Whoever opens it
   * last writes: what was opened before fails from then on.
   */
  partial(name: string): Promise<PartialBlob>

  /** All unfinished blobs. */
  partials(): Promise<readonly PartialInfo[]>

  /** Removes an unfinished blob, where there is one. */
  discard(name: string): Promise<void>

  /** The bytes from `from` up to, not including, `to`; in pieces of any size. Throws where the content is not there. */
  read(sha256: string, from: number, to: number): AsyncIterable<Uint8Array>

  /** All whole blobs, with when each was kept last, ms since 1970. */
  contents(): AsyncIterable<{ readonly sha256: string; readonly at: number }>

  /** Removes the content and what is kept beside it, unless it was kept after `before`. Resolves with whether it is gone. */
  remove(sha256: string, before: number): Promise<boolean>

  /** Something small that was made of a content, under a name. */
  beside(sha256: string, name: string): Promise<Uint8Array | undefined>
  putBeside(sha256: string, name: string, bytes: Uint8Array): Promise<void>

  /** Bytes that are free, of how many in all; undefined where that cannot be known. */
  space(): Promise<{ readonly free: number; readonly total: number } | undefined>

  close(): Promise<void>
}

export interface PartialInfo {
  readonly name: string
  readonly size: number
  /** When it was written to last, ms since 1970. */
  readonly at: number
}

export interface PartialBlob {
  /** Bytes that outlive the end of the process. */
  readonly size: number
  /** Adds these at the end. One at a time. */
  write(pieces: readonly Uint8Array[]): Promise<void>
  /** What was written so far, from the beginning. */
  read(): AsyncIterable<Uint8Array>
  /** Makes it a whole blob that outlives the loss of power; one with the same content may be there already. Nothing is written to it after this. */
  keep(sha256: string): Promise<void>
  /** Lets go of it; what was written stays. */
  close(): Promise<void>
}
