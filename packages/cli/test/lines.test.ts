import { attachedPart, type Message, type Tool } from '@parley/protocol'
import { expect, test } from 'vitest'
import { linesOf, type Pictured } from '../src/lines.ts'
import { ShownFiles } from '../src/shown-files.ts'
import { file, guide } from './world.ts'

const message = (more: Partial<Message>): Message => ({
  key: 'guide/m',
  id: 'm',
  by: guide,
  at: 0,
  seq: 1,
  parts: [],
  state: 'streaming',
  ...more,
})

const asked: Tool = {
  call: 'c',
  run: 'r',
  message: 'm',
  by: guide,
  name: 'search',
  input: { q: 'x' },
  state: 'running',
}

const search = (more: Partial<Tool>): Pictured => ({ tools: new Map([['c', { ...asked, ...more }]]) })
const nothing: Pictured = { tools: new Map() }

test('while a message is written, its last line may still change', () => {
  expect(linesOf(message({ parts: [{ type: 'text', text: 'one\ntw' }] }), nothing)).toEqual({
    settled: [{ kind: 'text', text: 'one' }],
    live: [{ kind: 'text', text: 'tw' }],
  })
})

test('what stands behind a running tool waits for it', () => {
  const parts = [
    { type: 'tool', call: 'c' },
    { type: 'text', text: 'one\n' },
  ] as const
  const running = linesOf(message({ parts }), search({}))
  expect(running.settled).toEqual([])
  expect(running.live.map((line) => line.text)).toEqual(['search {"q":"x"} …', 'one', ''])
  const ended = linesOf(message({ parts }), search({ state: 'ok', title: 'Searching' }))
  expect(ended.settled.map((line) => line.text)).toEqual(['Searching {"q":"x"} done', 'one'])
})

test('how a message ended is said, unless it simply came to its end', () => {
  const parts = [{ type: 'text', text: 'half' }] as const
  const ends = (more: Partial<Message>) => linesOf(message({ parts, ...more }), nothing).settled.at(-1)?.text
  expect(ends({ state: 'completed' })).toBe('half')
  expect(ends({ state: 'cancelled' })).toBe('cancelled')
  expect(ends({ state: 'failed', failure: { code: 'x', message: 'no\nmoney' } })).toBe('failed: no money')
  expect(ends({ state: 'completed', parts: [] })).toBe('no answer')
})

test('each file is a line: with its number where somebody can name it, else with its id', () => {
  const parts = [{ type: 'text', text: 'look' }, attachedPart(file('a.txt')), attachedPart(file('b.txt'))] as const
  const whole = message({ state: 'completed', parts })
  expect(linesOf(whole, { ...nothing, files: new ShownFiles() }).settled).toEqual([
    { kind: 'text', text: 'look' },
    { kind: 'file', text: '[1] a.txt · text/plain · 5 B' },
    { kind: 'file', text: '[2] b.txt · text/plain · 5 B' },
  ])
  expect(linesOf(whole, nothing).settled.at(-1)?.text).toBe('b.txt · text/plain · 5 B · id-of-b.txt')
})

test('why a tool failed is said', () => {
  const { settled } = linesOf(
    message({ state: 'completed', parts: [{ type: 'tool', call: 'c' }] }),
    search({ state: 'failed', failure: { code: 'x', message: 'offline' } }),
  )
  expect(settled).toEqual([{ kind: 'tool', text: 'search {"q":"x"} failed: offline' }])
})
