import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scroll } from '../src/chat/scroll.ts'
import { ada, file, guide, TestRoom } from './world.ts'

const texts = (rows: readonly { readonly text: string }[]) => rows.map((row) => row.text)

test('what is sure is written, what may change stays below', () => {
  const scroll = new Scroll()
  const room = new TestRoom()
  scroll.hear(room.says(ada, 'hello'), 'ada')
  scroll.hear(room.begins('m'), 'ada')
  expect(texts(scroll.now.written)).toEqual(['Ada', 'hello'])
  expect(texts(scroll.now.live)).toEqual(['Guide'])
  scroll.hear(room.grows('m', 0, 'one\ntw'), 'ada')
  expect(texts(scroll.now.written)).toEqual(['Ada', 'hello', 'Guide', 'one'])
  expect(texts(scroll.now.live)).toEqual(['tw'])
  scroll.hear(room.ends('m', 'one\ntwo'), 'ada')
  expect(texts(scroll.now.written)).toEqual(['Ada', 'hello', 'Guide', 'one', 'two'])
  expect(scroll.now.live).toEqual([])
})

test('what is said during an answer stays below it until it has ended', () => {
  const scroll = new Scroll()
  const room = new TestRoom()
  scroll.hear(room.begins('m'), 'ada')
  scroll.hear(room.grows('m', 0, 'one\ntw'), 'ada')
  scroll.hear(room.says(ada, 'wait'), 'ada')
  expect(texts(scroll.now.live)).toEqual(['tw', 'Ada', 'wait'])
  scroll.hear(room.ends('m', 'one\ntwo'), 'ada')
  expect(texts(scroll.now.written)).toEqual(['Guide', 'one', 'two', 'Ada', 'wait'])
})

test('names tell who looks', () => {
  const scroll = new Scroll()
  const room = new TestRoom()
  room.says(ada, 'hello')
  scroll.hear(room.says(guide, 'hi'), 'ada')
  expect(scroll.now.written.flatMap((row) => (row.kind === 'name' ? [row.who] : []))).toEqual(['me', 'agent'])
})

test('another log, or earlier messages, are written anew', () => {
  const scroll = new Scroll()
  scroll.hear(new TestRoom('lobby', 'one').says(ada, 'before'), 'ada')
  const { generation } = scroll.now
  scroll.hear(new TestRoom('lobby', 'two').says(ada, 'after'), 'ada')
  expect(scroll.now.generation).toBe(generation + 1)
  expect(texts(scroll.now.written)).toEqual(['Ada', 'after'])
})

test('a message that is replaced is not shown any more, and neither is what answered it', () => {
  const scroll = new Scroll()
  const room = new TestRoom()
  room.says(ada, 'helo')
  room.tell([guide, { type: 'run.started', run: 'r', cause: 'ada/e1', node: 'n' }])
  room.tell([guide, { type: 'message.opened', message: 'm', run: 'r' }])
  scroll.hear(room.ends('m', 'What?'), 'ada')
  expect(texts(scroll.now.written)).toEqual(['Ada', 'helo', 'Guide', 'What?'])
  const { generation } = scroll.now
  scroll.hear(room.says(ada, 'hello', 'ada/e1'), 'ada')
  expect(scroll.now.generation).toBe(generation + 1)
  expect(texts(scroll.now.written)).toEqual(['Ada', 'hello'])
})

test('a tool stays below while it asks, works and prints; how it ended is written', () => {
  const scroll = new Scroll()
  const room = new TestRoom()
  room.begins('m')
  room.calls('c', 'm')
  scroll.hear(room.asks('c'), 'ada')
  expect(scroll.now.live.map(({ kind }) => kind)).toEqual(['name', 'asks'])
  room.decides('c', true, 'fine')
  const progress = new Map([['c', { type: 'tool.progress', run: 'r', call: 'c', fraction: 0.5 } as const]])
  const grew = { type: 'tool.grew', run: 'r', call: 'c', kind: 'output', from: 0, text: 'one\ntw' } as const
  scroll.hear({ ...room.tell([guide, grew]), progress }, 'ada')
  expect(texts(scroll.now.live)).toEqual(['Guide', 'Erase the index ▓▓▓▓░░░░ 50 %', 'one', 'tw'])
  expect(scroll.now.written).toEqual([])
  scroll.hear(
    room.tell([guide, { type: 'tool.ended', run: 'r', call: 'c', outcome: 'ok', printed: 'one\ntwo' }]),
    'ada',
  )
  expect(texts(scroll.now.written)).toEqual([
    'Guide',
    'Erase the index {"all":true} done, allowed by Ada',
    'one',
    'two',
  ])
})

