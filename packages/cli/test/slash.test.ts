import { expect, test } from 'vitest'
import { understand } from '../src/chat/slash.ts'

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

test('what is not understood is told', () => {
  for (const line of ['/nope', '/', '/quit now', '/join a b', '/join bäd', '/constructor'])
    expect(understand(line).does, line).toBe('complain')
})
