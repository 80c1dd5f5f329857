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

const task = { id: 't', title: 'wash', status: 'open', progress: 0, priority: 2 } as const

function never(): never {
  throw new Error('the name of the room is a good one')
}

function read(frame: unknown) {
  return readFrame(JSON.stringify(frame))
}

function pageWith(more: object): object {
  return { type: 'page', page: { ...page, ...more } }
}

function signals(...list: unknown[]): object {
  return { type: 'signals', room: lobby, signals: list }
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
    native.notice({ type: 'health', status: 'busy', metrics: { connections: 3 } }, undefined),
    native.notice({ type: 'task.assigned', room: lobby, task, by: alice }, undefined),
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
    native.reply(
      {
        ref: '1',
        command: { type: 'post', room: lobby, id: 'x', parts: [] },
        answer: {
          type: 'post',
          room: lobby,
          id: 'x',
          position,
          at: 1,
          repeated: false,
          calls: [{ agent: 'guide', run: 'r', how: 'steers' }],
        },
      },
      undefined,
    ),
    native.reply(
      {
        ref: '1',
        command: { type: 'approve', room: lobby, run: 'r', call: 'c', approved: true },
        answer: { type: 'approve', room: lobby, run: 'r', call: 'c', approved: true, position },
      },
      undefined,
    ),
    native.reply(
      {
        ref: '1',
        command: { type: 'regenerate', room: lobby, run: 'r', id: 'x' },
        answer: { type: 'regenerate', room: lobby, run: 'r2', position },
      },
      undefined,
    ),
    native.page(page, new Map()),
    native.signals(lobby, [
      { type: 'tool.progress', run: 'r', call: 'c', fraction: 0.5, step: 1, steps: 2, text: 'x' },
    ]),
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
    ['a replaced message that is none', pageOf({ ...posted, supersedes: 7 })],
    ['a part that is none', pageOf({ type: 'message.added', message: 'm', part: 0, content: {} })],
    ['input that is nothing', pageOf({ type: 'tool.ready', run: 'r', call: 'c' })],
    ['output from nowhere', pageOf({ type: 'tool.grew', run: 'r', call: 'c', kind: 'output', text: 'x' })],
    ['a decision that is none', pageOf({ type: 'approval.given', run: 'r', call: 'c', approved: 'yes' })],
    ['a question without an end', pageOf({ type: 'approval.asked', run: 'r', call: 'c' })],
    ['use without numbers', pageOf({ type: 'run.ended', run: 'r', outcome: 'completed', usage: {} })],
    [
      'calls that are none',
      { type: 'reply', ref: '1', answer: { type: 'post', room: 'lobby', id: 'x', position, calls: 1 } },
    ],
    ['signals of nowhere', { type: 'signals', signals: [] }],
    ['progress that is no number', signals({ type: 'tool.progress', run: 'r', call: 'c', fraction: 'half' })],
    ['a presence of nobody', signals({ type: 'presence', here: true })],
    ['a crowd of some', signals({ type: 'presence.count', count: 'some' })],
    ['somebody who may be writing', signals({ type: 'typing', user: alice })],
    ['a place that is none', signals({ type: 'read', user: 'alice', seq: -1 })],
    ['health without numbers', { type: 'health', status: 'ok', metrics: { lag: 'high' } }],
    ['a task for nobody knows where', { type: 'task.assigned', task, by: alice }],
    ['a task without a title', pageOf({ type: 'task.set', task: { ...task, title: 7 }, change: 'created' })],
    ['an edit that says nothing', pageOf({ type: 'message.edited', message: 'alice/x' })],
    ['a reaction that may be one', pageOf({ type: 'message.reacted', message: 'alice/x', reaction: '+1' })],
    ['mentions that are none', pageOf({ ...posted, mentions: [7] })],
    ['a standing that is none', pageWith({ reset: 'start', standing: [7] })],
    [
      'members that are none',
      { type: 'reply', ref: '1', answer: { type: 'members', room: lobby, members: [{}], count: 1 } },
    ],
    ['hits that are none', { type: 'reply', ref: '1', answer: { type: 'search', hits: [{ room: lobby }] } }],
    ['a task that is none', { type: 'reply', ref: '1', answer: { type: 'task', room: lobby, position, task: {} } }],
    ['a signal without a type', signals({ run: 'r', call: 'c' })],
    ['a tool without a name', pageOf({ type: 'tool.called', run: 'r', message: 'm', part: 0, call: 'c', input: {} })],
  ])('%s', (_, frame) => {
    expect(read(frame)).toMatchObject({ as: 'wrong', problem: { code: 'message.invalid' } })
  })
})

