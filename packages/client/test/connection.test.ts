import { problem, problems, Refusal } from '@parley/protocol'
import { expect, test, vi } from 'vitest'
import { connect } from '../src/index.ts'
import { alice } from './server.ts'
import { world } from './world.ts'

const expired = problem('auth.expired', 'the token has expired')

test('a client says which protocol it speaks, and who it is', async () => {
  const { time, server, client } = world({ token: 'a.b-c_d' })
  expect(client.status).toBe('connecting')
  await time.pass()
  expect(client.state).toEqual({ status: 'connected', attempt: 0, actor: alice })
  expect(server.wire.protocols).toEqual(['parley.v1', 'bearer.a.b-c_d'])
})

test('an address may be written as people write it', () => {
  const dialled: string[] = []
  const dial = (url: string) => {
    dialled.push(url)
    return { send: () => {}, close: () => {} }
  }
  for (const url of ['ws://a.test/x', 'wss://a.test/x', 'http://a.test/x', 'https://a.test/x?y=1'])
    connect(url, { dial })
  expect(dialled).toEqual(['ws://a.test/x', 'wss://a.test/x', 'ws://a.test/x', 'wss://a.test/x?y=1'])
  expect(() => connect('ftp://a.test', { dial })).toThrow(TypeError)
  expect(() => connect('nonsense', { dial })).toThrow(TypeError)
})

test('a lazy client dials when it is first needed', async () => {
  const { time, server, client } = world({ lazy: true })
  await time.pass()
  expect(client.status).toBe('idle')
  expect(server.wires).toHaveLength(0)
  client.room('lobby').subscribe(() => {})
  expect(client.status).toBe('connecting')
})

test('a lost connection is made again, later after each failure', async () => {
  const { time, server, client } = world()
  await time.pass()
  server.up = false
  server.wire.end()
  await time.pass(1)
  expect(client.state).toMatchObject({ status: 'reconnecting', attempt: 1, retryAt: time.now() + 500 })
  await time.pass(501)
  expect(client.state).toMatchObject({ attempt: 2, retryAt: time.now() + 750 })
  server.up = true
  await time.pass(760)
  expect(client.state).toEqual({ status: 'connected', attempt: 0, actor: alice })
  expect(server.wires).toHaveLength(3)
})

test('a connection that flaps is made ever more slowly, until one has lasted', async () => {
  const { time, server, client } = world()
  for (const wait of [500, 750, 1_125]) {
    await time.pass()
    server.wire.end()
    await time.pass(1)
    expect(client.state.retryAt).toBe(time.now() + wait)
    await time.pass(wait)
  }
  await time.pass(10_000)
  server.wire.end()
  await time.pass(1)
  expect(client.state).toMatchObject({ attempt: 1, retryAt: time.now() + 500 })
})

test('a server that leaves says when to come back', async () => {
  const { time, server, client } = world()
  await time.pass()
  server.wire.say({ type: 'leaving', retryAfterMs: 7_000 })
  server.wire.end(1012, 'restarting')
  await time.pass(1)
  expect(client.state).toMatchObject({
    status: 'reconnecting',
    retryAt: time.now() + 7_500,
    problem: { code: 'server.leaving', message: 'restarting' },
  })
})

test('why the server closes is what it said before', async () => {
  const { time, server, client } = world()
  await time.pass()
  const why = problem('rate.exceeded', 'too fast', { retryAfterMs: 3_000 })
  server.wire.say({ type: 'problem', problem: why })
  server.wire.end(problems['rate.exceeded'].number, 'rate.exceeded: too fast')
  await time.pass(1)
  expect(client.state).toMatchObject({ problem: why, retryAt: time.now() + 3_500 })
})

