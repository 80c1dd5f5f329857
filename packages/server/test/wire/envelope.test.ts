import { expect, test } from 'vitest'
import { defineTool } from '../../src/agents/define.ts'
import type { Agent } from '../../src/seams/agent.ts'
import { Puppet } from '../engine/puppet.ts'
import { session } from '../engine/stage.ts'
import { heard, WebSocketClient } from './printed-client.ts'
import { eventually, Socket, start, type Told, tokenFor } from './server.ts'

const [number, text] = [expect.any(Number), expect.any(String)]
const position = { epoch: text, seq: number }

function say(type: string, payload: object, more: object = {}): object {
  return { type, payload, timestamp: Date.now(), ...more }
}

/** Somebody in a room. */
async function member(url: string, user: string, roomId = 'lobby'): Promise<Socket> {
  const socket = await Socket.envelope(url, user)
  socket.send(say('joinRoom', { roomId }))
  await socket.next('roomJoined')
  return socket
}

/** Resolves when all that was said to this socket so far has been heard. */
async function caughtUp(socket: Socket): Promise<void> {
  socket.send(say('ping', {}))
  await socket.next('pong')
}

test('[E1] the class that is printed for this dialect joins, speaks, and hears others, unchanged', async () => {
  const { url } = await start({ agent: 'none' })
  const bob = await member(url, 'bob')
  const client = new WebSocketClient(`${url.replace('http', 'ws')}/api/ws`, await tokenFor('alice', { name: 'Alice' }))
  await new Promise((resolve) => client.ws.addEventListener('open', resolve))
  client.ws.send(
    JSON.stringify({ type: 'joinRoom', payload: { roomId: 'lobby' }, timestamp: Date.now(), messageId: 'j1' }),
  )
  // What is said before she is there is not told to her.
  await eventually(() => heard.map(({ type }) => type)).toContain('roomJoined')
  const content = { roomId: 'lobby', content: 'hello', metadata: { type: 'text' } }
  client.ws.send(
    JSON.stringify({ type: 'message', payload: content, timestamp: Date.now(), messageId: 'm1', priority: 1 }),
  )
  bob.send(say('message', { roomId: 'lobby', content: 'hi' }, { messageId: 'm2' }))
  await eventually(() => heard.length).toBeGreaterThanOrEqual(3)
  expect(heard.find(({ type }) => type === 'roomJoined')?.payload).toMatchObject({ roomId: 'lobby' })
  const received = { messageId: 'm1', roomId: 'lobby', senderId: 'alice', timestamp: number }
  expect(heard.find(({ type }) => type === 'messageReceived')?.payload).toEqual(received)
  expect(heard.find(({ type }) => type === 'message')?.payload).toMatchObject({
    messageId: 'm2',
    senderId: 'bob',
    content: 'hi',
  })
  expect(await bob.next('message')).toMatchObject({ priority: 1, payload: { content: 'hello', senderName: 'Alice' } })
  client.ws.close(1000)
})

