import { expect, test } from 'vitest'
import type { Asked, Command, Misread } from '../../src/command.ts'
import type { Heard } from '../../src/dialects/dialect.ts'
import { envelope } from '../../src/dialects/envelope.ts'
import type { EnvelopeMemory } from '../../src/dialects/envelope-commands.ts'
import type { Page } from '../../src/page.ts'
import { type ProblemCode, problem, problems } from '../../src/problem.ts'
import { alice, bob, closed, event, guide, lobby, page, room, streamed, text } from '../facts.ts'
import { greeting, NOW, parsed } from './greeting.ts'

const hello = event(1, alice, { type: 'message.posted', parts: [text('hello')] }, 'm1')

function memoryOf(actor: string): EnvelopeMemory {
  const memory = envelope.begin(greeting())
  const { id, kind } = { id: actor, kind: 'user' } as const
  const welcome = { type: 'welcome', node: 'n1', now: 0, heartbeatMs: 1, maxFrameBytes: 1 } as const
  expect(envelope.notice({ ...welcome, actor: { id, kind } }, memory)).toEqual([])
  return memory
}

function read(frame: object, memory = memoryOf('alice')): Asked | Misread {
  const [first, ...more] = envelope.decode(JSON.stringify(frame), memory)
  if (first === undefined || more.length > 0) throw new Error('an envelope is one thing')
  return first
}

/** The command of an envelope, and the mark that its answer carries. */
function understood(frame: object): Asked {
  const asked = read(frame)
  if ('problem' in asked) throw new Error(`${asked.problem.message}: ${JSON.stringify(frame)}`)
  return asked
}

/** Why an envelope is refused, and for which field. */
function wrong(frame: object): [ProblemCode, unknown] {
  const misread = read(frame)
  if (!('problem' in misread)) throw new Error(`it was understood: ${JSON.stringify(misread)}`)
  return [misread.problem.code, misread.problem.details?.field]
}

function say(type: string, payload: object, more: object = {}): object {
  return { type, payload, timestamp: 1_700_000_000_000, messageId: 'm1', ...more }
}

function told(one: Page, actor = 'bob', heard: Heard = new Map()): unknown[] {
  return parsed(envelope.page(one, heard, { memory: memoryOf(actor), actor }))
}

function payloads(texts: unknown[]): unknown[] {
  return texts.map((one) => (one as { payload: unknown }).payload)
}

test('[E2] what a client sends is understood to the letter', () => {
  const commands: [object, Command][] = [
    [say('joinRoom', { roomId: 'lobby' }), { type: 'join', room: lobby, history: 0 }],
    [
      say('joinRoom', { roomId: 'lobby', history: 9, position: { epoch: 'e1', seq: 4 } }),
      { type: 'join', room: lobby, history: 9, at: { epoch: 'e1', seq: 4 } },
    ],
    [say('leaveRoom', { roomId: 'lobby' }), { type: 'leave', room: lobby }],
    [
      say('message', { roomId: 'lobby', content: 'hello' }),
      { type: 'post', room: lobby, id: 'm1', parts: [text('hello')] },
    ],
    [say('cancel', { roomId: 'lobby', runId: 'r1' }), { type: 'cancel', room: lobby, run: 'r1' }],
    [say('history', { roomId: 'lobby', before: 7 }), { type: 'older', room: lobby, before: 7, limit: 100 }],
    [say('history', { roomId: 'lobby', before: 7, limit: 9 }), { type: 'older', room: lobby, before: 7, limit: 9 }],
    [say('authenticate', { token: 'abc' }), { type: 'authenticate', token: 'abc' }],
    [say('ping', {}), { type: 'ping' }],
    [{ type: 'ping' }, { type: 'ping' }],
  ]
  for (const [frame, command] of commands) expect(understood(frame).command).toEqual(command)
})

test('[E2] the sender’s messageId is the message’s id; without one there is a fresh one', () => {
  expect(understood(say('message', { roomId: 'lobby', content: 'hello' }))).toMatchObject({
    ref: 'm1',
    command: { id: 'm1' },
  })
  const { ref, command } = understood({ type: 'message', payload: { roomId: 'lobby', content: 'hello' } })
  expect([ref, command]).toEqual(['u1', expect.objectContaining({ id: 'u1' })])
})