test.each([
  ['access.denied', problems['access.denied'].number],
  ['message.invalid', 1002],
  ['message.large', 1009],
] as const)('after a close for %s it does not come back by itself', async (code, number) => {
  const { time, server, client } = world()
  await time.pass()
  server.wire.end(number, '')
  await time.pass(100_000)
  expect(client.state).toMatchObject({ status: 'closed', problem: { code } })
  expect(server.wires).toHaveLength(1)
  expect(time.timers).toBe(0)
  client.reconnect()
  await time.pass()
  expect(client.status).toBe('connected')
})

test('whoever pulls the plug in is not kept waiting', async () => {
  const { time, server, client } = world()
  server.up = false
  await time.pass(5_000)
  server.up = true
  client.reconnect()
  await time.pass()
  expect(client.status).toBe('connected')
})

test('a socket that never opens is given up', async () => {
  const { time, client, server } = world({ dial: () => ({ send: () => {}, close: () => {} }) })
  await time.pass(10_000)
  expect(client.state).toMatchObject({ status: 'reconnecting', attempt: 1 })
  expect(server.wires).toHaveLength(0)
})

test('a server that never says its welcome is given up', async () => {
  const { time, client, server } = world({ lazy: true })
  server.welcomes = false
  client.reconnect()
  await time.pass(10_010)
  expect(client.state).toMatchObject({ attempt: 1, problem: { code: 'server.failed' } })
})

test('a line on which nobody answers any more is replaced, and the reason told', async () => {
  const { time, server, client } = world()
  await time.pass()
  const dead = server.wire
  dead.dead = true
  const told: (string | undefined)[] = []
  client.subscribe((state) => told.push(state.problem?.code))
  await time.pass(60_000)
  expect(told).toContain('heartbeat.lost')
  expect(dead.closedWith).toEqual({ code: problems['heartbeat.lost'].number, reason: 'heartbeat.lost' })
  expect(client.status).toBe('connected')
  expect(server.wires).toHaveLength(2)
})

test('the client knows how far away the server is', async () => {
  const { time, client } = world()
  await time.pass(26_000)
  expect(client.state.roundTripMs).toBe(1)
  expect(client.diagnostics.roundTripMs).toBe(1)
})

test('each attempt has a fresh token', async () => {
  let tokens = 0
  const { time, server, client } = world({ token: async () => `t${++tokens}` })
  await time.pass()
  server.wire.end()
  await time.pass(600)
  expect(server.wires.map((wire) => wire.protocols[1])).toEqual(['bearer.t1', 'bearer.t2'])
  expect(client.status).toBe('connected')
})

test('a token that cannot be fetched is asked for again', async () => {
  const token = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('no network')).mockResolvedValue('t')
  const { time, client } = world({ token })
  await time.pass(1)
  expect(client.state).toMatchObject({
    status: 'reconnecting',
    problem: { code: 'auth.missing', details: { cause: 'no network' } },
  })
  await time.pass(600)
  expect(client.status).toBe('connected')
})

test('a user who is logged out stays out', async () => {
  const token = () => {
    throw new Refusal('access.denied', 'log in first')
  }
  const { time, client } = world({ token })
  await time.pass(100_000)
  expect(client.state).toMatchObject({ status: 'closed', problem: { message: 'log in first' } })
})

test('a token that is no token is not sent', async () => {
  const { time, server, client } = world({ token: 'secret, or not' })
  await time.pass()
  expect(client.state).toMatchObject({ status: 'closed', problem: { code: 'auth.invalid' } })
  expect(JSON.stringify(client.state)).not.toContain('secret')
  expect(server.wires).toHaveLength(0)
})

test('a token that expires is renewed without a new connection', async () => {
  let tokens = 0
  const { time, server } = world({ token: () => `t${++tokens}` })
  await time.pass()
  server.wire.say({ type: 'token.expiring', expiresAt: time.now() + 60_000 })
  await time.pass()
  expect(server.heard('authenticate')).toEqual([{ type: 'authenticate', token: 't2' }])
  expect(server.wires).toHaveLength(1)
})