test('[E1, E6] a whole conversation, word for word', async () => {
  const { url } = await start()
  const alice = await Socket.envelope(url, 'alice')
  const bob = await member(url, 'bob')
  const envelope = { timestamp: number, messageId: text, priority: 2 }
  alice.send(say('joinRoom', { roomId: 'lobby', history: 5 }))
  const members = [
    { userId: 'echo', kind: 'agent', name: 'echo' },
    { userId: 'alice', kind: 'user' },
    { userId: 'bob', kind: 'user' },
  ]
  expect(await alice.next('roomJoined')).toEqual({
    type: 'roomJoined',
    payload: { roomId: 'lobby', members, position: { epoch: text, seq: 0 } },
    ...envelope,
  })
  alice.send(say('message', { roomId: 'lobby', content: 'hello' }, { messageId: 'm1', priority: 0 }))
  expect(await alice.next('messageReceived')).toEqual({
    type: 'messageReceived',
    payload: { messageId: 'm1', roomId: 'lobby', senderId: 'alice', timestamp: number },
    ...envelope,
  })
  const message = {
    messageId: 'm1',
    roomId: 'lobby',
    senderId: 'alice',
    content: 'hello',
    metadata: { type: 'text' },
    timestamp: number,
    position,
  }
  expect(await bob.next('message')).toEqual({
    type: 'message',
    payload: message,
    ...envelope,
    messageId: 'm1',
    priority: 0,
  })
  alice.send(say('history', { roomId: 'lobby', before: 2 }))
  expect(await alice.next('history')).toMatchObject({
    payload: { roomId: 'lobby', messages: [message], before: 1, earlier: false },
  })
  alice.send(say('authenticate', { token: await tokenFor('alice') }))
  expect(await alice.next('authenticated')).toMatchObject({ payload: { userId: 'alice', expiresAt: number } })
  alice.send(say('leaveRoom', { roomId: 'lobby' }))
  expect(await alice.next('roomLeft')).toMatchObject({ payload: { roomId: 'lobby' } })
  bob.send(say('message', { roomId: 'lobby', content: 'gone?' }))
  await bob.next('messageReceived')
  await caughtUp(alice)
  expect([alice.left, bob.left]).toEqual([[], []])
})

test('[E1] the sender’s other connections hear the message like everybody else', async () => {
  const { url } = await start()
  const [phone, laptop] = [await member(url, 'alice'), await member(url, 'alice')]
  phone.send(say('message', { roomId: 'lobby', content: 'hello' }, { messageId: 'm1' }))
  await phone.next('messageReceived')
  expect(await laptop.next('message')).toMatchObject({ payload: { messageId: 'm1' } })
  await caughtUp(phone)
  expect(phone.left).toEqual([])
})

test('[E2] with a messageId sending again is safe, without one it is another message', async () => {
  const { url } = await start()
  const [alice, bob] = [await member(url, 'alice'), await member(url, 'bob')]
  const message = say('message', { roomId: 'lobby', content: 'hello' })
  for (const again of [{ ...message, messageId: 'm1' }, { ...message, messageId: 'm1' }, message, message]) {
    alice.send(again)
    await alice.next('messageReceived')
  }
  const ids: unknown[] = []
  for (let count = 0; count < 3; count += 1) ids.push((await bob.next('message')).payload?.messageId)
  expect(new Set(ids).size).toBe(3)
  await caughtUp(bob)
  expect(bob.left).toEqual([])
})

test('[E3, E5, F3] bad input of every kind has its code and says what it answers; others feel nothing', async () => {
  const { url } = await start()
  const [alice, bob] = [await member(url, 'alice'), await member(url, 'bob')]
  alice.send(say('message', { roomId: 'lobby', content: 'first' }, { messageId: 'used' }))
  await bob.next('message')
  const post = { roomId: 'lobby', content: 'hello' }
  const bad: [object | string, string, string | undefined][] = [
    ['{', '4002', undefined],
    ['null', '4002', undefined],
    [{ type: 'nonsense', messageId: 'b1' }, '4002', 'b1'],
    [{ type: '__proto__', messageId: 'b2' }, '4002', 'b2'],
    [say('message', { roomId: 'lobby' }, { messageId: 'b3' }), '4002', 'b3'],
    [say('message', { ...post, roomId: '*/*' }, { messageId: 'b4' }), '4002', 'b4'],
    [say('message', post, { messageId: 'b5', priority: 9 }), '4002', 'b5'],
    [say('message', post, { messageId: 'b6', timestamp: 'now' }), '4002', 'b6'],
    [say('message', { ...post, roomId: 'nowhere' }, { messageId: 'b7' }), '4003', 'b7'],
    [say('message', { ...post, metadata: { type: 'system' } }, { messageId: 'b8' }), '4004', 'b8'],
    [say('message', { ...post, metadata: { type: 'file' } }, { messageId: 'b9' }), '4002', 'b9'],
    [say('authenticate', { token: 'nonsense' }, { messageId: 'b10' }), '4000', 'b10'],
    [say('message', { ...post, content: 'second' }, { messageId: 'used' }), '4008', 'used'],
    [say('cancel', { roomId: 'lobby', runId: 'r1' }, { messageId: 'b11' }), '4009', 'b11'],
    [say('leaveRoom', { roomId: 'nowhere' }, { messageId: 'b12' }), '4003', 'b12'],
  ]
  for (const [frame, code, messageId] of bad) {
    alice.send(frame)
    const { payload } = await alice.next('error')
    const details = { problem: text, retry: text, advice: text, ...(messageId === undefined ? {} : { messageId }) }
    expect(payload).toMatchObject({ code, message: text, details })
  }
  await caughtUp(alice)
  await caughtUp(bob)
  expect(bob.left).toEqual([])
})

