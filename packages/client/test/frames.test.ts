import { native, problem, roomId } from '@parley/protocol'
import { describe, expect, test } from 'vitest'
import { readFrame } from '../src/frames.ts'
import { alice } from './server.ts'

const lobby = roomId('lobby') ?? never()
const position = { epoch: 'e', seq: 1 }
const posted = { type: 'message.posted', parts: [{ type: 'text', text: 'hi' }] } as const
const page = {
  room: lobby,
  epoch: 'e',
  after: 0,
  upTo: 1,
  events: [{ seq: 1, at: 0, by: alice, id: 'x', fact: posted }],
}

function never(): never {
  throw new Error('the name of the room is a good one')
}

function read(frame: unknown) {
  return readFrame(JSON.stringify(frame))
}

function pageWith(more: object): object {
  return { type: 'page', page: { ...page, ...more } }
}

function pageOf(fact: unknown): object {
  return pageWith({ events: [{ seq: 1, at: 0, by: alice, fact }] })
}

describe('what the native dialect says is read as it was meant', () => {
  test.each([
    native.notice(
      { type: 'welcome', actor: alice, node: 'n', now: 1, expiresAt: 9, heartbeatMs: 25_000, maxFrameBytes: 99 },
      undefined,
    ),
    native.notice({ type: 'token.expiring', expiresAt: 9 }, undefined),
    native.notice({ type: 'leaving', retryAfterMs: 9 }, undefined),
    native.notice({ type: 'removed', room: lobby, problem: problem('access.denied', 'no') }, undefined),
    native.notice(
      { type: 'problem', problem: problem('rate.exceeded', 'no', { retryAfterMs: 9 }), ref: '7' },
      undefined,
    ),
    native.reply({ ref: '1', command: { type: 'ping' }, answer: { type: 'ping', now: 1 } }, undefined),
    native.reply({ ref: '1', command: { type: 'ping' }, problem: problem('server.failed', 'no') }, undefined),
    native.reply(
      {
        ref: '1',
        command: { type: 'join', room: lobby },
        answer: { type: 'join', room: lobby, position, members: [alice] },
      },
      undefined,
    ),
    native.page(page, new Map()),
  ])('%s', (text) => {
    expect(readFrame(text)).toEqual({ as: 'frame', frame: JSON.parse(text) })
  })
})

describe('what cannot be read is one clear problem', () => {
  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['nothing', ''],
    ['no type', '{"page":{}}'],
    ['a page of nothing', '{"type":"page"}'],
  ])('%s', (_, text) => {
    expect(readFrame(text)).toMatchObject({ as: 'wrong', problem: { code: 'message.invalid' } })
  })

  test.each([
    ['a welcome without an actor', { type: 'welcome', node: 'n', now: 0, heartbeatMs: 1, maxFrameBytes: 1 }],
    ['a notice that a room is lost, without the room', { type: 'removed', problem: problem('access.denied', 'no') }],
    ['a problem without words', { type: 'problem', problem: { code: 'rate.exceeded' } }],
    ['a pause that is no number', { type: 'leaving', retryAfterMs: 'soon' }],
    ['a reply to nothing', { type: 'reply', answer: { type: 'ping', now: 1 } }],
    ['a reply without an answer', { type: 'reply', ref: '1' }],
    ['an answer that is none', { type: 'reply', ref: '1', answer: { type: 'constructor' } }],
    ['a join without a position', { type: 'reply', ref: '1', answer: { type: 'join', room: 'lobby', members: [] } }],
    ['a room that is none', pageWith({ room: '../etc' })],
    ['a page that ends before it begins', pageWith({ after: 2, upTo: 1 })],
    ['events beyond the page', pageWith({ upTo: 0 })],
    ['events from before the page', pageWith({ after: 1, upTo: 2 })],
    ['events out of order', pageWith({ upTo: 2, events: [...page.events, ...page.events] })],
    ['an event without an author', pageWith({ events: [{ seq: 1, at: 0, fact: posted }] })],
    ['a fact without a type', pageOf({})],
    ['a message without parts', pageOf({ type: 'message.posted' })],
    ['a part without its text', pageOf({ type: 'message.posted', parts: [{ type: 'text' }] })],
    ['growth from nowhere', pageOf({ type: 'message.grew', message: 'm', part: 0, kind: 'text', text: 'x' })],
    ['an end that is none', pageOf({ type: 'run.ended', run: 'r', outcome: 'gone' })],
    ['a tool without a name', pageOf({ type: 'tool.called', run: 'r', message: 'm', part: 0, call: 'c', input: {} })],
  ])('%s', (_, frame) => {
    expect(read(frame)).toMatchObject({ as: 'wrong', problem: { code: 'message.invalid' } })
  })
})

describe('words of a later version', () => {
  test('an unknown frame is no error', () => {
    expect(read({ type: 'typing', room: 'lobby' })).toEqual({ as: 'unknown' })
  })

  test('an unknown fact is passed over, and the page counts', () => {
    const later = { seq: 2, at: 0, by: alice, fact: { type: 'message.starred', stars: 5 } }
    expect(read(pageWith({ upTo: 2, events: [...page.events, later] }))).toEqual({
      as: 'frame',
      frame: { type: 'page', page: { ...page, upTo: 2 } },
    })
  })

  test('an unknown part keeps its place', () => {
    const parts = [{ type: 'hologram' }, { type: 'text', text: 'x' }]
    expect(read(pageOf({ type: 'message.posted', parts }))).toMatchObject({ as: 'frame' })
  })

  test('an unknown refusal is one that trying again does not solve', () => {
    expect(read({ type: 'reply', ref: '1', problem: { code: 'mood.bad', message: 'not today' } })).toEqual({
      as: 'frame',
      frame: {
        type: 'reply',
        ref: '1',
        problem: { code: 'message.invalid', message: 'not today', details: { code: 'mood.bad' } },
      },
    })
  })
})
