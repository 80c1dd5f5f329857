import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileNameOf, isFileName } from '../src/parse.ts'
import { PIECE_HEAD, readPiece, writePiece } from '../src/piece.ts'

test('[B1] a piece is its kind, channel and offset, and then its bytes', () => {
  const message = writePiece({ channel: 258, offset: 2 ** 32 + 3, bytes: new Uint8Array([7, 8]) })
  expect([...message]).toEqual([1, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8])
})

test('[B1] what was written is read, wherever it lies in memory', () => {
  const channel = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  const offset = fc.maxSafeNat()
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 })
  fc.assert(
    fc.property(channel, offset, bytes, fc.nat(9), (channel, offset, bytes, before) => {
      const message = writePiece({ channel, offset, bytes })
      const around = new Uint8Array(before + message.length + 3)
      around.set(message, before)
      const read = readPiece(around.subarray(before, before + message.length))
      expect(read).toEqual({ channel, offset, bytes: new Uint8Array(bytes) })
    }),
  )
})

test('[B1] what is no piece is none, whatever it is', () => {
  const piece = writePiece({ channel: 1, offset: 0, bytes: new Uint8Array([1]) })
  const changed = (at: number, to: number): Uint8Array => {
    const copy = piece.slice()
    copy[at] = to
    return copy
  }
  expect(readPiece(new Uint8Array())).toBeUndefined()
  expect(readPiece(piece.subarray(0, PIECE_HEAD))).toBeUndefined()
  for (const at of [0, 1, 2, 3]) expect(readPiece(changed(at, 9))).toBeUndefined()
  expect(readPiece(changed(8, 255))).toBeUndefined()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const read = readPiece(bytes)
      expect(read === undefined || bytes[0] === 1).toBe(true)
    }),
  )
})

test.each([
  ['/home/ann/photo.jpg', 'photo.jpg'],
  ['C:\\Users\\ann\\photo.jpg', 'photo.jpg'],
  ['../../x', 'x'],
  ['two\r\nlines', 'twolines'],
  ['gpj.\u202Eexe', 'gpj.exe'],
  ['..', 'file'],
  ['', 'file'],
  ['   ', 'file'],
  ['naïve 🎂.png', 'naïve 🎂.png'],
])('[B5] the nearest name to %j is %j', (path, name) => {
  expect(fileNameOf(path)).toBe(name)
})

test('[B5] the nearest name is always one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (path) => {
      expect(isFileName(fileNameOf(path))).toBe(true)
    }),
  )
})