test('[E3, A1] what is not granted is refused with 4004, and too much haste with 4001', async () => {
  const { url } = await start({ limits: { connectionRate: 5 } })
  const narrow = await tokenFor('alice', { rooms: ['lobby'] })
  const alice = await Socket.open(`${url}/api/ws?token=${narrow}`)
  alice.send(say('joinRoom', { roomId: 'secret' }, { messageId: 'j1' }))
  expect(await alice.next('error')).toMatchObject({
    payload: { code: '4004', details: { messageId: 'j1', retry: 'never' } },
  })
  for (let count = 0; count < 10; count += 1) alice.send(say('ping', {}, { messageId: `p${count}` }))
  const { payload } = await alice.next('error')
  expect(payload).toMatchObject({ code: '4001', details: { retry: 'later', retryAfterMs: number, messageId: text } })
})

test('[E4, R3] a streamed answer: its start, its pieces, its tools and its end', async () => {
  const puppet = new Puppet()
  const { url } = await start({ agent: puppet })
  const alice = await member(url, 'alice', session)
  alice.send(say('message', { roomId: session, content: 'hello' }))
  const started = await alice.next('streamStart')
  const { runId, messageId } = started.payload ?? {}
  expect(started.payload).toEqual({ roomId: session, messageId: text, senderId: 'puppet', runId: text })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('one ')
  expect((await alice.next('streamChunk')).payload).toEqual({ roomId: session, messageId, content: 'one ' })
  puppet.on.say({ type: 'tool.called', call: 'c1', name: 'look', title: 'Looking', input: { for: 1 } })
  const tool = { roomId: session, runId, toolCallId: `${runId}-1` }
  const called = { ...tool, messageId, name: 'look', title: 'Looking', input: { for: 1 }, status: 'running' }
  expect((await alice.next('toolExecution')).payload).toEqual(called)
  puppet.on.say({ type: 'tool.ended', call: 'c1', outcome: 'ok', output: [1] }, 'two')
  expect((await alice.next('toolExecution')).payload).toEqual({ ...tool, status: 'ok', output: [1] })
  expect((await alice.next('streamChunk')).payload).toMatchObject({ content: 'two' })
  alice.send(say('cancel', { roomId: session, runId }))
  expect((await alice.next('runCancelling')).payload).toEqual({ roomId: session, runId })
  const end = { roomId: session, messageId, senderId: 'puppet', content: 'one two', status: 'cancelled' }
  expect((await alice.next('streamEnd')).payload).toEqual(end)
})

