import fc from 'fast-check'
import pc from 'picocolors'
import { expect, test } from 'vitest'
import { ShownFiles } from '../src/shown-files.ts'
import { Teller } from '../src/teller.ts'
import { ada, file, guide, TestRoom } from './world.ts'

function heard(): { readonly lines: string[]; readonly teller: Teller } {
  const lines: string[] = []
  return { lines, teller: new Teller((line) => lines.push(line), pc.createColors(false)) }
}

test('each line is told once, as soon as it will not change any more', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  teller.hear(room.says(ada, 'hello\nthere'))
  teller.hear(room.begins('m'))
  teller.hear(room.grows('m', 0, 'one\ntw'))
  expect(lines).toEqual(['Ada: hello', '  there', 'Guide: one'])
  teller.hear(room.grows('m', 6, 'o'))
  teller.hear(room.ends('m', 'one\ntwo'))
  teller.hear(room.timeline)
  expect(lines.slice(3)).toEqual(['  two'])
})

test('who speaks is said again when somebody spoke in between', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  teller.hear(room.begins('m'))
  teller.hear(room.grows('m', 0, 'one\n'))
  teller.hear(room.says(ada, 'wait'))
  teller.hear(room.ends('m', 'one\ntwo'))
  expect(lines).toEqual(['Guide: one', 'Ada: wait', 'Guide: two'])
})

test('a log that was replaced is told from its beginning, and said to be another', () => {
  const { lines, teller } = heard()
  teller.hear(new TestRoom('lobby', 'one').says(ada, 'before'))
  teller.hear(new TestRoom('lobby', 'two').says(ada, 'after'))
  expect(lines).toEqual(['Ada: before', '* the log of this room was replaced; it begins anew', 'Ada: after'])
})

test('earlier messages that are loaded later are not told', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  room.says(ada, 'old')
  const { messages } = room.timeline
  teller.hear({ ...room.says(ada, 'new'), messages: room.timeline.messages.slice(1) })
  teller.hear({ ...room.timeline, messages: [...messages, ...room.timeline.messages.slice(1)] })
  expect(lines).toEqual(['Ada: new'])
})

test('a tool that asks is told at once, and what became of it when it has ended', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  teller.hear(room.begins('m'))
  teller.hear(room.calls('c', 'm'))
  teller.hear(room.asks('c'))
  teller.hear(room.says(ada, 'hm'))
  expect(lines).toEqual(['* Guide asks: Erase the index {"all":true}: allow?', 'Ada: hm'])
  teller.hear(room.decides('c', false, 'not yet'))
  teller.hear(room.tell([guide, { type: 'tool.ended', run: 'r', call: 'c', outcome: 'denied' }]))
  teller.hear(
    room.tell([
      guide,
      { type: 'message.closed', message: 'm', parts: [{ type: 'tool', call: 'c' }], outcome: 'completed' },
    ]),
  )
  expect(lines.slice(2)).toEqual(['Guide: [tool] Erase the index {"all":true} denied by Ada: not yet'])
})

test('the last of what a tool printed is told with its end', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  room.begins('m')
  teller.hear(room.calls('c', 'm'))
  const printed = 'one\ntwo\nthree\nfour\n'
  teller.hear(room.tell([guide, { type: 'tool.grew', run: 'r', call: 'c', kind: 'output', from: 0, text: printed }]))
  expect(lines).toEqual([])
  teller.hear(room.tell([guide, { type: 'tool.ended', run: 'r', call: 'c', outcome: 'ok', printed }]))
  expect(lines).toEqual([
    'Guide: [tool] Erase the index {"all":true} done',
    '  | … 1 more line before',
    '  | two',
    '  | three',
    '  | four',
  ])
})

test('what is replaced is said to be so; what was replaced before is not told', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  teller.hear(room.says(ada, 'helo'))
  teller.hear(room.says(ada, 'hello', 'ada/e1'))
  expect(lines).toEqual(['Ada: helo', '* what Ada said before is replaced', 'Ada: hello'])
  const later = heard()
  later.teller.hear(room.timeline)
  expect(later.lines).toEqual(['Ada: hello'])
})

