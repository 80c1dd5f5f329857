import { expect, test } from 'vitest'
import { AgentFailure } from '../../src/seams/agent.ts'
import { Puppet } from '../engine/puppet.ts'
import { eventually, Socket, secret, start, type Told, tokenFor } from './server.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A server without accounts, as for a trial. */
async function open(options: Parameters<typeof start>[0] = {}): Promise<string> {
  const { url } = await start({ guests: true, ...options })
  return `${url}/ws`
}

/** An answer as it was told, up to its end. */
async function answer(socket: Socket): Promise<{ text: string; told: Told[] }> {
  const first = await socket.next('stream_start')
  const last = await socket.next('stream_end')
  const told = [first, ...socket.inbox.splice(0), last]
  return { text: told.map(({ type, content }) => (type === 'stream_chunk' ? content : '')).join(''), told }
}

test('[W1, W2] five lines are a client', async () => {
  const url = await open()
  const answer = await new Promise((resolve) => {
    let text = ''
    const socket = new WebSocket(url.replace('http', 'ws'))
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data)
      if (message.type === 'connection_established')
        socket.send(JSON.stringify({ type: 'user_message', content: 'hello there', sessionId: message.sessionId }))
      if (message.type === 'stream_chunk') text += message.content
      if (message.type === 'stream_end') resolve(text)
    }
  })
  expect(answer).toBe('hello there')
})

test('[W1, W2] every message, word for word', async () => {
  const puppet = new Puppet()
  const socket = await Socket.open(await open({ agent: puppet }))
  const established = await socket.next('connection_established')
  const { sessionId } = established
  expect(sessionId).toMatch(UUID)
  expect(established).toEqual({ type: 'connection_established', sessionId, content: 'Connected to server' })
  socket.send({ type: 'user_message', content: 'hello', sessionId })
  expect(await socket.next('stream_start')).toEqual({
    type: 'stream_start',
    sessionId,
    content: 'Starting response stream',
  })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('one ')
  expect(await socket.next('stream_chunk')).toEqual({ type: 'stream_chunk', sessionId, content: 'one ' })
  puppet.on.say('two')
  puppet.on.end()
  expect(await socket.next('stream_chunk')).toEqual({ type: 'stream_chunk', sessionId, content: 'two' })
  expect(await socket.next('stream_end')).toEqual({
    type: 'stream_end',
    sessionId,
    content: 'Response stream complete',
  })
  expect(socket.inbox).toEqual([])
})

test('[W1] each connection has a session of its own, and hears nothing of the others', async () => {
  const url = await open()
  const sockets = [
    await Socket.open(url),
    await Socket.open(url),
    await Socket.open(url),
    await Socket.open(url),
    await Socket.open(url),
  ]
  const ids = await Promise.all(sockets.map(async (socket) => (await socket.next('connection_established')).sessionId))
  expect(new Set(ids).size).toBe(5)
  for (const [index, socket] of sockets.entries())
    socket.send({ type: 'user_message', content: `I am number ${index}` })
  for (const [index, socket] of sockets.entries()) {
    const { text, told } = await answer(socket)
    expect(text).toBe(`I am number ${index}`)
    expect(told.every(({ sessionId }) => sessionId === ids[index])).toBe(true)
  }
})

test('[W1] a user comes back to an earlier session, also in the middle of an answer, and nobody else does', async () => {
  const puppet = new Puppet()
  const { url } = await start({ agent: puppet, guests: true, secret })
  const token = await tokenFor('alice')
  const first = await Socket.open(`${url}/ws?token=${token}`)
  const { sessionId } = await first.next('connection_established')
  first.send({ type: 'user_message', content: 'hello' })
  await first.next('stream_start')
  puppet.on.say('one ')
  await first.next('stream_chunk')
  first.ws.terminate()
  const again = await Socket.open(`${url}/ws?token=${token}&session=${sessionId}`)
  expect(await again.next('connection_established')).toMatchObject({ sessionId })
  expect(await again.next('stream_start')).toHaveProperty('sessionId', sessionId)
  expect(await again.next('stream_chunk')).toMatchObject({ content: 'one ' })
  puppet.on.say('two')
  puppet.on.end()
  expect(await again.next('stream_chunk')).toMatchObject({ content: 'two' })
  await again.next('stream_end')
  const other = await Socket.open(`${url}/ws?token=${await tokenFor('bob')}&session=${sessionId}`)
  expect(await other.next('error')).toHaveProperty('sessionId', sessionId)
  other.send({ type: 'user_message', content: 'let me in', sessionId })
  expect(await other.next('error')).toMatchObject({ error: expect.stringContaining('not allowed') })
})

test('[W3] what goes wrong is told in general words, and the connection goes on', async () => {
  const socket = await Socket.open(await open())
  const { sessionId } = await socket.next('connection_established')
  const bad = [
    '{',
    'null',
    '[]',
    '"hello"',
    '{}',
    '{"type":"nonsense"}',
    '{"type":"toString"}',
    '{"type":"user_message"}',
  ]
  for (const text of [
    ...bad,
    '{"type":"user_message","content":7}',
    '{"type":"user_message","content":"x","sessionId":"1"}',
  ]) {
    socket.send(text)
    expect(await socket.next('error')).toEqual({ type: 'error', sessionId, error: expect.any(String) })
  }
  socket.send({ type: 'user_message', content: 'still here?' })
  expect((await answer(socket)).text).toBe('still here?')
})

test('[W3, R7] an answer that fails is told so before its end; what broke is told to nobody', async () => {
  const puppet = new Puppet()
  const socket = await Socket.open(await open({ agent: puppet }))
  await socket.next('connection_established')
  const failures: [Error, string][] = [
    [new AgentFailure('model.busy', 'The model is busy.'), 'The model is busy.'],
    [new Error('secret at db.internal'), 'The agent failed. The cause is in the server log.'],
  ]
  for (const [cause, error] of failures) {
    socket.send({ type: 'user_message', content: 'hello' })
    await socket.next('stream_start')
    const turns = puppet.turns.length
    await eventually(() => puppet.turns.length).toBeGreaterThanOrEqual(Math.max(1, turns))
    puppet.on.fail(cause)
    await socket.next('stream_end')
    expect(socket.inbox.splice(0)).toMatchObject([{ type: 'error', error }])
  }
})

test('[W1, C3] without guests the flat dialect wants a token like the others', async () => {
  const { url } = await start({ guests: false })
  const stranger = await Socket.open(`${url}/ws`)
  expect(await stranger.closed).toMatchObject({ code: 4000, reason: expect.stringContaining('auth.missing') })
  const alice = await Socket.open(`${url}/ws?token=${await tokenFor('alice')}`)
  expect(await alice.next('connection_established')).toHaveProperty('sessionId')
})

test('[W2] the same messageId sent again is one message with one answer', async () => {
  const puppet = new Puppet()
  const socket = await Socket.open(await open({ agent: puppet }))
  for (const content of ['hello', 'hello']) socket.send({ type: 'user_message', content, messageId: 'm1' })
  await socket.next('stream_start')
  puppet.on.end()
  await socket.next('stream_end')
  socket.send({ type: 'ping' })
  await socket.next('pong')
  expect(puppet.turns).toHaveLength(1)
})