describe('what people and agents do is read as it was meant', () => {
  const call = { run: 'r', call: 'c' }
  test.each([
    { type: 'tool.called', ...call, message: 'm', part: 0, name: 'search' },
    { type: 'tool.grew', ...call, kind: 'input', from: 0, text: '{' },
    { type: 'tool.ready', ...call, input: null },
    { type: 'approval.asked', ...call, until: 9 },
    { type: 'approval.given', ...call, approved: false, reason: 'no', user: alice },
    { type: 'tool.started', ...call },
    { type: 'tool.cancelling', ...call },
    { type: 'tool.ended', ...call, outcome: 'denied', printed: 'half' },
    { type: 'run.resumed', run: 'r', node: 'n', since: 3 },
    { type: 'run.steered', run: 'r', cause: 'alice/x' },
    { type: 'run.ended', run: 'r', outcome: 'completed', usage: { inputTokens: 1, outputTokens: 2 } },
    { type: 'message.added', message: 'm', part: 0, content: { type: 'data', name: 'x', data: 1 } },
    { ...posted, supersedes: 'alice/y', replyTo: 'bob/z', mentions: ['bob'] },
    { type: 'message.edited', message: 'alice/x', parts: [] },
    { type: 'message.redacted', message: 'alice/x', reason: 'rude' },
    { type: 'message.reacted', message: 'alice/x', reaction: '+1', on: false },
    { type: 'task.set', task: { ...task, assignee: 'bob', metadata: { due: 9 } }, change: 'assigned' },
  ])('$type', (fact) => {
    const frame = pageOf(fact)
    expect(read(frame)).toEqual({ as: 'frame', frame })
  })
})

describe('what is true for the moment is read as it was meant', () => {
  test.each([
    { type: 'presence', user: alice, here: true, state: { mood: 'fine' } },
    { type: 'presence.count', count: 500 },
    { type: 'typing', user: alice, on: true },
    { type: 'read', user: 'alice', seq: 7 },
  ])('$type', (signal) => {
    expect(read(signals(signal))).toEqual({ as: 'frame', frame: signals(signal) })
  })
})

describe('what is answered is read as it was meant', () => {
  const room = lobby
  test.each([
    { type: 'edit', room, id: 'x', position },
    { type: 'redact', room, id: 'x', position },
    { type: 'react', room, id: 'x', position },
    { type: 'task', room, task, position },
    { type: 'tasks', room, tasks: [task] },
    { type: 'typing', room },
    { type: 'presence', room },
    { type: 'read', room, seq: 3 },
    { type: 'members', room, members: [{ user: alice, state: 'fine' }], count: 9 },
    { type: 'search', hits: [{ room, seq: 1, message: 'alice/x', by: alice, at: 0, excerpt: 'hi' }] },
    { type: 'rooms', rooms: [{ room, epoch: 'e', head: 4, at: 0, unread: 2 }] },
  ])('$type', (answer) => {
    const frame = { type: 'reply', ref: '1', answer }
    expect(read(frame)).toEqual({ as: 'frame', frame })
  })
})

describe('words of a later version', () => {
  test('a standing of a later version is passed over', () => {
    const fact = { type: 'task.set', task, change: 'created' }
    const standing = [fact, { type: 'mood.set' }].map((one) => ({ seq: 0, at: 0, by: alice, fact: one }))
    expect(read(pageWith({ reset: 'start', standing }))).toMatchObject({
      frame: { page: { standing: [{ fact: { type: 'task.set' } }] } },
    })
  })

  test('an unknown signal is passed over, and so is an unknown way to answer', () => {
    const known = { type: 'tool.progress', run: 'r', call: 'c' }
    expect(read(signals({ type: 'nodding', by: 'bob' }, known))).toEqual({ as: 'frame', frame: signals(known) })
    const calls = [{ agent: 'guide', run: 'r', how: 'dreams' }]
    expect(
      read({ type: 'reply', ref: '1', answer: { type: 'post', room: lobby, id: 'x', position, calls } }),
    ).toMatchObject({
      as: 'frame',
      frame: { answer: { calls: [] } },
    })
  })

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
