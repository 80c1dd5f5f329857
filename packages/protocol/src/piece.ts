// A piece of a file on the wire: a binary message with a short head before the bytes.
//
//   byte 0       1: a piece of an upload
//   bytes 1–3    0
//   bytes 4–7    channel, as the answer to `upload` named it: unsigned, big-endian
//   bytes 8–15   offset of the first byte in the file: unsigned, big-endian
//   from 16 on   the bytes

export interface Piece {
  readonly channel: number
  readonly offset: number
  readonly bytes: Uint8Array
}

export const PIECE_HEAD = 16
const UPLOAD = 1

/** The whole message. */
export function writePiece({ channel, offset, bytes }: Piece): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(PIECE_HEAD + bytes.length)
  const head = new DataView(message.buffer)
  head.setUint8(0, UPLOAD)
  head.setUint32(4, channel)
  head.setBigUint64(8, BigInt(offset))
  message.set(bytes, PIECE_HEAD)
  return message
}

/** Undefined where it is none: too short, of another kind, without a byte, or beyond what numbers can tell. `bytes` is a view. */
export function readPiece(message: Uint8Array): Piece | undefined {
  if (message.length <= PIECE_HEAD) return undefined
  const head = new DataView(message.buffer, message.byteOffset, PIECE_HEAD)
  if (head.getUint32(0) !== UPLOAD << 24) return undefined
  const offset = Number(head.getBigUint64(8))
  if (!Number.isSafeInteger(offset)) return undefined
  return { channel: head.getUint32(4), offset, bytes: message.subarray(PIECE_HEAD) }
}
