import { expect, test } from 'vitest'
import { bob } from './server.ts'
import { shown, world } from './world.ts'

test.each([
  ['nonsense', 'hello?'],
  ['half a frame', '{"type":"page"'],
  ['a page of the wrong shape', '{"type":"page","page":{"room":"lobby"}}'],
  ['a list a hundred thousand deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['a prototype', '{"__proto__":{"type":"page"}}'],
])('%s ends the connection with one clear problem, and the next attempt waits', async (_, text) => {
  const { time, server, client } = world()
  const room = client.room('lobby')
  server.post('lobby', bob, 'one')
  room.subscribe(() => {})
  await time.pass()
  server.wire.say(text)
  await time.pass(1)
  expect(client.state).toMatchObject({
    status: 'reconnecting',
    attempt: 1,
    retryAt: time.now() + 500,
    problem: { code: 'message.invalid' },
  })
  expect(server.wire.closedWith).toEqual({ code: 4002, reason: 'message.invalid' })
  server.post('lobby', bob, 'two')
  await time.pass(600)
  expect(client.state.problem).toBeUndefined()
  expect(shown(room.timeline)).toEqual(['one', 'two'])
})

test('a server that always talks nonsense is tried ever more slowly', async () => {
  const { time, server } = world()
  for (let second = 0; second < 120; second += 1) {
    if (!server.wire.over) server.wire.say('nonsense')
    await time.pass(1_000)
  }
  expect(server.wires.length).toBeGreaterThan(5)
  expect(server.wires.length).toBeLessThan(20)
})

test('words of a later version are passed over and counted', async () => {
  const { time, server, client } = world()
  await time.pass()
  server.wire.say({ type: 'constructor' })
  server.wire.say({ type: 'typing', room: 'lobby' })
  server.wire.say({ type: 'reply', ref: 'nobody asked', answer: { type: 'ping', now: 1 } })
  await time.pass()
  expect(client.status).toBe('connected')
  expect(client.diagnostics).toMatchObject({ ignoredFrames: 3, framesIn: 4 })
})

test('a second welcome is none', async () => {
  const { time, server, client } = world()
  await time.pass()
  const before = client.state
  server.actor = bob
  server.welcome()
  await time.pass()
  expect(client.state).toBe(before)
})

test('nothing counts before the welcome', async () => {
  const { time, server, client } = world({ lazy: true })
  server.welcomes = false
  const room = client.room('lobby')
  room.subscribe(() => {})
  await time.pass()
  server.wire.say({ type: 'page', page: { ...server.page('lobby', 0), reset: 'start' } })
  server.wire.say({ type: 'token.expiring', expiresAt: 1 })
  await time.pass()
  expect(client.diagnostics.ignoredFrames).toBe(2)
  expect(room.timeline.position).toBeUndefined()
})

test('an answer to another question than was asked ends the connection', async () => {
  const { time, server, client } = world()
  await time.pass()
  server.decide = () => 'silence'
  client.rooms()
  server.wire.say({ type: 'reply', ref: '1', answer: { type: 'ping', now: 1 } })
  await time.pass(1)
  expect(client.state).toMatchObject({ status: 'reconnecting', problem: { code: 'message.invalid' } })
})

test('a command that could not be read is refused by its mark', async () => {
  const { time, server, client } = world()
  await time.pass()
  server.decide = () => 'silence'
  const listing = client.rooms()
  server.wire.say({ type: 'problem', ref: '1', problem: { code: 'message.invalid', message: 'what?' } })
  await Promise.all([expect(listing).rejects.toThrow('what?'), time.pass()])
  expect(client.status).toBe('connected')
})

test('a server that answers pings but not a post is not waited for for ever', async () => {
  const { time, server, client } = world()
  await time.pass()
  server.decide = (command) => (command.type === 'post' ? 'silence' : undefined)
  const posted = client.room('lobby').post('hello')
  await time.pass(60_000)
  server.decide = () => undefined
  await time.pass(60_000)
  await posted
  expect(server.wires).toHaveLength(2)
  expect(server.texts('lobby')).toEqual(['hello'])
})

test('a pause without end is not believed', async () => {
  const { time, server, client } = world()
  await time.pass()
  server.wire.say({ type: 'leaving', retryAfterMs: 1e15 })
  server.wire.end(1012)
  await time.pass(310_000)
  expect(client.status).toBe('connected')
})