test('whatever happens in a room, what was written is never taken back and all is written in the end', () => {
  const step = fc.oneof(
    fc.record({ does: fc.constant('say' as const), text: fc.constantFrom('x', 'y\nz') }),
    fc.record({ does: fc.constant('begin' as const), text: fc.constant('') }),
    fc.record({ does: fc.constant('grow' as const), text: fc.constantFrom('a', '\n', 'b\nc') }),
    fc.record({ does: fc.constant('end' as const), text: fc.constant('') }),
  )
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const scroll = new Scroll()
      const room = new TestRoom()
      const open = new Map<string, string>()
      const end = (message: string) => {
        scroll.hear(room.ends(message, open.get(message) ?? ''), 'ada')
        open.delete(message)
      }
      let begun = 0
      for (const { does, text } of steps) {
        const before = scroll.now.written
        const [first] = open.keys()
        if (does === 'say') scroll.hear(room.says(ada, text), 'ada')
        else if (does === 'begin') {
          begun += 1
          open.set(`m${begun}`, '')
          scroll.hear(room.begins(`m${begun}`), 'ada')
        } else if (first !== undefined && does === 'grow') {
          const was = open.get(first) ?? ''
          open.set(first, was + text)
          scroll.hear(room.grows(first, was.length, text), 'ada')
        } else if (first !== undefined) end(first)
        expect(scroll.now.written.slice(0, before.length)).toEqual(before)
      }
      for (const message of [...open.keys()]) end(message)
      const whole = new Scroll()
      whole.hear(room.timeline, 'ada')
      expect(scroll.now.written).toEqual(whole.now.written)
      expect(scroll.now.live).toEqual([])
    }),
  )
})

test('files are numbered as they are shown, anew where all is written anew', () => {
  const scroll = new Scroll()
  const room = new TestRoom()
  room.gives(ada, file('a.txt'))
  scroll.hear(room.gives(guide, file('b.txt'), file('c.txt')), 'ada')
  expect(texts(scroll.now.written)).toEqual([
    'Ada',
    '[1] a.txt · text/plain · 5 B',
    'Guide',
    '[2] b.txt · text/plain · 5 B',
    '[3] c.txt · text/plain · 5 B',
  ])
  scroll.hear(room.redacts(ada, 'ada/e1'), 'ada')
  expect(texts(scroll.now.written)).toEqual([
    'Ada',
    'message removed',
    'Guide',
    '[1] b.txt · text/plain · 5 B',
    '[2] c.txt · text/plain · 5 B',
  ])
  expect(scroll.files.find('1')?.name).toBe('b.txt')
})

test('a message that is edited, reacted to or removed is written anew as it is then', () => {
  const scroll = new Scroll()
  const room = new TestRoom()
  scroll.hear(room.says(ada, 'helo'), 'ada')
  const { generation } = scroll.now
  scroll.hear(room.edits(ada, 'ada/e1', 'hello'), 'ada')
  scroll.hear(room.reacts(guide, 'ada/e1', '👍'), 'ada')
  expect(texts(scroll.now.written)).toEqual(['Ada', 'hello', '(edited)  👍 1'])
  scroll.hear(room.redacts(ada, 'ada/e1'), 'ada')
  expect(texts(scroll.now.written)).toEqual(['Ada', 'message removed'])
  expect(scroll.now.generation).toBe(generation + 3)
  scroll.hear(room.sets('wash'), 'ada')
  expect(texts(scroll.now.written).at(-1)).toBe('new task wash  wash  open')
  expect(scroll.now.generation).toBe(generation + 3)
})
