import { expect, test } from 'vitest'
import { defineAgent } from '../../src/agents/define.ts'
import { echo } from '../../src/agents/echo.ts'
import { text, thoughts, turn } from './turn.ts'

test('the echo says every character again, word by word', async () => {
  const answer = await thoughts(echo(), turn('  two  words\nand a third '))
  expect(answer).toEqual(['  ', 'two  ', 'words\n', 'and ', 'a ', 'third '])
  expect(text(answer)).toBe('  two  words\nand a third ')
})

test('the echo of nothing is nothing', async () => {
  expect(await thoughts(echo(), turn(''))).toEqual([])
})

test('an echo with a pace waits before each word for the clock that it was given', async () => {
  const waits: (() => void)[] = []
  const after = (ms: number, run: () => void) => {
    expect(ms).toBe(40)
    waits.push(run)
    return () => undefined
  }
  const words = echo({ paceMs: 40, after }).reply(turn('one two'))[Symbol.asyncIterator]()
  const first = words.next()
  expect(waits).toHaveLength(1)
  waits[0]?.()
  expect(await first).toEqual({ done: false, value: 'one ' })
  const second = words.next()
  expect(waits).toHaveLength(2)
  waits[1]?.()
  expect(await second).toEqual({ done: false, value: 'two' })
  expect((await words.next()).done).toBe(true)
})

test('an echo that is stopped says no further word, and waits for no clock', async () => {
  const stop = new AbortController()
  let waiting = 0
  const after = () => {
    waiting += 1
    return () => {
      waiting -= 1
    }
  }
  const words = echo({ paceMs: 1000, after })
    .reply(turn('one two', { signal: stop.signal }))
    [Symbol.asyncIterator]()
  const first = words.next()
  expect(waiting).toBe(1)
  stop.abort()
  expect((await first).done).toBe(true)
  expect(waiting).toBe(0)
})

test('an agent is plugged in as an async generator', async () => {
  const clerk = defineAgent({
    id: 'clerk',
    name: 'clerk',
    async *reply({ message, signal }) {
      yield `${message.by.name} asked`
      yield { type: 'reasoning', text: String(signal.aborted) }
    },
  })
  expect(await thoughts(clerk, turn('hello'))).toEqual(['Alice asked', { type: 'reasoning', text: 'false' }])
})

test('an agent that nobody could call is refused at once', () => {
  const reply = echo().reply
  expect(() => defineAgent({ id: 'my clerk', name: 'clerk', reply })).toThrow(TypeError)
  for (const history of [-1, 0.5, Number.NaN])
    expect(() => defineAgent({ id: 'clerk', name: 'clerk', reply, history })).toThrow(TypeError)
  expect(() => defineAgent({ id: 'clerk', name: 'my clerk', reply })).toThrow(/one word/)
  expect(() => defineAgent({ id: 'clerk', name: '@clerk', reply })).toThrow(/one word/)
})