test('[E6] timestamp must be a number and priority 0 to 4, where given', () => {
  const payload = { roomId: 'lobby', content: 'hello' }
  for (const timestamp of ['now', null, {}, '1700000000000'])
    expect(wrong(say('message', payload, { timestamp }))).toEqual(['message.invalid', 'timestamp'])
  for (const priority of [-1, 5, 1.5, '2', null])
    expect(wrong(say('message', payload, { priority }))).toEqual(['message.invalid', 'priority'])
  for (const priority of [0, 1, 2, 3, 4])
    expect(understood(say('message', payload, { priority })).command).toMatchObject({ priority })
  expect(understood(say('message', payload)).command).not.toHaveProperty('priority')
})

test('[E6] priority is carried to the members, and is 2 when none was given', () => {
  const urgent = event(2, alice, { type: 'message.posted', parts: [text('now')], priority: 0 }, 'm2')
  expect(told(page([hello, urgent]))).toMatchObject([{ priority: 2 }, { priority: 0 }])
})

test('[E5] only the server speaks as the system; of the kinds of messages text is known', () => {
  const metadata = (type: unknown) => say('message', { roomId: 'lobby', content: 'hello', metadata: { type } })
  expect(wrong(metadata('system'))).toEqual(['access.denied', undefined])
  for (const type of ['file', 'System', 1, null, {}])
    expect(wrong(metadata(type))).toEqual([
      'message.invalid',
      type === 'file' ? 'payload.metadata' : 'payload.metadata.type',
    ])
  expect(understood(metadata('text')).command).toMatchObject({ meta: { type: 'text' } })
})

test('[F3] a field that is wrong is named', () => {
  const post = { roomId: 'lobby', content: 'hello' }
  const wrongs: [object, string][] = [
    [say('message', { ...post, roomId: 'a b' }), 'payload.roomId'],
    [say('joinRoom', {}), 'payload.roomId'],
    [say('leaveRoom', { roomId: 7 }), 'payload.roomId'],
    [say('joinRoom', { roomId: 'lobby', history: -1 }), 'payload.history'],
    [say('joinRoom', { roomId: 'lobby', history: 'all' }), 'payload.history'],
    [say('joinRoom', { roomId: 'lobby', position: 4 }), 'payload.position'],
    [say('joinRoom', { roomId: 'lobby', position: { epoch: 'e1', seq: -4 } }), 'payload.position'],
    [say('message', { ...post, content: '' }), 'payload.content'],
    [say('message', { ...post, content: [text('hello')] }), 'payload.content'],
    [say('message', { ...post, metadata: [] }), 'payload.metadata'],
    [say('message', { ...post, metadata: JSON.parse('{"__proto__":{}}') }), 'payload.metadata'],
    [say('cancel', { roomId: 'lobby' }), 'payload.runId'],
    [say('history', { roomId: 'lobby' }), 'payload.before'],
    [say('history', { roomId: 'lobby', before: 7, limit: 0 }), 'payload.limit'],
    [say('authenticate', {}), 'payload.token'],
    [say('message', post, { messageId: 'a b' }), 'messageId'],
    [say('message', post, { messageId: 7 }), 'messageId'],
    [{ type: 'message', payload: [] }, 'payload'],
    [{ type: 'message', payload: 'hello' }, 'payload'],
    [{ payload: {} }, 'type'],
    [say('constructor', {}), 'type'],
    [say('__proto__', {}), 'type'],
    [say('messageReceived', {}), 'type'],
  ]
  for (const [frame, field] of wrongs) expect(wrong(frame)).toEqual(['message.invalid', field])
  for (const frame of [null, 1, 'joinRoom', []])
    expect(read(frame as unknown as object)).toMatchObject({ problem: { code: 'message.invalid' } })
})

test('[E3] an error carries the number of its problem as a text, and the id of what it answers', () => {
  const memory = memoryOf('alice')
  for (const code of Object.keys(problems) as ProblemCode[]) {
    const why = problem(code, 'because', { details: { field: 'x' }, retryAfterMs: 9 })
    const { number, retry, advice } = problems[code]
    const details = { problem: code, retry, advice, field: 'x', retryAfterMs: 9, messageId: 'm1' }
    const [error] = parsed(envelope.reply({ ref: 'm1', command: { type: 'ping' }, problem: why }, memory))
    expect(error).toMatchObject({
      type: 'error',
      timestamp: NOW,
      payload: { code: `${number}`, message: 'because', details },
    })
  }
  const [unasked] = parsed(envelope.notice({ type: 'problem', problem: problem('message.invalid', 'no JSON') }, memory))
  expect(unasked).toMatchObject({ type: 'error', payload: { code: '4002' } })
  expect(unasked).not.toHaveProperty('payload.details.messageId')
})

