import { request } from 'node:http'
import { expect, test } from 'vitest'
import { refused, Socket, start, tokenFor } from './server.ts'

async function ticketFor(url: string, token: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${url}/api/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
  expect(response.status).toBe(200)
  const { ticket, expiresInMs } = (await response.json()) as { ticket: string; expiresInMs: number }
  expect(expiresInMs).toBe(30_000)
  return ticket
}

const me = { actor: { id: 'alice', kind: 'user', name: 'Alice' } }

test('[C1] a token is taken from the header, a subprotocol, a ticket, the query or the first message', async () => {
  const { url } = await start()
  const token = await tokenFor('alice', { name: 'Alice' })
  const native = ['parley.v1']
  const ways = [
    await Socket.open(`${url}/api/ws`, native, { headers: { authorization: `Bearer ${token}` } }),
    await Socket.open(`${url}/api/ws`, [...native, `bearer.${token}`]),
    await Socket.open(`${url}/api/ws`, [`bearer.${token}`, ...native]),
    await Socket.open(`${url}/api/ws?ticket=${await ticketFor(url, token)}`, native),
    await Socket.open(`${url}/api/ws?token=${token}`, native),
    await Socket.open(`${url}/api/ws`, native),
  ]
  ways.at(-1)?.send({ type: 'authenticate', ref: '1', token })
  for (const socket of ways) {
    expect(await socket.next('welcome')).toMatchObject(me)
    expect(socket.ws.protocol).toBe('parley.v1')
  }
})

test('[C1] without the subprotocol none is selected', async () => {
  const socket = await Socket.envelope((await start()).url, 'alice')
  expect(socket.ws.protocol).toBe('')
})

test('[C2] a bad token completes the handshake and is closed with 4000, one that has ended with 4005', async () => {
  const { url } = await start()
  const expired = await tokenFor('alice', { expiresInMs: -60_000 })
  const bad = ['nonsense', await tokenFor('alice', { secret: 'another-secret-0123456789' }), await tokenFor('echo'), '']
  for (const token of bad)
    for (const path of ['/api/ws', '/ws']) {
      const socket = await Socket.open(`${url}${path}?token=${token}`)
      expect(await socket.closed).toMatchObject({ code: 4000, reason: expect.stringContaining('auth.invalid') })
    }
  const late = await Socket.open(`${url}/api/ws?token=${expired}`, ['parley.v1'])
  expect(await late.next('problem')).toMatchObject({ problem: { code: 'auth.expired' } })
  expect(await late.closed).toMatchObject({ code: 4005 })
})

test('[C3] who does not say who they are is closed with 4000, at once where they say anything else', async () => {
  const { url } = await start({ limits: { greetingMs: 200 } })
  const silent = await Socket.open(`${url}/api/ws`, ['parley.v1'])
  const hasty = await Socket.open(`${url}/api/ws`, ['parley.v1'])
  const muddled = await Socket.open(`${url}/api/ws`)
  hasty.send({ type: 'ping', ref: '1' })
  muddled.send('{')
  for (const socket of [silent, hasty, muddled])
    expect(await socket.closed).toMatchObject({ code: 4000, reason: expect.stringContaining('auth.missing') })
})

test('[C3] what is sent in the same breath as the handshake is not lost', async () => {
  const { url } = await start()
  const token = await tokenFor('alice')
  const socket = await Socket.open(`${url}/api/ws?token=${token}`, ['parley.v1'])
  socket.send({ type: 'join', ref: '1', room: 'lobby' })
  socket.send({ type: 'post', ref: '2', room: 'lobby', id: 'm1', parts: 'hello' })
  await socket.next('reply', ({ ref }) => ref === '2')
  const [first] = socket.inbox
  expect(first?.type).toBe('welcome')
})

test('[C4] a page of another origin gets 403 before the upgrade, one of the server’s own does not', async () => {
  const { url } = await start()
  const token = await tokenFor('alice')
  for (const path of ['/api/ws', '/ws'])
    for (const origin of ['https://evil.example', 'null', `${url}0`, url.replace('127.0.0.1', 'localhost')]) {
      const { status, body } = await refused(`${url}${path}?token=${token}`, { headers: { origin } })
      expect(status).toBe(403)
      expect(JSON.parse(body)).toMatchObject({ code: 'access.denied' })
      expect(body).not.toContain(token)
    }
  const own = await Socket.open(`${url}/api/ws?token=${token}`, ['parley.v1'], { headers: { origin: url } })
  expect(await own.next('welcome')).toHaveProperty('actor')
})

test('[C4] with a list of origins exactly those may connect', async () => {
  const { url } = await start({ origins: ['https://app.example'] })
  const token = await tokenFor('alice')
  const listed = await Socket.open(`${url}/api/ws?token=${token}`, ['parley.v1'], {
    headers: { origin: 'https://app.example' },
  })
  expect(await listed.next('welcome')).toHaveProperty('actor')
  expect(
    await refused(`${url}/api/ws?token=${token}`, { headers: { origin: 'https://app.example.evil' } }),
  ).toMatchObject({
    status: 403,
  })
})

