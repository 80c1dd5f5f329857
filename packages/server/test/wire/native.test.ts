import { expect, test } from 'vitest'
import { Puppet } from '../engine/puppet.ts'
import { session } from '../engine/stage.ts'
import { eventually, Socket, start, type Told, tokenFor } from './server.ts'

/** Somebody in the lobby, with the first page taken. */
async function member(url: string, user: string): Promise<Socket> {
  const socket = await Socket.native(url, user)
  await socket.ask({ type: 'join', ref: 'join', room: 'lobby' })
  await socket.next('page')
  return socket
}

function facts({ page }: Told): string[] {
  return page?.events.map(({ fact }) => fact.type) ?? []
}

test('[C5, J1, S1, P1] a whole conversation, word for word', async () => {
  const { url } = await start()
  const socket = await Socket.open(`${url}/api/ws`, [
    'parley.v1',
    `bearer.${await tokenFor('alice', { name: 'Alice' })}`,
  ])
  const alice = { id: 'alice', kind: 'user', name: 'Alice' }
  const [number, text] = [expect.any(Number), expect.any(String)]
  const welcome = {
    type: 'welcome',
    actor: alice,
    node: text,
    now: number,
    heartbeatMs: 25_000,
    maxFrameBytes: 262_144,
    expiresAt: number,
  }
  expect(await socket.next('welcome')).toEqual(welcome)
  const members = [{ id: 'echo', kind: 'agent', name: 'echo' }, alice]
  expect(await socket.ask({ type: 'join', ref: '1', room: 'lobby' })).toEqual({
    type: 'reply',
    ref: '1',
    answer: { type: 'join', room: 'lobby', position: { epoch: text, seq: 0 }, members },
  })
  const page = { room: 'lobby', epoch: text, after: 0, upTo: 0, events: [] }
  expect(await socket.next('page')).toEqual({ type: 'page', page: { ...page, reset: 'start', earlier: false } })
  const signals = members.map((user) => ({ type: 'presence', user, here: true }))
  expect(await socket.next('signals')).toEqual({ type: 'signals', room: 'lobby', signals })
  const parts = [{ type: 'text', text: 'hello' }]
  expect(
    await socket.ask({ type: 'post', ref: '2', room: 'lobby', id: 'm1', parts, priority: 1, meta: { a: 1 } }),
  ).toEqual({
    type: 'reply',
    ref: '2',
    answer: { type: 'post', room: 'lobby', id: 'm1', position: { epoch: text, seq: 1 }, at: number, repeated: false },
  })
  const fact = { type: 'message.posted', parts, priority: 1, meta: { a: 1 } }
  expect(await socket.next('page')).toEqual({
    type: 'page',
    page: { ...page, upTo: 1, events: [{ seq: 1, at: number, by: alice, id: 'm1', fact }] },
  })
  expect(await socket.ask({ type: 'older', ref: '3', room: 'lobby', before: 2 })).toMatchObject({
    answer: { type: 'older', page: { after: 0, upTo: 1, earlier: false } },
  })
  expect(await socket.ask({ type: 'rooms', ref: '4' })).toEqual({
    type: 'reply',
    ref: '4',
    answer: { type: 'rooms', rooms: [{ room: 'lobby', epoch: text, head: 1, at: number, title: 'hello' }] },
  })
  expect(await socket.ask({ type: 'ping', ref: '5' })).toEqual({
    type: 'reply',
    ref: '5',
    answer: { type: 'ping', now: number },
  })
  expect(await socket.ask({ type: 'cancel', ref: '6', room: 'lobby', run: 'r' })).toMatchObject({
    problem: { code: 'run.over' },
  })
  expect(await socket.ask({ type: 'leave', ref: '7', room: 'lobby' })).toEqual({
    type: 'reply',
    ref: '7',
    answer: { type: 'leave', room: 'lobby' },
  })
  expect(socket.inbox).toEqual([])
})