test('[E7, H2] a tool’s way from its input to its end, with an approval, output and progress', async () => {
  const tool = defineTool({
    name: 'build',
    title: 'Building',
    description: 'builds',
    input: { jsonSchema: { type: 'object' } },
    approval: true,
    async *execute() {
      yield { type: 'progress', fraction: 0.5, text: 'half' }
      yield 'a line\n'
      return 7
    },
  })
  const agent: Agent = {
    id: 'worker',
    name: 'worker',
    tools: [tool],
    async *reply(turn) {
      yield { type: 'tool.called', call: 'x', name: 'build', title: 'Building' }
      yield `${(await turn.use('build', { n: 1 }, { call: 'x' })).outcome}`
    },
  }
  const { url } = await start({ agent })
  const alice = await member(url, 'alice', session)
  alice.send(say('message', { roomId: session, content: 'go' }, { messageId: 'm1' }))
  const { payload: received } = await alice.next('messageReceived')
  expect(received).toMatchObject({ runs: [{ agentId: 'worker', runId: text, how: 'answers' }] })
  const next = async () => (await alice.next('toolExecution')).payload ?? {}
  const { runId, toolCallId, ...begun } = await next()
  expect(begun).toMatchObject({ roomId: session, name: 'build', title: 'Building', status: 'preparing' })
  expect(await next()).toMatchObject({ status: 'running', input: { n: 1 } })
  expect(await next()).toMatchObject({ status: 'approval_required', expiresAt: number })
  alice.send(say('toolApproval', { roomId: session, runId, toolCallId, approved: true }, { messageId: 'a1' }))
  expect((await alice.next('toolApproved')).payload).toMatchObject({ toolCallId, approved: true })
  expect(await next()).toMatchObject({ status: 'running', approved: true, approvedBy: 'alice' })
  const rest = [await next(), await next()]
  while (rest.at(-1)?.status !== 'ok') rest.push(await next())
  expect(rest.find(({ chunk }) => chunk !== undefined)).toMatchObject({ chunk: 'a line\n', from: 0 })
  expect(rest.at(-1)).toMatchObject({ status: 'ok', output: 7, printed: 'a line\n' })
  alice.send(say('toolApproval', { roomId: session, runId, toolCallId, approved: 'yes' }, { messageId: 'a2' }))
  expect((await alice.next('error')).payload).toMatchObject({ code: '4002', details: { messageId: 'a2' } })
})

test('[E4] a long answer arrives whole, at two connections alike', async () => {
  const { url } = await start()
  const [phone, laptop] = [await member(url, 'alice', session), await member(url, 'alice', session)]
  const words = Array.from({ length: 2_000 }, (_, index) => `word-${index}`).join(' ')
  phone.send(say('message', { roomId: session, content: words }))
  for (const socket of [phone, laptop]) {
    const end = await socket.next('streamEnd')
    const pieces = socket.inbox.filter(({ type }) => type === 'streamChunk').map(({ payload }) => payload?.content)
    expect(pieces.join('')).toBe(words)
    expect(end.payload?.content).toBe(words)
  }
})

test('[J2, J3, J4] history, positions and what cannot be told', async () => {
  const { url } = await start()
  const alice = await member(url, 'alice')
  for (const id of ['m1', 'm2', 'm3']) alice.send(say('message', { roomId: 'lobby', content: id }, { messageId: id }))
  await alice.next('messageReceived', ({ payload }) => payload?.messageId === 'm3')
  const joined = async (payload: object): Promise<[Socket, Told[]]> => {
    const bob = await Socket.envelope(url, 'bob')
    bob.send(say('joinRoom', { roomId: 'lobby', ...payload }))
    await bob.next('roomJoined')
    await bob.next('message', ({ payload }) => payload?.messageId === 'm3')
    return [bob, bob.inbox]
  }
  const [, last] = await joined({ history: 2 })
  expect(last.map(({ payload }) => payload?.messageId)).toEqual(['m2'])
  const [bob, all] = await joined({ history: 9 })
  expect(all.map(({ payload }) => payload?.messageId)).toEqual(['m1', 'm2'])
  const [first] = all
  const [, since] = await joined({ position: first?.payload?.position })
  expect(since.map(({ payload }) => payload?.messageId)).toEqual(['m2'])
  const [, anew] = await joined({ position: { epoch: 'another', seq: 1 }, history: 9 })
  expect(anew[0]).toMatchObject({ type: 'roomReset', payload: { roomId: 'lobby', reason: 'epoch' } })
  await caughtUp(bob)
})