test('an answer that is replaced while it is written is told no further', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  teller.hear(room.tell([guide, { type: 'run.started', run: 'r', cause: 'ada/x', node: 'n' }]))
  teller.hear(room.tell([guide, { type: 'message.opened', message: 'm', run: 'r' }]))
  teller.hear(room.grows('m', 0, 'one\ntw'))
  teller.hear(room.tell([guide, { type: 'run.started', run: 'r2', cause: 'ada/x', node: 'n', supersedes: 'r' }]))
  teller.hear(room.ends('m', 'one\ntwo'))
  expect(lines).toEqual(['Guide: one', '* what Guide said before is replaced'])
})

test('second thoughts about what was told are told', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  teller.hear(room.says(ada, 'helo'))
  teller.hear(room.edits(ada, 'ada/e1', 'hello'))
  teller.hear(room.reacts(guide, 'ada/e1', '👍'))
  teller.hear(room.reacts(guide, 'ada/e1', '👍', false))
  teller.hear(room.redacts(ada, 'ada/e1'))
  teller.hear(room.timeline)
  expect(lines).toEqual([
    'Ada: helo',
    '* Ada edited “helo”: hello',
    '* guide 👍 “hello”',
    '* what Ada said before is removed',
  ])
})

test('a message that is told late is told as it is then', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  room.says(ada, 'helo')
  room.edits(ada, 'ada/e1', 'hello')
  room.reacts(guide, 'ada/e1', '👍')
  room.says(ada, 'hm')
  room.redacts(ada, 'ada/e4')
  const parts = [{ type: 'text', text: 'yes' }] as const
  teller.hear(room.tell([guide, { type: 'message.posted', parts, replyTo: 'ada/e1' }]))
  expect(lines).toEqual(['Ada: hello', '  (edited)  👍 1', 'Ada: [message removed]', 'Guide: ↪ Ada: “hello”', '  yes'])
})

test('files are told with what they are called by, and what is removed shows none', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  room.gives(ada, file('gone.txt'))
  room.redacts(ada, 'ada/e1')
  teller.hear(room.gives(ada, file('a.txt'), file('b.txt')))
  const parts = [{ type: 'text', text: 'nice' }] as const
  teller.hear(room.tell([guide, { type: 'message.posted', parts, replyTo: 'ada/e3' }]))
  teller.hear(room.redacts(ada, 'ada/e3'))
  expect(lines).toEqual([
    'Ada: [message removed]',
    'Ada: a.txt · text/plain · 5 B · id-of-a.txt',
    '  b.txt · text/plain · 5 B · id-of-b.txt',
    'Guide: ↪ Ada: “a.txt, b.txt”',
    '  nice',
    '* what Ada said before is removed',
  ])
})

test('the number that a file was told with stays its own', () => {
  const lines: string[] = []
  const files = new ShownFiles()
  const teller = new Teller((line) => lines.push(line), pc.createColors(false), files)
  const room = new TestRoom()
  teller.hear(room.gives(ada, file('a.txt')))
  teller.hear(room.redacts(ada, 'ada/e1'))
  teller.hear(room.gives(ada, file('b.txt')))
  expect(lines.at(-1)).toBe('Ada: [2] b.txt · text/plain · 5 B')
  expect(files.find('2')?.name).toBe('b.txt')
})

test('what becomes of tasks is told, but not what they were before', () => {
  const { lines, teller } = heard()
  const room = new TestRoom()
  room.sets('wash')
  teller.hear(room.says(ada, 'hello'))
  teller.hear(room.sets('cook'))
  teller.hear(room.sets('wash', { progress: 40, status: 'in_progress', assignee: 'ada' }))
  teller.hear(room.says(ada, 'so'))
  expect(lines).toEqual([
    'Ada: hello',
    '* new task cook  cook  open',
    '* task wash wash: in_progress, 40 %, for Ada',
    'Ada: so',
  ])
})

test('however an answer is cut into pieces, its lines are told whole, in order and once', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'bc', '\n', 'd\ne', '\u001b[1m', '👩‍👧'), { minLength: 1 }), (pieces) => {
      const { lines, teller } = heard()
      const room = new TestRoom()
      const text = pieces.join('')
      teller.hear(room.begins('m'))
      let from = 0
      for (const piece of pieces) {
        teller.hear(room.grows('m', from, piece))
        from += piece.length
      }
      teller.hear(room.ends('m', text))
      const told = heard()
      told.teller.hear(room.timeline)
      expect(lines).toEqual(told.lines)
      expect(lines.length).toBe(text.split('\n').length)
    }),
  )
})
