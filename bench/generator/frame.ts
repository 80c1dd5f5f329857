// WebSocket frames, as a client writes and reads them.

const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10
export const opcodes = { TEXT, CLOSE, PING, PONG } as const

/** A whole masked message. The text has no characters beyond Latin-1. */
export function masked(opcode: number, text: string): Buffer {
  const { length } = text
  const start = length < 126 ? 6 : length < 65_536 ? 8 : 14
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = 0x80 | opcode
  if (length < 126) frame[1] = 0x80 | length
  else if (length < 65_536) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  const mask = (Math.random() * 0x100000000) >>> 0
  frame.writeUInt32BE(mask, start - 4)
  frame.write(text, start, 'latin1')
  for (let index = 0; index < length; index += 1) {
    const place = start + index
    frame[place] = (frame[place] ?? 0) ^ (mask >>> (24 - 8 * (index & 3)))
  }
  return frame
}

/** Calls `frame` with each whole frame in a stretch of bytes; returns where the first begins that is not whole. */
export function eachFrame(
  bytes: Buffer,
  from: number,
  to: number,
  frame: (opcode: number, from: number, to: number) => void,
): number {
  let at = from
  while (at + 2 <= to) {
    const short = (bytes[at + 1] ?? 0) & 0x7f
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
    if (start > to) break
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUIntBE(at + 4, 6)
    if (start + length > to) break
    frame((bytes[at] ?? 0) & 0x0f, start, start + length)
    at = start + length
  }
  return at
}