test('[C5] the server pings below the protocol, and cuts who leaves two pings unanswered', async () => {
  const { url } = await start({ heartbeatMs: 300 })
  const token = await tokenFor('alice')
  const lively = await Socket.open(`${url}/api/ws?token=${token}`, ['parley.v1'])
  const dead = await Socket.open(`${url}/api/ws?token=${token}`, ['parley.v1'], { autoPong: false })
  expect(await lively.next('welcome')).toMatchObject({ heartbeatMs: 300 })
  expect(await dead.closed).toMatchObject({ code: 1006 })
  expect(await lively.ask({ type: 'ping', ref: '1' })).toMatchObject({
    answer: { type: 'ping', now: expect.any(Number) },
  })
})

test('[C6] a ticket is good once', async () => {
  const { url } = await start()
  const ticket = await ticketFor(url, await tokenFor('alice'))
  const first = await Socket.open(`${url}/api/ws?ticket=${ticket}`, ['parley.v1'])
  expect(await first.next('welcome')).toHaveProperty('actor')
  const second = await Socket.open(`${url}/api/ws?ticket=${ticket}`, ['parley.v1'])
  expect(await second.closed).toMatchObject({ code: 4000, reason: expect.stringContaining('auth.invalid') })
})

test('[C6] a ticket is good only from the same origin, and only for a good token', async () => {
  const { url } = await start({ origins: ['https://a.example', 'https://b.example'] })
  const from = (origin: string) => ({ headers: { origin } })
  const ticket = await ticketFor(url, await tokenFor('alice'), { origin: 'https://a.example' })
  const other = await Socket.open(`${url}/api/ws?ticket=${ticket}`, ['parley.v1'], from('https://b.example'))
  expect(await other.closed).toMatchObject({ code: 4000 })
  const again = await ticketFor(url, await tokenFor('alice'), { origin: 'https://a.example' })
  const same = await Socket.open(`${url}/api/ws?ticket=${again}`, ['parley.v1'], from('https://a.example'))
  expect(await same.next('welcome')).toHaveProperty('actor')
  for (const [authorization, code] of [
    ['Bearer nonsense', 'auth.invalid'],
    ['', 'auth.missing'],
  ] as const) {
    const response = await fetch(`${url}/api/ticket`, { method: 'POST', headers: { authorization } })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toMatchObject({ code })
  }
})

test('[C7] a token is renewed in band, and nothing is interrupted', async () => {
  const { url } = await start()
  // It ends within a minute, so the server says so at once.
  const socket = await Socket.native(url, 'alice', { expiresInMs: 50_000 })
  await socket.ask({ type: 'join', ref: '1', room: 'lobby' })
  expect(await socket.next('token.expiring')).toHaveProperty('expiresAt')
  const renewed = await socket.ask({ type: 'authenticate', ref: '2', token: await tokenFor('alice') })
  expect(renewed).toMatchObject({ answer: { type: 'authenticate', actor: { id: 'alice' } } })
  const other = await socket.ask({ type: 'authenticate', ref: '3', token: await tokenFor('bob') })
  expect(other).toMatchObject({ problem: { code: 'access.denied' } })
  expect(await socket.ask({ type: 'post', ref: '4', room: 'lobby', id: 'm1', parts: 'still here' })).toHaveProperty(
    'answer',
  )
})

test('[C8] a connection is closed with 4005 when its token ends', async () => {
  const { url } = await start()
  // Within the grace for clocks that differ, it is still good enough to connect with.
  const socket = await Socket.native(url, 'alice', { expiresInMs: -2_000 })
  expect(await socket.next('problem')).toMatchObject({ problem: { code: 'auth.expired' } })
  expect(await socket.closed).toMatchObject({ code: 4005 })
})

test('half a handshake, or none, takes nothing from anybody', async () => {
  const { url } = await start()
  const alice = await Socket.native(url, 'alice')
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  const base = { connection: 'Upgrade', upgrade: 'websocket' }
  for (const headers of [
    { ...base, 'sec-websocket-key': 'short', 'sec-websocket-version': '13' },
    { ...base, 'sec-websocket-key': key, 'sec-websocket-version': '7' },
    { ...base, 'sec-websocket-version': '13' },
  ]) {
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${url}/api/ws`, { headers })
      asked.once('response', (response) => resolve(response.resume().statusCode))
      asked.once('upgrade', () => reject(new Error('upgraded')))
      asked.once('error', reject)
      asked.end()
    })
    expect([400, 405, 426]).toContain(status)
  }
  expect(await alice.ask({ type: 'ping', ref: '1' })).toHaveProperty('answer')
})
