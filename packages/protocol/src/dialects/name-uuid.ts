// Names as UUIDs: the same name always gives the same one (RFC 9562, version 5, over SHA-1), in browsers and servers alike.

/** The namespace of all names made here. */
const NAMESPACE = 'f2c0a1de-51a7-5b0e-9d43-6b1f0c8e7a35'
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const
const ROUNDS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6] as const

export function nameUuid(name: string): string {
  const bytes = [...bytesOfHex(NAMESPACE.replaceAll('-', '')), ...new TextEncoder().encode(name)]
  const hash = sha1(bytes)
  const digits = [hash.slice(0, 12), '5', hash.slice(13, 16), variantOf(hash.charAt(16)), hash.slice(17, 32)].join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5')
}

function variantOf(digit: string): string {
  return ((Number.parseInt(digit, 16) & 0x3) | 0x8).toString(16)
}

function bytesOfHex(hex: string): number[] {
  return (hex.match(/../gu) ?? []).map((pair) => Number.parseInt(pair, 16))
}

/** As 40 hexadecimal digits. */
function sha1(bytes: readonly number[]): string {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n)
  let state: readonly number[] = START
  for (let at = 0; at < padded.length; at += 64) state = mixed(state, wordsOf(view, at))
  return state.map((word) => word.toString(16).padStart(8, '0')).join('')
}

/** The 80 words of a block of 64 bytes. */
function wordsOf(view: DataView, at: number): Uint32Array {
  const words = new Uint32Array(80)
  for (let index = 0; index < 16; index += 1) words[index] = view.getUint32(at + index * 4)
  const word = (index: number): number => words[index] ?? 0
  for (let index = 16; index < 80; index += 1)
    words[index] = turned(word(index - 3) ^ word(index - 8) ^ word(index - 14) ^ word(index - 16), 1)
  return words
}

function mixed(state: readonly number[], words: Uint32Array): readonly number[] {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state
  for (const [index, word] of words.entries()) {
    const round = Math.floor(index / 20)
    const choice = round === 0 ? (b & c) | (~b & d) : round === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d
    const next = (turned(a, 5) + choice + e + (ROUNDS[round] ?? 0) + word) >>> 0
    e = d
    d = c
    c = turned(b, 30)
    b = a
    a = next
  }
  return [a, b, c, d, e].map((word, index) => (word + (state[index] ?? 0)) >>> 0)
}

function turned(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0
}
