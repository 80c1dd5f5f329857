import { expect, test } from 'vitest'
import type { Asked, Misread } from '../../src/command.ts'
import { type FlatMemory, flat } from '../../src/dialects/flat.ts'
import { problem } from '../../src/problem.ts'
import { closed, event, guide, page, room, streamed } from '../facts.ts'
import { greeting, parsed } from './greeting.ts'

const UUID = '0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11'
const OTHER = '5f0d7a52-3c1b-4ad2-8a8e-2f6f0c9b1d33'
const session = room(`session:${UUID}`)
const other = room(`session:${OTHER}`)

function begun(): FlatMemory {
  return flat.begin(greeting({}, [UUID]))
}

function read(frame: unknown, memory = begun()): readonly (Asked | Misread)[] {
  return flat.decode(typeof frame === 'string' ? frame : JSON.stringify(frame), memory)
}

function joined(memory: FlatMemory): unknown[] {
  const [command] = flat.opening(memory)
  if (command?.type !== 'join') throw new Error('it does not join')
  const answer = { type: 'join', room: command.room, position: { epoch: 'e1', seq: 0 }, members: [] } as const
  return parsed(flat.reply({ ref: 'join', command, answer }, memory))
}

test('[W1] a connection opens a session of its own and says so first', () => {
  const memory = begun()
  expect(flat.opening(memory)).toEqual([{ type: 'join', room: session, history: 0 }])
  expect(joined(memory)).toEqual([{ type: 'connection_established', sessionId: UUID, content: 'Connected to server' }])
})

test('[W1] ?session= goes on with an earlier one; what is no UUID is ignored', () => {
  expect(flat.opening(flat.begin(greeting({ session: OTHER })))).toMatchObject([{ room: other }])
  expect(flat.opening(flat.begin(greeting({ session: OTHER.toUpperCase() })))).toMatchObject([{ room: other }])
  for (const bad of ['', '1', '../x', `session:${OTHER}`, '*'])
    expect(flat.opening(flat.begin(greeting({ session: bad }, [UUID])))).toMatchObject([{ room: session }])
})

test('[W2] a user_message is a post to the session', () => {
  const post = { type: 'post', room: session, id: 'u2', parts: [{ type: 'text', text: 'hello' }] }
  const memory = flat.begin(greeting({}, [UUID, 'u2']))
  expect(read({ type: 'user_message', content: 'hello' }, memory)).toEqual([{ ref: 'u2', command: post }])
  expect(read({ type: 'user_message', content: 'hello', sessionId: UUID, messageId: 'm1' })).toEqual([
    { ref: 'm1', command: { ...post, id: 'm1' } },
  ])
})

test('[W2] a message for another session joins it first, once', () => {
  const memory = begun()
  const message = { type: 'user_message', content: 'hello', sessionId: OTHER, messageId: 'm1' }
  expect(read(message, memory).map((one) => 'command' in one && one.command.type)).toEqual(['join', 'post'])
  expect(read(message, memory).map((one) => 'command' in one && one.command.type)).toEqual(['post'])
})

test('[W3] who may not join that session is told once, about the message', () => {
  const memory = begun()
  const why = problem('access.denied', 'not allowed')
  const asked = read({ type: 'user_message', content: 'hello', sessionId: OTHER }, memory) as readonly Asked[]
  const told = asked.flatMap((one) => parsed(flat.reply({ ...one, problem: why }, memory)))
  expect(told).toEqual([{ type: 'error', sessionId: OTHER, error: 'not allowed' }])
  expect(read({ type: 'user_message', content: 'again', sessionId: OTHER }, memory)).toHaveLength(2)
})

test('[W2] an answer is told as start, chunks and end; the chunks put together are the answer', () => {
  const answer = page([...streamed(1, 'one ', 'two'), closed(5, 'one two')], { room: session })
  expect(parsed(flat.page(answer, new Map()))).toEqual([
    { type: 'stream_start', sessionId: UUID, content: 'Starting response stream' },
    { type: 'stream_chunk', sessionId: UUID, content: 'one ' },
    { type: 'stream_chunk', sessionId: UUID, content: 'two' },
    { type: 'stream_end', sessionId: UUID, content: 'Response stream complete' },
  ])
})

test('[W2] who was slow hears the rest of the answer before its end', () => {
  const heard = new Map([['guide/m1', 4]])
  const rest = parsed(flat.page(page([closed(5, 'one two')], { room: session }), heard))
  expect(rest).toMatchObject([{ type: 'stream_chunk', content: 'two' }, { type: 'stream_end' }])
})

test('[W3] an answer that fails is told so in words for users before its end', () => {
  const failure = { code: 'model.busy', message: 'The model is busy.' }
  const end = event(4, guide, { type: 'message.closed', message: 'm1', parts: [], outcome: 'failed', failure })
  expect(parsed(flat.page(page([end], { room: session }), new Map()))).toEqual([
    { type: 'error', sessionId: UUID, error: 'The model is busy.' },
    { type: 'stream_end', sessionId: UUID, content: 'Response stream complete' },
  ])
})

test('[W3] what is no user_message is refused in general words', () => {
  const frames = [
    '{',
    'null',
    '[]',
    { type: 'nonsense' },
    { type: '__proto__' },
    { type: 'constructor' },
    { content: 'hello' },
    { type: 'user_message' },
    { type: 'user_message', content: '' },
    { type: 'user_message', content: ' \n' },
    { type: 'user_message', content: 7 },
    { type: 'user_message', content: 'hello', sessionId: 'x' },
    { type: 'user_message', content: 'hello', sessionId: 7 },
    { type: 'user_message', content: 'hello', messageId: 'a b' },
  ]
  for (const frame of frames) {
    const memory = begun()
    const [misread] = read(frame, memory)
    if (misread === undefined || !('problem' in misread)) throw new Error(`understood: ${JSON.stringify(frame)}`)
    expect(misread.problem.code).toBe('message.invalid')
    expect(parsed(flat.notice({ type: 'problem', ...misread }, memory))).toEqual([
      { type: 'error', sessionId: UUID, error: misread.problem.message },
    ])
  }
})

test('a ping is answered, and what the dialect has no words for is not said', () => {
  const memory = begun()
  const asked = { ref: 'ping', command: { type: 'ping' } } as const
  expect(read({ type: 'ping' })).toEqual([asked])
  expect(parsed(flat.reply({ ...asked, answer: { type: 'ping', now: 1 } }, memory))).toEqual([
    { type: 'pong', sessionId: UUID },
  ])
  expect(flat.notice({ type: 'leaving', retryAfterMs: 1 }, memory)).toEqual([])
  expect(flat).toMatchObject({ resumes: false, welcomesGuests: true })
})
