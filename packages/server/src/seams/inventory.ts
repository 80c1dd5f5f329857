// What is known of the files beside the log, and whether messages hold them. Their bytes lie elsewhere; see `BlobStore`.
import type { Attachment, RoomId } from '@parley/protocol'

export interface Arrival {
  readonly attachment: Attachment
  /** Where it may be posted, and whose it is. */
  readonly room: RoomId
  readonly owner: string
  /** The owner's own id for it. */
  readonly upload: string
}

export interface Kept extends Arrival {
  /** Ms since 1970. */
  readonly at: number
  /** Whether a message in the log holds it. Until one does, only its owner knows of it. */
  readonly held: boolean
}

/**
 * A part of the log, so that no message ever holds a file that is gone: an append refuses (`attachment.unknown`) facts with
 * files that are not known in their room, and a file goes in the same step as the last message that held it, however
 * that goes: redacted, or passed by the retention horizon.
 */
export interface Inventory {
  /** Keeps it. The same (room, owner, upload) is kept once for ever: resolves with the first. Rejects `room.unknown`. */
  attach(arrival: Arrival): Promise<Kept>

  attachment(id: string): Promise<Kept | undefined>

  uploaded(room: RoomId, owner: string, upload: string): Promise<Kept | undefined>

  /** Bytes of all files of an owner, or in a room; those with the same content count each. */
  weigh(whose: { readonly owner: string } | { readonly room: RoomId }): Promise<number>

  /** Forgets at most `most` files that no message holds and that were kept before `before` (ms since 1970). Resolves with their number. */
  discard(before: number, most: number): Promise<number>

  /** SHA-256 of at most `most` contents that no file has any more, and that were not said to be `dropped`. */
  loose(most: number): Promise<readonly string[]>

  /** These contents are not there any more. */
  dropped(contents: readonly string[]): Promise<void>

  /** Whether a file has this content. */
  holds(sha256: string): Promise<boolean>
}
