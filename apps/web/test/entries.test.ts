import { type Author, emptyTimeline, type Message, type Run, roomId, type Timeline, type Tool } from '@parley/protocol'
import { expect, test } from 'vitest'
import { entriesOf, thinking } from '../src/conversation/entries.ts'
import { news } from '../src/conversation/news.ts'
import { versionsIn } from '../src/conversation/versions.ts'

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
  return entriesOf({ messages, runs: new Map(runs), superseded: new Map() }).map((entry) =>
    entry.type === 'message' ? `${entry.opens ? '+' : ''}${entry.key}` : entry.type,
  )
}

/** What stands in the conversation, and before it in brackets what it supersedes. */
function versions(messages: readonly Message[], superseded: readonly [string, string][]): string[] {
  const stale = new Map(superseded)
  const all = messages.map((one) => {
    const supersededBy = stale.get(one.key) ?? stale.get(one.run ?? '')
    return supersededBy === undefined ? one : { ...one, supersededBy }
  })
  return entriesOf({ messages: all, runs: new Map(), superseded: stale }).flatMap((entry) => {
    if (entry.type !== 'message') return []
    const earlier = entry.earlier.map(({ key }) => key)
    return earlier.length === 0 ? entry.key : `[${earlier.join(' ')}] ${entry.key}`
  })
}

function fates(messages: readonly Message[], runs: readonly [string, Run][]): string[] {
  return entriesOf({ messages, runs: new Map(runs), superseded: new Map() }).flatMap((entry) => {
    if (entry.type !== 'message') return []
    return entry.note === undefined ? entry.key : `${entry.key} ${entry.note}`
  })
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

test('a newer answer stands where the older one stood, with all that it supersedes', () => {
  const said = [
    message(1, ada),
    message(2, guide, { run: 'r1' }),
    message(3, ada),
    message(4, guide, { run: 'r2' }),
    message(5, guide, { run: 'r3' }),
  ]
  const superseded: [string, string][] = [
    ['r1', 'r2'],
    ['r2', 'r3'],
  ]
  expect(versions(said, superseded)).toEqual(['ada/1', '[guide/2 guide/4] guide/5', 'ada/3'])
})

test('a question asked anew stands where it was asked, with the old one and its answer', () => {
  const said = [
    message(1, ada),
    message(2, guide, { run: 'r1' }),
    message(3, ada),
    message(4, ada),
    message(5, guide, { run: 'r4' }),
  ]
  const superseded: [string, string][] = [
    ['ada/1', 'ada/4'],
    ['r1', 'ada/4'],
  ]
  expect(versions(said, superseded)).toEqual(['ada/3', '[ada/1 guide/2] ada/4', 'guide/5'])
  expect(versionsIn(said.slice(0, 2), said[3] ?? message(4, ada))).toBe(1)
})

test('a run without a word that was asked for anew is told no more', () => {
  const runs = new Map([run('silent', 'ada/1', 'failed'), run('again', 'ada/1', 'running')])
  const superseded = new Map([['silent', 'again']])
  const said = [message(1, ada), message(2, guide, { run: 'again' })]
  expect(entriesOf({ messages: said, runs, superseded }).map(({ type }) => type)).toEqual(['day', 'message', 'message'])
})

test('a message that waits for its turn says so, and nobody thinks about it yet', () => {
  const said = [
    message(1, ada),
    message(2, guide, { run: 'r1', state: 'streaming' }),
    message(3, ada),
    message(4, guide, { run: 'r3', state: 'streaming', parts: [] }),
  ]
  const next = run('r3', 'ada/3', 'running')
  expect(fates(said, [run('r1', 'ada/1', 'running'), next])).toEqual(['ada/1', 'guide/2', 'ada/3 waits'])
  expect(fates(said, [run('r1', 'ada/1', 'completed'), next])).toEqual(['ada/1', 'guide/2', 'ada/3', 'guide/4'])
})

test('agents do not wait for each other', () => {
  const other: Author = { id: 'other', kind: 'agent' }
  const said = [message(1, ada), message(2, other, { run: 'r2', state: 'streaming', parts: [] })]
  const [id, second] = run('r2', 'ada/1', 'running')
  expect(fates(said, [run('r1', 'ada/1', 'running'), [id, { ...second, agent: other }]])).toEqual(['ada/1', 'other/2'])
})

test('a message that was given to an agent at work says so', () => {
  const [id, going] = run('r1', 'ada/1', 'running')
  const said = [message(1, ada), message(2, guide, { run: 'r1', state: 'streaming' }), message(3, ada)]
  expect(fates(said, [[id, { ...going, steeredBy: ['ada/3'] }]])).toEqual(['ada/1', 'guide/2', 'ada/3 steers'])
})

test('a tool that asks is told once, and so is what others decided', () => {
  const asking: Tool = {
    call: 'c1',
    run: 'r1',
    message: '2',
    by: guide,
    name: 'publish',
    title: 'Publish a note',
    input: {},
    state: 'asking',
    approval: { until: NOON },
  }
  const decided: Tool = {
    ...asking,
    state: 'denied',
    approval: { until: NOON, approved: false, user: ada, reason: 'no' },
  }
  const start = timeline([message(1, ada)])
  const [before, after] = [asking, decided].map((tool) => ({ ...start, tools: new Map([[tool.call, tool]]) }))
  if (before === undefined || after === undefined) throw new Error('there are two')
  expect(news(start, before, 'bob')).toEqual(['guide asks for your approval: Publish a note'])
  expect(news(before, { ...before, tools: new Map(before.tools) }, 'bob')).toEqual([])
  expect(news(before, after, 'bob')).toEqual(['Publish a note: Denied by Ada: no'])
  expect(news(before, after, 'ada')).toEqual([])
})