test('every message from the server is an envelope with type, payload, timestamp, messageId and priority', () => {
  const whole = page([hello, ...streamed(2, 'one '), closed(5, 'one ')], { reset: 'retention' })
  const members = [alice, guide]
  const answer = { type: 'join', room: lobby, position: { epoch: 'e1', seq: 1 }, members } as const
  const reply = parsed(envelope.reply({ ref: 'm1', command: { type: 'ping' }, answer }, memoryOf('bob')))
  for (const one of [...told(whole), ...reply])
    expect(one).toEqual({
      type: expect.any(String),
      payload: expect.any(Object),
      timestamp: expect.any(Number),
      messageId: expect.stringMatching(/./),
      priority: expect.any(Number),
    })
})

test('answers are told in the words of the table', () => {
  const memory = memoryOf('alice')
  const position = { epoch: 'e1', seq: 3 }
  const said = (answer: Parameters<typeof envelope.reply>[0] & { readonly answer?: unknown }) => {
    const [one] = parsed(envelope.reply(answer, memory)) as { type: string; payload: unknown }[]
    return [one?.type, one?.payload]
  }
  const asked = { ref: 'm1', command: { type: 'ping' } } as const
  expect(said({ ...asked, answer: { type: 'join', room: lobby, position, members: [alice, bob, guide] } })).toEqual([
    'roomJoined',
    {
      roomId: 'lobby',
      position,
      members: [
        { userId: 'alice', kind: 'user', name: 'Alice' },
        { userId: 'bob', kind: 'user' },
        { userId: 'guide', kind: 'agent', name: 'guide' },
      ],
    },
  ])
  expect(said({ ...asked, answer: { type: 'leave', room: lobby } })).toEqual(['roomLeft', { roomId: 'lobby' }])
  expect(
    said({ ...asked, answer: { type: 'post', room: lobby, id: 'm1', position, at: 1_003, repeated: false } }),
  ).toEqual(['messageReceived', { messageId: 'm1', roomId: 'lobby', senderId: 'alice', timestamp: 1_003 }])
  expect(said({ ...asked, answer: { type: 'cancel', room: lobby, run: 'r1', position } })).toEqual([
    'runCancelling',
    { roomId: 'lobby', runId: 'r1' },
  ])
  expect(said({ ...asked, answer: { type: 'authenticate', actor: alice, expiresAt: 9 } })).toEqual([
    'authenticated',
    { userId: 'alice', expiresAt: 9 },
  ])
  expect(said({ ...asked, answer: { type: 'ping', now: 7 } })).toEqual(['pong', { now: 7 }])
})

test('[P5] history is told as whole messages, with where it begins and whether there is more', () => {
  const older = page([hello, ...streamed(2, 'one '), closed(5, 'one two')], { after: 0, upTo: 6, earlier: true })
  const answer = { type: 'older', page: older } as const
  const [history] = parsed(envelope.reply({ ref: 'm1', command: { type: 'ping' }, answer }, memoryOf('bob')))
  expect(history).toMatchObject({ type: 'history', payload: { roomId: 'lobby', before: 1, earlier: true } })
  expect(history).toMatchObject({
    payload: { messages: [{ messageId: 'm1', content: 'hello' }, { content: 'one two' }] },
  })
})

test('notices are told in the words of the table', () => {
  const memory = memoryOf('alice')
  const why = problem('access.denied', 'not any more')
  expect(parsed(envelope.notice({ type: 'token.expiring', expiresAt: 9 }, memory))).toMatchObject([
    { type: 'tokenExpiring', payload: { expiresAt: 9 } },
  ])
  expect(parsed(envelope.notice({ type: 'leaving', retryAfterMs: 9 }, memory))).toMatchObject([
    { type: 'serverLeaving', payload: { retryAfterMs: 9 } },
  ])
  expect(parsed(envelope.notice({ type: 'removed', room: lobby, problem: why }, memory))).toMatchObject([
    { type: 'roomLeft', payload: { roomId: 'lobby', reason: 'not any more' } },
  ])
})

test('[E1] a message reaches members with who sent it, when, and where it stands', () => {
  const meta = { type: 'text', lang: 'de' }
  const rich = event(2, bob, { type: 'message.posted', parts: [text('hallo')], meta }, 'm2')
  const position = (seq: number) => ({ epoch: 'e1', seq })
  expect(payloads(told(page([hello, rich]), 'carol'))).toEqual([
    {
      messageId: 'm1',
      roomId: 'lobby',
      senderId: 'alice',
      senderName: 'Alice',
      content: 'hello',
      metadata: { type: 'text' },
      timestamp: 1_001,
      position: position(1),
    },
    {
      messageId: 'm2',
      roomId: 'lobby',
      senderId: 'bob',
      content: 'hallo',
      metadata: meta,
      timestamp: 1_002,
      position: position(2),
    },
  ])
})

