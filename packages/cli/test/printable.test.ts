import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneLine, printable } from '../src/printable.ts'

test('nothing that others write reaches the terminal as a command', () => {
  expect(printable('a\u001b[2Jb\u001b]0;title\u0007c\rd\u202ee\u0000f\u009b1m')).toBe('abcdef')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

test('words in any script, emoji, tabs and line breaks stay', () => {
  const text = 'héllo\t世界\n👩‍👩‍👧 مرحبا'
  expect(printable(text)).toBe(text)
})

test('one line is one line', () => {
  expect(oneLine('a \n\n  b\r\nc')).toBe('a b c')
})
