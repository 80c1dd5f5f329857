import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstWord } from '../src/chat/words.ts'

const word = (line: string) => firstWord(line)?.text

test('a word ends at a blank, and what follows is as it was', () => {
  expect(firstWord('  photo.jpg   a  caption ')).toEqual({ text: 'photo.jpg', quoted: false, rest: 'a  caption ' })
  expect(firstWord('one\ntwo')).toEqual({ text: 'one', quoted: false, rest: 'two' })
  expect(firstWord('   ')).toBeUndefined()
})

test('quotes hold a word together, and are known', () => {
  expect(firstWord('"a b.jpg" c')).toEqual({ text: 'a b.jpg', quoted: true, rest: 'c' })
  expect(firstWord('\'a "b"\' c')).toEqual({ text: 'a "b"', quoted: true, rest: 'c' })
  expect(word('"say \\"hi\\" \\\\ \\n"')).toBe('say "hi" \\ \\n')
  expect(firstWord('""')).toEqual({ text: '', quoted: true, rest: '' })
})

test('a path is as terminals write it when a file is dropped there', () => {
  expect(word('/home/ann/my\\ photo\\ \\(1\\).jpg')).toBe('/home/ann/my photo (1).jpg')
  expect(word("'/home/ann/it'\\''s me.jpg'")).toBe("/home/ann/it's me.jpg")
})

test('what is no quoting stays as it is', () => {
  expect(word("it's.jpg now")).toBe("it's.jpg")
  expect(word('C:\\Users\\ann\\a.jpg')).toBe('C:\\Users\\ann\\a.jpg')
  expect(word('a\\')).toBe('a\\')
})

test('a quote that is not closed is no word', () => {
  for (const line of ['"a b', "'", '"a\\"']) expect(firstWord(line), line).toBeUndefined()
})

test('whatever a word is, in quotes it comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, rest) => {
      const quoted = `"${text.replaceAll(/["\\]/g, '\\$&')}"`
      expect(firstWord(`${quoted} ${rest}`)).toEqual({ text, quoted: true, rest: rest.trimStart() })
    }),
  )
})
