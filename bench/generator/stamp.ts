// What makes a message recognisable in the bytes that come back: `~T` and the moment it was made, as 16 hex digits.

/** `~` */
const BEGIN = 0x7e
/** `T` */
const SECOND = 0x54
const DIGITS = 16
const LENGTH = 2 + DIGITS

/** Microseconds since 1970, on the clock that all processes of a machine share. */
export function micros(): number {
  return (performance.timeOrigin + performance.now()) * 1e3
}

export function stampOf(at: number): string {
  return `~T${Math.round(at).toString(16).padStart(DIGITS, '0')}`
}

/** `bytes` characters that begin with a stamp. */
export function stamped(at: number, bytes: number): string {
  return stampOf(at).padEnd(bytes, ' and some words more')
}

/** Calls `found` with each stamp in a stretch of bytes. The byte after the stretch is read, never taken for part of a stamp. */
export function eachStamp(bytes: Buffer, from: number, to: number, found: (at: number) => void): void {
  let place = bytes.indexOf(BEGIN, from)
  while (place >= 0 && place + LENGTH <= to) {
    const at = bytes[place + 1] === SECOND ? digits(bytes, place + 2) : -1
    if (at >= 0) found(at)
    place = bytes.indexOf(BEGIN, place + (at >= 0 ? LENGTH : 1))
  }
}

/** -1 where these are no digits. */
function digits(bytes: Buffer, from: number): number {
  let value = 0
  for (let place = from; place < from + DIGITS; place += 1) {
    const byte = bytes[place] ?? 0
    const digit = byte < 0x3a ? byte - 0x30 : byte - 0x57
    if (digit < 0 || digit > 15) return -1
    value = value * 16 + digit
  }
  return value
}
