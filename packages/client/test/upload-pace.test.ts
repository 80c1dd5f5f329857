import { expect, test } from 'vitest'
import { firstPace, pieceOf } from '../src/upload-pace.ts'

test.each([1, 1_000, 4_096, 131_072])('[B1] no piece is larger than the %i bytes that the server allows', (most) => {
  for (const allowance of [0, 8_192, 65_536, 10_000_000])
    expect(pieceOf({ ...firstPace, allowance }, most)).toBeLessThanOrEqual(most)
})