test('[E1, V3] the connection that sent a message does not hear it again, the sender’s other connections do', () => {
  const memory = memoryOf('alice')
  const to = { memory, actor: 'alice' }
  const other = room('other')
  read(say('message', { roomId: 'lobby', content: 'hello' }), memory)
  read(say('message', { roomId: 'other', content: 'hello' }), memory)
  const bobs = event(1, bob, { type: 'message.posted', parts: [text('hi')] }, 'm1')
  expect(payloads(parsed(envelope.page(page([bobs, { ...hello, seq: 2 }]), new Map(), to)))).toMatchObject([
    { senderId: 'bob' },
  ])
  expect(envelope.page(page([hello], { room: other }), new Map(), to)).toEqual([])
  expect(told(page([hello]), 'alice')).toHaveLength(1)
})

test('[E1] who was refused hears the message of that id when it comes from their other connection', () => {
  const memory = memoryOf('alice')
  const asked = read(say('message', { roomId: 'lobby', content: 'other words' }), memory)
  if ('problem' in asked) throw new Error('it was misread')
  envelope.reply({ ...asked, problem: problem('id.conflict', 'used already') }, memory)
  expect(envelope.page(page([hello]), new Map(), { memory, actor: 'alice' })).toHaveLength(1)
})

test('[E4] a streamed answer is told piece by piece, and its end carries all of it', () => {
  const stream = told(page([...streamed(1, 'one ', 'two'), closed(5, 'one two')]))
  expect(stream).toMatchObject([
    { type: 'streamStart' },
    { type: 'streamChunk' },
    { type: 'streamChunk' },
    { type: 'streamEnd' },
  ])
  expect(payloads(stream)).toEqual([
    { roomId: 'lobby', messageId: 'm1', senderId: 'guide', runId: 'r1' },
    { roomId: 'lobby', messageId: 'm1', content: 'one ' },
    { roomId: 'lobby', messageId: 'm1', content: 'two' },
    { roomId: 'lobby', messageId: 'm1', senderId: 'guide', content: 'one two', status: 'completed' },
  ])
})

test('[E4] who was slow hears what is left before the end, and nothing twice', () => {
  const heard = new Map([['guide/m1', 4]])
  const rest = told(page([closed(5, 'one two')], { after: 3 }), 'bob', heard)
  expect(rest).toMatchObject([{ type: 'streamChunk', payload: { content: 'two' } }, { type: 'streamEnd' }])
  expect(new Set(rest.map((one) => (one as { messageId: string }).messageId)).size).toBe(2)
  expect(heard.size).toBe(0)
})

test('[E4] the pieces leave out what an agent thought, and its tools are told by themselves', () => {
  const call = { run: 'r1', call: 'c1' }
  const stream = told(
    page([
      ...streamed(1),
      event(3, guide, { type: 'message.grew', message: 'm1', part: 0, kind: 'reasoning', from: 0, text: 'hm' }),
      event(4, guide, {
        type: 'tool.called',
        ...call,
        message: 'm1',
        part: 1,
        name: 'look',
        title: 'Looking',
        input: 1,
      }),
      event(5, guide, { type: 'tool.ended', ...call, outcome: 'ok', output: [2] }),
      event(6, guide, { type: 'run.ended', run: 'r1', outcome: 'completed' }),
    ]),
  )
  expect(payloads(stream).slice(1)).toEqual([
    {
      roomId: 'lobby',
      messageId: 'm1',
      runId: 'r1',
      toolCallId: 'c1',
      name: 'look',
      title: 'Looking',
      input: 1,
      status: 'running',
    },
    { roomId: 'lobby', runId: 'r1', toolCallId: 'c1', status: 'ok', output: [2] },
  ])
})

test('[J4] a page that begins anew is told as such, but for the first', () => {
  expect(told(page([hello], { reset: 'start' }))).toMatchObject([{ type: 'message' }])
  expect(told(page([hello], { reset: 'epoch' }))).toMatchObject([
    { type: 'roomReset', payload: { roomId: 'lobby', reason: 'epoch' } },
    { type: 'message' },
  ])
})

test('an answer that failed says so at its end, with words for the user', () => {
  const failure = { code: 'model.busy', message: 'The model is busy.' }
  const end = event(4, guide, { type: 'message.closed', message: 'm1', parts: [], outcome: 'failed', failure })
  expect(payloads(told(page([end], { after: 3 })))).toMatchObject([{ status: 'failed', error: failure, content: '' }])
})