test('[C7, L3] what the server says about the connection comes in envelopes', async () => {
  const server = await start()
  const soon = await tokenFor('alice', { expiresInMs: 50_000 })
  const alice = await Socket.open(`${server.url}/api/ws?token=${soon}`)
  expect(await alice.next('tokenExpiring')).toMatchObject({ payload: { expiresAt: number } })
  await server.close(0)
  expect(await alice.next('serverLeaving')).toMatchObject({ payload: { retryAfterMs: number } })
  expect(await alice.next('error')).toMatchObject({ payload: { code: '1012', details: { problem: 'server.leaving' } } })
  expect(await alice.closed).toMatchObject({ code: 1012 })
})

test('[E8, K1, K3] a task is made, assigned and worked on, and the assignee hears of it wherever they are', async () => {
  const { url } = await start({ agent: 'none' })
  const alice = await member(url, 'alice')
  const bob = await member(url, 'bob')
  const elsewhere = await member(url, 'bob', 'other')
  const made = { taskId: 't1', roomId: 'lobby', title: 'Paint', status: 'open', progress: 0, priority: 2 }
  alice.send(say('taskUpdate', { taskId: 't1', roomId: 'lobby', title: 'Paint', status: 'open', progress: 0 }))
  expect((await bob.next('taskUpdate')).payload).toEqual(made)
  alice.send(say('taskAssign', { taskId: 't1', assigneeId: 'bob', priority: 1 }))
  const given = { ...made, assigneeId: 'bob', priority: 1 }
  expect((await bob.next('taskAssign')).payload).toEqual(given)
  expect((await elsewhere.next('taskAssign')).payload).toEqual({ ...given, assignedBy: 'alice' })
  bob.send(say('taskUpdate', { taskId: 't1', status: 'in_progress', progress: 50, metadata: { coat: 1 } }))
  await eventually(() =>
    alice.inbox.filter(({ type }) => type === 'taskUpdate').map(({ payload }) => payload),
  ).toContainEqual({ ...given, status: 'in_progress', progress: 50, metadata: { coat: 1 } })
  for (const [payload, code] of [
    [{ taskId: 't1', progress: 101 }, '4002'],
    [{ taskId: 't2', progress: 1 }, '4019'],
  ] as const) {
    bob.send(say('taskUpdate', payload))
    expect((await bob.next('error')).payload).toMatchObject({ code })
  }
  alice.send(say('taskAssign', { taskId: 't1', assigneeId: 'stranger' }))
  expect((await alice.next('error')).payload).toMatchObject({ code: '4020' })
  alice.send(say('tasks', { roomId: 'lobby' }))
  expect((await alice.next('tasks')).payload).toMatchObject({ tasks: [{ taskId: 't1', progress: 50 }] })
})

test('[E8, M1, M2, M3, M6] messages are edited, reacted to, found and removed', async () => {
  const { url } = await start({ agent: 'none' })
  const alice = await member(url, 'alice')
  const bob = await member(url, 'bob')
  alice.send(say('message', { roomId: 'lobby', content: 'helo' }, { messageId: 'm1' }))
  await bob.next('message')
  alice.send(say('editMessage', { roomId: 'lobby', messageId: 'm1', content: 'hello' }))
  const about = { roomId: 'lobby', messageId: 'm1', senderId: 'alice' }
  expect((await bob.next('messageEdited')).payload).toEqual({ ...about, content: 'hello', editedBy: 'alice' })
  bob.send(say('reaction', { ...about, reaction: '👍' }))
  expect((await alice.next('reaction')).payload).toEqual({ ...about, userId: 'bob', reaction: '👍', on: true })
  bob.send(say('search', { text: 'hel' }))
  expect((await bob.next('searchResults')).payload).toMatchObject({ hits: [{ ...about, excerpt: 'hello' }] })
  bob.send(say('editMessage', { ...about, content: 'ha' }))
  expect((await bob.next('error')).payload).toMatchObject({ code: '4004' })
  alice.send(say('deleteMessage', { roomId: 'lobby', messageId: 'm1' }))
  expect((await bob.next('messageDeleted')).payload).toEqual({ ...about, deletedBy: 'alice' })
})
