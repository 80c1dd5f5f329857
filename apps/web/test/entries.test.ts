import { type Author, emptyTimeline, type Message, type Run, roomId, type Timeline } from '@parley/protocol'
import { expect, test } from 'vitest'
import { entriesOf, thinking } from '../src/conversation/entries.ts'
import { news } from '../src/conversation/news.ts'

const ada: Author = { id: 'ada', kind: 'user', name: 'Ada' }
const guide: Author = { id: 'guide', kind: 'agent', name: 'guide' }
const NOON = new Date(2030, 0, 1, 12).getTime()
const MINUTE_MS = 60_000

function message(seq: number, by: Author, more: Partial<Message> = {}): Message {
  const parts = [{ type: 'text', text: `text ${seq}` }] as const
  return { key: `${by.id}/${seq}`, id: `${seq}`, by, at: NOON, seq, parts, state: 'completed', ...more }
}

function run(id: string, cause: string, state: Run['state']): [string, Run] {
  return [id, { id, agent: guide, cause, state }]
}

function timeline(messages: readonly Message[], seq = 0): Timeline {
  const room = roomId('lobby')
  if (room === undefined) throw new Error('not a room')
  return { ...emptyTimeline(room), messages, position: { epoch: 'e', seq: seq || (messages.at(-1)?.seq ?? 0) } }
}

function lines(messages: readonly Message[], runs: readonly [string, Run][] = []): string[] {
  return entriesOf({ messages, runs: new Map(runs) }).map((entry) =>
    entry.type === 'message' ? `${entry.opens ? '+' : ''}${entry.key}` : entry.type,
  )
}

test('what one says in a row stands under one name, and each day under its own', () => {
  const said = [
    message(1, ada),
    message(2, ada, { at: NOON + MINUTE_MS }),
    message(3, guide, { at: NOON + MINUTE_MS }),
    message(4, ada, { at: NOON + 2 * MINUTE_MS }),
    message(5, ada, { at: NOON + 30 * MINUTE_MS }),
    message(6, ada, { at: NOON + 13 * 60 * MINUTE_MS }),
  ]
  expect(lines(said)).toEqual(['day', '+ada/1', 'ada/2', '+guide/3', '+ada/4', '+ada/5', 'day', '+ada/6'])
})

test('a run that failed without a word is told after the message it was to answer', () => {
  const said = [message(1, ada), message(2, ada), message(3, guide, { run: 'spoke' })]
  const runs = [run('silent', 'ada/1', 'failed'), run('spoke', 'ada/2', 'failed'), run('quiet', 'ada/2', 'completed')]
  expect(lines(said, runs)).toEqual(['day', '+ada/1', 'ended', '+ada/2', '+guide/3'])
})

test('an agent thinks until it begins to speak', () => {
  const runs = new Map([run('r1', 'ada/1', 'running'), run('r2', 'ada/1', 'cancelling')])
  expect(thinking({ messages: [message(1, ada)], runs }).map(({ id }) => id)).toEqual(['r1', 'r2'])
  const messages = [message(1, ada), message(2, guide, { run: 'r1', state: 'streaming' })]
  expect(thinking({ messages, runs }).map(({ id }) => id)).toEqual(['r2'])
})

test('a message of others is told once, when it is whole', () => {
  const start = timeline([message(1, guide)])
  const growing = timeline([message(1, guide), message(2, guide, { state: 'streaming' })], 3)
  const whole = timeline([message(1, guide), message(2, guide)], 5)
  expect(news(start, growing, 'ada')).toEqual([])
  expect(news(growing, whole, 'ada')).toEqual(['guide: text 2'])
  expect(news(whole, timeline(whole.messages, 6), 'ada')).toEqual([])
})

test('nobody is told what they said themselves, nor what was there before', () => {
  const start = timeline([message(5, guide)])
  expect(news(start, timeline([message(5, guide), message(6, ada)]), 'ada')).toEqual([])
  expect(news(start, timeline([message(1, guide), message(5, guide)]), 'ada')).toEqual([])
  expect(news({ ...start, position: undefined }, start, 'ada')).toEqual([])
})

test('how an answer ended is told with it', () => {
  const growing = timeline([message(1, guide, { state: 'streaming' })])
  expect(news(growing, timeline([message(1, guide, { state: 'timed_out' })], 2), 'ada')).toEqual([
    'guide: text 1 (timed out)',
  ])
})
