import type { Dial, SocketListener } from '@parley/client'
import type { Event, Page, Problem } from '@parley/protocol'
import { expect, test, vi } from 'vitest'
import { type Beginning, Follow } from '../src/follow.ts'
import { ada, room } from './world.ts'

const nobody: SocketListener = { opened: () => {}, received: () => {}, closed: () => {} }

/** One end of a socket: what was sent over it, and a way to answer. */
class Wire {
  readonly sent: { readonly ref: string; readonly at?: unknown; readonly history?: number }[] = []
  readonly listener: SocketListener

  constructor(follow: Follow, listener = nobody) {
    let heard = listener
    const dial: Dial = (_url, _protocols, inner) => {
      heard = inner
      return { send: (text) => this.sent.push(JSON.parse(String(text))), close: () => {} }
    }
    follow.over(dial)('ws://x', [], listener)
    this.listener = heard
  }

  tell(frame: object): void {
    this.listener.received(JSON.stringify(frame))
  }

  welcome(): void {
    this.tell({ type: 'welcome' })
  }

  joined(epoch: string, seq: number): void {
    this.tell({ type: 'reply', ref: this.sent.at(-1)?.ref, answer: { type: 'join', position: { epoch, seq } } })
  }

  refuse(problem: Problem): void {
    this.tell({ type: 'reply', ref: this.sent.at(-1)?.ref, problem })
  }

  page(after: number, upTo: number, more: Partial<Page> = {}): void {
    const events = Array.from({ length: upTo - after }, (_, index): Event => {
      const fact = { type: 'message.posted', parts: [] } as const
      return { seq: after + index + 1, at: 0, by: ada, fact }
    })
    this.tell({ type: 'page', page: { room: 'lobby', epoch: 'one', after, upTo, events, ...more } })
  }
}

function follower(beginning: Beginning) {
  const seqs: number[] = []
  const refused: string[] = []
  const follow = new Follow(room('lobby'), beginning, {
    page: ({ events, reset }) => seqs.push(...(reset === undefined ? [] : [0]), ...events.map(({ seq }) => seq)),
    refused: ({ code }) => refused.push(code),
  })
  return { follow, seqs, refused }
}

test('after a lost connection it goes on where it was, and nothing comes twice', () => {
  const { follow, seqs } = follower({ after: { epoch: 'one', seq: 3 } })
  const first = new Wire(follow)
  first.welcome()
  expect(first.sent.at(-1)).toMatchObject({ type: 'join', room: 'lobby', at: { epoch: 'one', seq: 3 } })
  first.joined('one', 5)
  first.page(3, 5)
  first.listener.closed(1006, '')
  first.page(5, 6)
  const second = new Wire(follow)
  second.welcome()
  expect(second.sent.at(-1)).toMatchObject({ at: { epoch: 'one', seq: 5 } })
  second.page(4, 6)
  second.joined('one', 6)
  second.page(4, 6)
  expect(seqs).toEqual([4, 5, 6])
})

test('from the start means from the first event that is kept', () => {
  const { follow, seqs } = follower({ first: true })
  const wire = new Wire(follow)
  wire.welcome()
  wire.joined('one', 7)
  expect(wire.sent.at(-1)).toMatchObject({ at: { epoch: 'one', seq: 0 } })
  wire.joined('one', 7)
  wire.page(4, 7, { reset: 'retention' })
  expect(seqs).toEqual([0, 5, 6, 7])
})

test('the last events are the server’s to choose; none of them means from now on', () => {
  const { follow } = follower({ last: 10 })
  const wire = new Wire(follow)
  wire.welcome()
  expect(wire.sent).toMatchObject([{ history: 10 }])
  const none = new Wire(follower({ last: 0 }).follow)
  none.welcome()
  none.joined('one', 7)
  expect(none.sent.at(-1)).toMatchObject({ at: { epoch: 'one', seq: 7 } })
})

test('an empty room is followed from its first event, over connections too', () => {
  const { follow, seqs } = follower({ last: 10 })
  const first = new Wire(follow)
  first.welcome()
  first.joined('one', 0)
  first.listener.closed(1006, '')
  const second = new Wire(follow)
  second.welcome()
  expect(second.sent.at(-1)).toMatchObject({ at: { epoch: 'one', seq: 0 } })
  second.joined('one', 2)
  second.page(0, 2)
  expect(seqs).toEqual([1, 2])
})

test('a page that leaves a gap is not told; the place is asked for again', () => {
  const { follow, seqs } = follower({ after: { epoch: 'one', seq: 1 } })
  const wire = new Wire(follow)
  wire.welcome()
  wire.joined('one', 5)
  wire.page(4, 5)
  expect(wire.sent).toHaveLength(2)
  wire.joined('one', 5)
  wire.page(1, 5)
  expect(seqs).toEqual([2, 3, 4, 5])
})

test('a room that may not be heard ends it; one that refuses for now is asked again', () => {
  vi.useFakeTimers()
  try {
    const { follow, refused } = follower({ last: 1 })
    const wire = new Wire(follow)
    wire.welcome()
    wire.refuse({ code: 'limit.exceeded', message: 'too many' })
    vi.runAllTimers()
    expect(wire.sent).toHaveLength(2)
    wire.refuse({ code: 'access.denied', message: 'no' })
    vi.runAllTimers()
    expect(wire.sent).toHaveLength(2)
    expect(refused).toEqual(['access.denied'])
  } finally {
    vi.useRealTimers()
  }
})

test('the client hears everything that it would have heard without', () => {
  const heard: string[] = []
  const listener: SocketListener = {
    opened: () => heard.push('opened'),
    received: (text) => heard.push(text),
    closed: (code) => heard.push(`closed ${code}`),
  }
  const wire = new Wire(follower({ last: 1 }).follow, listener)
  wire.listener.opened()
  wire.listener.received('no json')
  wire.listener.closed(4000, 'x')
  expect(heard).toEqual(['opened', 'no json', 'closed 4000'])
})
