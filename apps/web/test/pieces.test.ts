import type { Message, Part } from '@parley/protocol'
import { expect, test } from 'vitest'
import { gistOf, isBare } from '../src/conversation/entries.ts'
import { excerptOf } from '../src/conversation/quote.tsx'
import { canReword, reworded } from '../src/conversation/use-editing.ts'
import { arranged, imagesIn, piecesOf } from '../src/files/pieces.ts'
import { sizeWords, timeWords } from '../src/files/sizes.ts'
import { resampled } from '../src/files/waveform.tsx'
import { partOf } from './files.tsx'

const text = (words: string): Part => ({ type: 'text', text: words })
const tool: Part = { type: 'tool', call: 'c' }
const [png, jpg, pdf, wav, film] = ['a.png', 'a.jpg', 'a.pdf', 'a.wav', 'a.webm'].map((name) => partOf(name))
if (!png || !jpg || !pdf || !wav || !film) throw new Error('a part is missing')

test('images that follow each other are one piece, and pieces keep their names', () => {
  const pieces = piecesOf([text('look'), png, jpg, pdf, png, wav, film, tool])
  expect(pieces.map(({ key, type }) => `${key} ${type}`)).toEqual([
    'part 0 part',
    'part 1 images',
    'part 3 file',
    'part 4 images',
    'part 5 file',
    'part 6 file',
    'part 7 part',
  ])
  expect(pieces).toMatchObject([
    {},
    { images: [{ name: 'a.png' }, { name: 'a.jpg' }] },
    { look: 'card' },
    {},
    { look: 'sound' },
    { look: 'film' },
    {},
  ])
})

test('what is looked at is sent before what is heard, and that before what is saved', () => {
  expect(arranged([pdf, wav, jpg, film, png])).toEqual([jpg, png, film, wav, pdf])
})

test('an image that is said to be had is not among those that are looked at', () => {
  expect(imagesIn([png, { ...jpg, type: 'file' }, partOf('a.heic')])).toEqual([png.attachment])
})

test.each<[string, readonly Part[], string, readonly Part[]]>([
  ['words alone', [text('teh')], 'the', [text('the')]],
  ['words before files', [text('teh'), png], 'the', [text('the'), png]],
  ['words between files', [png, text('te'), text('h'), pdf], 'the', [png, text('the'), pdf]],
  ['files alone, which get words', [png], 'the', [text('the'), png]],
  ['words that are taken away', [text('teh'), png], '', [png]],
])('of %s the files stay when the words change', (_, parts, words, then) => {
  expect(reworded(parts, words)).toEqual(then)
})

test.each<[boolean, Partial<Message>]>([
  [true, { parts: [text('words')] }],
  [true, { parts: [png] }],
  [false, { parts: [text('words'), tool] }],
  [false, { parts: [] }],
  [false, { parts: [], redacted: true }],
])('that it can be reworded is %s of %j', (can, message) => {
  expect(canReword({ parts: [], ...message })).toBe(can)
})

test('what is made of files alone is called as they are called', () => {
  const message = { key: 'a/1', id: '1', by: { id: 'a', kind: 'user' }, at: 0, seq: 1, state: 'completed' } as const
  expect([gistOf({ parts: [png, pdf] }), excerptOf({ ...message, parts: [png, pdf] })]).toEqual([
    'a.png, a.pdf',
    'a.png, a.pdf',
  ])
  expect([gistOf({ parts: [text('one'), png, text('two')] }), gistOf({ parts: [] })]).toEqual(['one\n\ntwo', ''])
  expect([isBare({ parts: [png] }), isBare({ parts: [text('x'), png] }), isBare({ parts: [] })]).toEqual([
    true,
    false,
    false,
  ])
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_234, '1.2 kB'],
  [43_210, '43 kB'],
  [2_000_000, '2 MB'],
  [31_457_280, '31 MB'],
  [1_500_000_000, '1.5 GB'],
])('%i bytes are %s', (bytes, words) => {
  expect(sizeWords(bytes)).toBe(words)
})

test.each([
  [-1, '0:00'],
  [7_900, '0:07'],
  [754_000, '12:34'],
  [3_723_000, '1:02:03'],
])('%i ms are %s', (ms, words) => {
  expect(timeWords(ms)).toBe(words)
})

test('a waveform has as many bars as there is room for', () => {
  expect(resampled([0, 100], 3)).toEqual([0, 50, 100])
  expect(resampled([1, 9, 2, 8, 3, 7], 3)).toEqual([9, 8, 7])
  expect([resampled([], 3), resampled([5], 2), resampled([1, 2], 2)]).toEqual([[], [5, 5], [1, 2]])
})
