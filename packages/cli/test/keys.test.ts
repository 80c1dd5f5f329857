import fc from 'fast-check'
import type { Key } from 'ink'
import { expect, test } from 'vitest'
import { type Composer, emptyComposer } from '../src/chat/composer.ts'
import { paste, press } from '../src/chat/keys.ts'

type Stroke = string | Partial<Key> | readonly [input: string, key: Partial<Key>]

function strike(stroke: Stroke): readonly [input: string, key: Partial<Key>] {
  if (typeof stroke === 'string') return [stroke, {}]
  return 'length' in stroke ? stroke : ['', stroke]
}

/** What stands in the composer after these keys, the cursor as `|`, and what was sent. */
function typing(...strokes: readonly Stroke[]): { readonly line: string; readonly sent: readonly string[] } {
  let composer: Composer = emptyComposer
  const sent: string[] = []
  for (const stroke of strokes) {
    const pressed = press(composer, ...strike(stroke))
    composer = pressed.composer
    for (const act of pressed.acts) sent.push(act.does === 'send' ? act.text : act.does)
  }
  const { text, cursor } = composer
  return { line: `${text.slice(0, cursor)}|${text.slice(cursor)}`, sent }
}

const enter = { return: true }
const left = { leftArrow: true }
const up = { upArrow: true }
const down = { downArrow: true }
const backspace = { backspace: true }
const control = (input: string): Stroke => [input, { ctrl: true }]

test('what is typed is sent with Enter', () => {
  expect(typing('hel', 'lo', enter)).toEqual({ line: '|', sent: ['hello'] })
})

test('nothing is not sent', () => {
  expect(typing('  ', enter, enter)).toEqual({ line: '|', sent: [] })
})

test('Enter with Alt, and Ctrl-J, begin a new line', () => {
  expect(typing('a', { return: true, meta: true }, 'b', control('j'), 'c', enter).sent).toEqual(['a\nb\nc'])
})

test('characters are removed as people see them', () => {
  expect(typing('a👩‍👩‍👧é', backspace, backspace).line).toBe('a|')
  expect(typing('a👩‍👩‍👧', left, { delete: true }).line).toBe('a|')
})

test('the cursor moves by characters, words and lines', () => {
  expect(typing('one two', left, left).line).toBe('one t|wo')
  expect(typing('one two', { leftArrow: true, meta: true }).line).toBe('one |two')
  expect(typing('one two', control('a'), ['f', { meta: true }]).line).toBe('one| two')
  expect(typing('one\ntwo', { home: true }).line).toBe('one\n|two')
  expect(typing('one\ntwo', { home: true }, left, control('a'), { end: true }).line).toBe('one|\ntwo')
})

test('a word, or all before or behind the cursor, is removed at once', () => {
  expect(typing('one two ', control('w')).line).toBe('one |')
  expect(typing('one two', left, control('u')).line).toBe('|o')
  expect(typing('one two', left, control('k')).line).toBe('one tw|')
})

test('what was sent can be looked back at, and what was being typed comes back', () => {
  expect(typing('one', enter, 'two', enter, 'dra', up, up).line).toBe('one|')
  expect(typing('one', enter, 'two', enter, 'dra', up, up, up, down, down, 'ft').line).toBe('draft|')
})

test('Ctrl-C interrupts; Ctrl-D ends, but only an empty line', () => {
  expect(typing('a', control('c'), control('d')).sent).toEqual(['interrupt'])
  expect(typing(control('d')).sent).toEqual(['quit'])
})

test('keys that arrive together count one by one', () => {
  expect(typing('one\rtwo\rthr')).toEqual({ line: 'thr|', sent: ['one', 'two'] })
})

test('what is pasted keeps its lines, is not sent and commands nothing', () => {
  expect(paste(emptyComposer, 'a\r\nb\tc\u001b[2J').text).toBe('a\nb  c[2J')
})

test('whatever is pressed, the cursor stands within the text', () => {
  const stroke: fc.Arbitrary<Stroke> = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(enter, left, { rightArrow: true }, up, down, backspace, { delete: true }, { home: true }),
    fc.constantFrom(...[...'abdefhjknpuw'].map(control)),
  )
  fc.assert(
    fc.property(fc.array(stroke), (strokes) => {
      let composer = emptyComposer
      for (const one of strokes) composer = press(composer, ...strike(one)).composer
      expect(composer.cursor).toBeGreaterThanOrEqual(0)
      expect(composer.cursor).toBeLessThanOrEqual(composer.text.length)
    }),
  )
})