test('a refused token is replaced once; when the new one is refused too, that is the end', async () => {
  const { time, server, client } = world({ token: () => 't' })
  server.welcomes = false
  await time.pass()
  server.wire.end(4005, 'expired')
  await time.pass(600)
  expect(server.wires).toHaveLength(2)
  server.wire.end(4005, 'expired')
  await time.pass(100_000)
  expect(client.state).toMatchObject({ status: 'closed', problem: { code: 'auth.expired' } })
  expect(server.wires).toHaveLength(2)
})

test('a token that was given once and has ended is the end', async () => {
  const { time, server, client } = world({ token: 't' })
  await time.pass()
  server.wire.end(4005, 'expired')
  await time.pass(100_000)
  expect(client.state).toMatchObject({ status: 'closed', problem: { code: 'auth.expired', message: 'expired' } })
})

test('a renewed token that is refused ends the connection, and the next one asks for another', async () => {
  let tokens = 0
  const { time, server, client } = world({ token: () => `t${++tokens}` })
  server.decide = (command) => (command.type === 'authenticate' ? expired : undefined)
  await time.pass()
  server.wire.say({ type: 'token.expiring', expiresAt: time.now() + 60_000 })
  await time.pass(600)
  expect(server.wires.map((wire) => wire.protocols[1])).toEqual(['bearer.t1', 'bearer.t3'])
  expect(client.status).toBe('connected')
})

test('closing says goodbye and leaves nothing running', async () => {
  const { time, server, client } = world()
  client.room('lobby').subscribe(() => {})
  await time.pass()
  const closing = client.close()
  await time.pass()
  await closing
  expect(server.wire.closedWith).toEqual({ code: 1000, reason: '' })
  expect(client.state).toEqual({ status: 'closed', attempt: 0, actor: alice })
  expect(time.timers).toBe(0)
})

test('closing does not wait for ever for a server that is gone', async () => {
  const { time, server, client } = world()
  await time.pass()
  server.wire.dead = true
  const closing = client.close()
  await time.pass(2_000)
  await closing
  expect(time.timers).toBe(0)
})

test('closing ends every wait', async () => {
  const { time, server, client } = world({ token: () => 't' })
  server.up = false
  await time.pass(100)
  expect(client.status).toBe('reconnecting')
  await client.close()
  expect(time.timers).toBe(0)
})

test('a token that arrives after the client was closed opens nothing', async () => {
  const late = Promise.withResolvers<string>()
  const { time, server, client } = world({ token: () => late.promise })
  await client.close()
  late.resolve('t')
  await time.pass()
  expect(server.wires).toHaveLength(0)
})

test('what a watcher throws is its own affair', async () => {
  const uncaught = vi.spyOn(globalThis, 'queueMicrotask').mockReturnValue()
  const { time, client } = world()
  const heard = vi.fn()
  client.subscribe(() => {
    throw new Error('a bug in the application')
  })
  client.subscribe(heard)
  await time.pass()
  expect(heard).toHaveBeenCalled()
  const [surface] = uncaught.mock.lastCall ?? []
  uncaught.mockRestore()
  expect(surface).toThrow('a bug in the application')
  expect(client.status).toBe('connected')
})

test('rooms can be listed, however long the connection takes', async () => {
  const { time, server, client } = world()
  server.post('lobby', alice, 'hello')
  server.up = false
  const listing = client.rooms()
  await time.pass(100)
  server.up = true
  await time.pass(3_000)
  expect(await listing).toMatchObject([{ room: 'lobby', head: 1 }])
})

test('a question that is refused says why', async () => {
  const { time, server, client } = world()
  server.decide = (command) => (command.type === 'rooms' ? problem('rate.exceeded', 'slowly') : undefined)
  const listing = client.rooms()
  await Promise.all([expect(listing).rejects.toBeInstanceOf(Refusal), time.pass()])
})

test('a question to a closed client is not left hanging', async () => {
  const { time, client } = world()
  const before = client.rooms()
  await Promise.all([expect(before).rejects.toThrow('closed'), client.close(), time.pass()])
  await expect(client.rooms()).rejects.toThrow('closed')
})
