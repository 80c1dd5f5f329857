import { expect, test } from 'vitest'
import { decisionOf, HELP, understand } from '../src/chat/slash.ts'

test('a line is what is said, without what hangs over at its end', () => {
  expect(understand('  hello / there  ')).toEqual({ does: 'say', text: '  hello / there' })
  expect(understand('   ')).toEqual({ does: 'nothing' })
})

test('a slash begins a command, two say it', () => {
  expect(understand('/older')).toEqual({ does: 'older' })
  expect(understand('//older')).toEqual({ does: 'say', text: '/older' })
})

test('/join takes a room, or begins a new conversation', () => {
  expect(understand('/join lobby')).toEqual({ does: 'join', room: 'lobby' })
  expect(understand('/join')).toEqual({ does: 'join', room: undefined })
})

test('what follows /deny, /edit and /steer is taken as it is', () => {
  expect(understand('/deny not before Monday')).toEqual({ does: 'deny', reason: 'not before Monday' })
  expect(understand('/deny')).toEqual({ does: 'deny' })
  expect(understand('/edit one  line\nand another')).toEqual({ does: 'edit', text: 'one  line\nand another' })
  expect(understand('/steer shorter')).toEqual({ does: 'steer', text: 'shorter' })
})

test('a tool is allowed by its call, or without one', () => {
  expect(understand('/approve')).toEqual({ does: 'approve' })
  expect(understand('/approve c-1')).toEqual({ does: 'approve', call: 'c-1' })
})

test('/stop and /cancel stop the answer, /stop tool the tools alone', () => {
  for (const line of ['/stop', '/cancel']) expect(understand(line)).toEqual({ does: 'stop' })
  for (const line of ['/stop tool', '/stop tools']) expect(understand(line)).toEqual({ does: 'stop tools' })
})

test('every command of the help is understood', () => {
  const names = HELP.flatMap((line) => /^\/(\w+)/.exec(line)?.[1] ?? [])
  expect(names).toContain('approve')
  for (const name of names)
    expect(
      ['edit', 'steer'].includes(name) ? understand(`/${name} x`) : understand(`/${name}`),
      name,
    ).not.toMatchObject({
      does: 'complain',
    })
})

test('a plain yes or no decides, and nothing that says more', () => {
  expect(['y', ' YES ', 'n', 'No'].map(decisionOf)).toEqual([true, true, false, false])
  expect(['', 'yes please', 'nope', '/approve'].map(decisionOf)).toEqual([undefined, undefined, undefined, undefined])
})

test('what is not understood is told', () => {
  for (const line of [
    '/nope',
    '/',
    '/quit now',
    '/approve a b',
    '/stop it',
    '/edit',
    '/steer ',
    '/join a b',
    '/join bäd',
    '/constructor',
  ])
    expect(understand(line).does, line).toBe('complain')
})