test('[R3, R4] an answer streams as facts, and can be cancelled', async () => {
  const puppet = new Puppet()
  const socket = await Socket.native((await start({ agent: puppet })).url, 'alice')
  await socket.ask({ type: 'join', ref: '1', room: session, history: 0 })
  await socket.ask({ type: 'post', ref: '2', room: session, id: 'm1', parts: 'hello' })
  const begun = await socket.next('page', (told) => facts(told).includes('run.started'))
  const [run] = begun.page?.events.flatMap(({ fact }) => (fact.type === 'run.started' ? [fact.run] : [])) ?? []
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('so far')
  await socket.next('page', (told) => facts(told).includes('message.grew'))
  expect(await socket.ask({ type: 'cancel', ref: '3', room: session, run })).toMatchObject({
    answer: { type: 'cancel', run },
  })
  const ended = await socket.next('page', (told) => facts(told).includes('run.ended'))
  expect(JSON.stringify(ended)).toContain('"parts":[{"type":"text","text":"so far"}],"outcome":"cancelled"')
  expect(await socket.ask({ type: 'cancel', ref: '4', room: session, run: 'other' })).toMatchObject({
    problem: { code: 'run.over' },
  })
})

test('[F3] bad input of every kind has its code; the connection goes on, and others feel nothing', async () => {
  const { url } = await start()
  const alice = await member(url, 'alice')
  const bob = await member(url, 'bob')
  const deep = `{"type":"ping","ref":"1","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
  const unreadable = [
    '',
    '{',
    'null',
    '[]',
    '7',
    '{"type":"ping"}',
    '{"type":"nonsense","ref":"1"}',
    '{"type":"constructor","ref":"1"}',
    '\ufeff{}',
  ]
  for (const text of unreadable) {
    alice.send(text)
    expect(await alice.next('problem')).toMatchObject({ problem: { code: 'message.invalid' } })
  }
  const refusals: [object, string][] = [
    [{ type: 'post', room: 'nowhere', id: 'm1', parts: 'x' }, 'room.unknown'],
    [{ type: 'leave', room: 'nowhere' }, 'room.unknown'],
    [{ type: 'cancel', room: 'lobby', run: 'r' }, 'run.over'],
    [{ type: 'authenticate', token: 'nonsense' }, 'auth.invalid'],
    [{ type: 'authenticate', token: await tokenFor('bob') }, 'access.denied'],
  ]
  for (const [command, code] of refusals)
    expect(await alice.ask({ ref: code, ...command } as never)).toMatchObject({ problem: { code } })
  alice.send({ type: 'post', ref: '1', room: 'lobby', id: 'a b', parts: 'x' })
  expect(await alice.next('problem')).toMatchObject({
    ref: '1',
    problem: { code: 'message.invalid', details: { field: 'id' } },
  })
  alice.send(deep)
  expect(await alice.next('reply')).toHaveProperty('answer')
  await bob.ask({ type: 'ping', ref: '1' })
  expect([alice.left, bob.left]).toEqual([[], []])
})

test('[S2, S3] an id used again is answered like the first time, with other content it is refused', async () => {
  const { url } = await start()
  const alice = await member(url, 'alice')
  const post = { type: 'post', room: 'lobby', id: 'm1', parts: 'hello' }
  const first = await alice.ask({ ...post, ref: '1' })
  expect(await alice.ask({ ...post, ref: '2' })).toMatchObject({ answer: { ...first.answer, repeated: true } })
  expect(await alice.ask({ ...post, ref: '3', parts: 'goodbye' })).toMatchObject({ problem: { code: 'id.conflict' } })
})

test('[F4] a message that is too large closes its connection with 1009, a binary one with 1003, and nobody else’s', async () => {
  const { url } = await start()
  const big = await member(url, 'alice')
  const binary = await Socket.open(`${url}/ws?token=${await tokenFor('alice')}`)
  const pieces = await member(url, 'alice')
  const bob = await member(url, 'bob')
  const ping = { type: 'ping', ref: '1', pad: '' }
  const room = 262_144 - JSON.stringify(ping).length
  expect(await big.ask({ ...ping, pad: 'x'.repeat(room) })).toHaveProperty('answer')
  big.send({ ...ping, pad: 'x'.repeat(room + 1) })
  expect(await big.closed).toMatchObject({ code: 1009 })
  binary.send(Buffer.from(JSON.stringify(ping)))
  expect(await binary.closed).toMatchObject({ code: 1003 })
  pieces.send(Buffer.from(JSON.stringify(ping)))
  expect(await pieces.next('problem')).toMatchObject({ problem: { code: 'message.invalid' } })
  expect(await bob.ask({ type: 'ping', ref: '1' })).toHaveProperty('answer')
})

test('[F4] the limit is configured, and told in the welcome', async () => {
  const { url } = await start({ limits: { frameBytes: 1_000 } })
  const socket = await Socket.open(`${url}/api/ws?token=${await tokenFor('alice')}`, ['parley.v1'])
  expect(await socket.next('welcome')).toMatchObject({ maxFrameBytes: 1_000 })
  socket.send({ type: 'ping', ref: 'x'.repeat(1_001) })
  expect(await socket.closed).toMatchObject({ code: 1009 })
})

test('[F4] bytes that are no text close the connection of who sent them', async () => {
  const { url } = await start()
  const broken = await member(url, 'alice')
  const mad = await member(url, 'alice')
  const bob = await member(url, 'bob')
  broken.ws.send(Buffer.from([0xff, 0xfe]), { binary: false })
  expect(await broken.closed).toMatchObject({ code: 1007 })
  // A frame of a kind that does not exist, straight onto the wire.
  mad.raw?.write(Uint8Array.of(0xf7, 0x80, 0, 0, 0, 0))
  expect(await mad.closed).toMatchObject({ code: 1002 })
  expect(await bob.ask({ type: 'ping', ref: '1' })).toHaveProperty('answer')
})

test('characters of every kind arrive as they were sent', async () => {
  const { url } = await start()
  const alice = await member(url, 'alice')
  const bob = await member(url, 'bob')
  const words = 'é 💬 \u2028 \u0000 \u202e <img onerror=alert(1)> \ud83d half'
  await alice.ask({ type: 'post', ref: '1', room: 'lobby', id: 'm1', parts: words })
  expect(await bob.next('page')).toMatchObject({
    page: { events: [{ fact: { parts: [{ type: 'text', text: words }] } }] },
  })
})

test('[J3, S5] who was cut off comes back to their place, sends again what was not answered, and misses nothing', async () => {
  const { url } = await start()
  const alice = await member(url, 'alice')
  const bob = await member(url, 'bob')
  const post = (id: string) => ({ type: 'post', ref: id, room: 'lobby', id, parts: id })
  await alice.ask(post('m1'))
  const { page } = await bob.next('page')
  bob.ws.terminate()
  alice.send(post('m2'))
  alice.ws.terminate()
  const back = await Socket.native(url, 'alice')
  await back.ask({ type: 'join', ref: 'join', room: 'lobby', history: 0 })
  expect(await back.ask(post('m2'))).toMatchObject({ answer: { position: { seq: 2 } } })
  const again = await Socket.native(url, 'bob')
  await again.ask({ type: 'join', ref: 'join', room: 'lobby', at: { epoch: page?.epoch, seq: page?.upTo } })
  await again.next('page', (told) => JSON.stringify(told).includes('"m2"'))
  expect(again.inbox).toEqual([])
})

test('[L1] who does not slow down is closed with 4001, and others feel nothing', async () => {
  const { url } = await start({ limits: { connectionRate: 20 } })
  const alice = await member(url, 'alice')
  const bob = await member(url, 'bob')
  for (let index = 0; index < 2_000; index += 1) alice.send({ type: 'ping', ref: `${index}` })
  expect(await alice.closed).toMatchObject({ code: 4001 })
  expect(alice.inbox.filter(({ problem }) => problem?.code === 'rate.exceeded').length).toBeGreaterThan(900)
  expect(await bob.ask({ type: 'ping', ref: '1' })).toHaveProperty('answer')
})

test('[J6, L2] who reads nothing at all is closed with 4007 while others hear everything, and resumes without loss', async () => {
  const { url, fastify } = await start({ limits: { stuckMs: 1_500 } })
  const alice = await member(url, 'alice')
  const bob = await member(url, 'bob')
  const slow = await member(url, 'carol')
  slow.ws.pause()
  const parts = 'x'.repeat(100_000)
  for (let index = 0; index < 150; index += 1)
    await alice.ask({ type: 'post', ref: 'p', room: 'lobby', id: `m${index}`, parts })
  await bob.next('page', (told) => JSON.stringify(told).includes('"m149"'))
  await bob.ask({ type: 'ping', ref: '1' })
  // It can only hear of its end when it reads again; until then the server waits for nothing.
  await eventually(() => fastify.parley.counts.connections).toBe(2)
  slow.ws.resume()
  await slow.closed
  const heard = slow.inbox.filter(({ type }) => type === 'page').map(({ page }) => page) ?? []
  const back = await Socket.native(url, 'carol')
  await back.ask({
    type: 'join',
    ref: 'join',
    room: 'lobby',
    at: { epoch: heard.at(-1)?.epoch, seq: heard.at(-1)?.upTo },
  })
  await back.next('page', (told) => JSON.stringify(told).includes('"m149"'))
})
