import { Refusal, textOf } from '@parley/protocol'
import { generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { tokenAccess } from '../../src/adapters/token-access.ts'
import type { Thought } from '../../src/seams/agent.ts'
import type { Broker } from '../../src/seams/broker.ts'
import type { Log } from '../../src/seams/log.ts'
import { Puppet } from './puppet.ts'
import { gate, lobby, room, session, stage } from './stage.ts'

const another = room('session:7d0c8a52-93d1-4d0e-8f0b-6c0f4a1b2c3d')

test('[S2, V3] the same id in two rooms is two messages, and each has an answer of its own', async () => {
  const puppet = new Puppet()
  const { connect, clock } = await stage({ agents: [{ agent: puppet }] })
  const alice = await connect('alice')
  for (const where of [session, another]) await alice.join(where)
  await alice.post('m1', 'first', session)
  await alice.post('m1', 'second', another)
  expect(puppet.turns.map(({ turn }) => textOf(turn.message.parts))).toEqual(['first', 'second'])
  expect(alice.run(session)).not.toBe(alice.run(another))
  await alice.ask({ type: 'cancel', room: another, run: alice.run(another) })
  await clock.pass(100)
  expect([...alice.picture(session).runs.values()]).toMatchObject([{ state: 'running' }])
  expect([...alice.picture(another).runs.values()]).toMatchObject([{ state: 'cancelled' }])
})

test('[R8] who cancels an answer that waits for its turn does not let the next one begin before its own', async () => {
  const puppet = new Puppet()
  const { connect, clock } = await stage({ agents: [{ agent: puppet }] })
  const alice = await connect('alice')
  await alice.join(session)
  for (const id of ['m1', 'm2', 'm3']) await alice.post(id, id, session)
  const [, second = ''] = alice.picture(session).runs.keys()
  await alice.ask({ type: 'cancel', room: session, run: second })
  await clock.pass(100)
  expect(puppet.turns).toHaveLength(1)
  puppet.on.end()
  await clock.pass(100)
  expect(puppet.turns.map(({ turn }) => turn.message.id)).toEqual(['m1', 'm3'])
})

test('[J6] who was slow for longer than a room is kept open hears it all the same', async () => {
  const { connect, clock, engine } = await stage({ limits: { softBytes: 1_000, stuckMs: 1_000_000 } })
  const alice = await connect('alice')
  const slow = await connect('carol')
  await slow.join()
  slow.buffered = 2_000
  await alice.post('m1', 'one')
  await clock.pass(120_000)
  expect(engine.counts.rooms).toBe(1)
  slow.drain()
  await clock.settle()
  await alice.post('m2', 'two')
  await alice.post('m3', 'three')
  expect(slow.texts()).toEqual(['one', 'two', 'three'])
})

test('[L2] a connection that ends while it is being told of a room leaves nobody behind in it', async () => {
  const { connect, clock, engine } = await stage({ limits: { softBytes: 1_000, hardBytes: 3_000, stuckMs: 1_000_000 } })
  const alice = await connect('alice')
  const slow = await connect('carol')
  await alice.join()
  await slow.join()
  slow.buffered = 2_000
  await alice.post('m1', 'x'.repeat(5_000))
  slow.drain()
  slow.stuck = true
  await clock.settle()
  for (let index = 0; index < 4; index += 1) slow.say({ type: 'ping', ref: 'x'.repeat(100) })
  await clock.settle()
  slow.vanish()
  await clock.pass(10_000)
  const { answer } = await alice.join()
  expect(answer).toMatchObject({ members: [{ id: 'alice' }] })
  await alice.ask({ type: 'leave', room: lobby })
  await clock.pass(120_000)
  expect(engine.counts.rooms).toBe(0)
})

test('[R1] a message that failed and was sent again meanwhile is answered', async () => {
  const puppet = new Puppet()
  const { passed, open } = gate()
  let appends = 0
  const through = (log: Log): Log => ({
    ...log,
    async append(where, drafts, expect) {
      appends += 1
      if (appends > 1) return log.append(where, drafts, expect)
      await passed
      throw new Refusal('storage.unavailable', 'the disk is full')
    },
  })
  const { connect, clock } = await stage({ agents: [{ agent: puppet }], through })
  const alice = await connect('alice')
  const laptop = await connect('alice')
  await alice.join(session)
  await laptop.join(session)
  const post = { type: 'post', room: session, id: 'm1', parts: 'hello' }
  alice.say({ ref: 'one', ...post })
  laptop.say({ ref: 'two', ...post })
  await clock.settle()
  open()
  await clock.pass(10_000)
  expect(alice.of('reply').at(-1)).toMatchObject({ ref: 'one', problem: { code: 'storage.unavailable' } })
  expect(laptop.of('reply').at(-1)).toMatchObject({ ref: 'two', answer: { repeated: false } })
  expect(puppet.turns).toHaveLength(1)
  puppet.on.end()
  await clock.pass(100)
  expect([...alice.picture(session).runs.values()]).toMatchObject([{ state: 'completed' }])
})

test('[L3] a server whose store fails leaves all the same', async () => {
  const puppet = new Puppet()
  let broken = false
  const through = (log: Log): Log => ({
    ...log,
    append: (...append) =>
      broken ? Promise.reject(new Refusal('storage.unavailable', 'the disk is full')) : log.append(...append),
  })
  const { connect, clock, engine } = await stage({ agents: [{ agent: puppet }], through })
  const alice = await connect('alice')
  await alice.join(session)
  await alice.post('m1', 'hello', session)
  broken = true
  let left = false
  engine.drain(1_000).then(() => (left = true))
  await clock.pass(10_000)
  expect(left).toBe(true)
  expect(alice.ended).toMatchObject({ code: 1012 })
})

test('[L2] a message that is larger than what may wait reaches a connection for which nothing waits', async () => {
  const { connect, clock } = await stage({ limits: { softBytes: 1_000, hardBytes: 5_000 } })
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join()
  await bob.join()
  bob.stuck = true
  await alice.post('m1', 'x'.repeat(9_000))
  await clock.settle()
  expect(bob.ended).toBeUndefined()
  await alice.post('m2', 'y')
  bob.drain()
  await clock.settle()
  expect(bob.texts().map((text) => text.length)).toEqual([9_000, 1])
})

test('[J6] a burst of large messages closes nobody who reads', async () => {
  const { connect, clock } = await stage()
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join()
  await bob.join()
  bob.stuck = true
  for (let index = 0; index < 20; index += 1)
    alice.say({ type: 'post', ref: `${index}`, room: lobby, id: `m${index}`, parts: 'x'.repeat(200_000) })
  await clock.settle()
  for (let round = 0; round < 30; round += 1) {
    bob.buffered = 0
    bob.drain()
    bob.stuck = true
    await clock.settle()
  }
  expect(bob.ended).toBeUndefined()
  expect(bob.texts()).toHaveLength(20)
})

test('[J2] between the answer to a join and its first page nothing is lost, also without history', async () => {
  const { passed, open } = gate()
  let slow = false
  const through = (log: Log): Log => {
    const late =
      <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        if (slow) await passed
        return call(...args)
      }
    return { ...log, read: late(log.read), older: late(log.older) }
  }
  const { connect, clock } = await stage({ through })
  const alice = await connect('alice')
  const bob = await connect('bob', { dialect: 'envelope' })
  await alice.join()
  slow = true
  bob.say({ type: 'joinRoom', payload: { roomId: lobby } })
  await clock.settle()
  expect(bob.of('roomJoined')).toHaveLength(1)
  alice.say({ type: 'post', ref: 'p', room: lobby, id: 'm1', parts: 'hello' })
  await clock.settle()
  open()
  await clock.settle()
  expect(bob.of('message').map(({ payload }) => payload?.content)).toEqual(['hello'])
})

test('[J3] who comes back in the midst of a burst hears all of it', async () => {
  const { connect, clock } = await stage({ limits: { softBytes: 1_000 } })
  const alice = await connect('alice')
  const slow = await connect('carol')
  await slow.join()
  const posts = (from: number, to: number): void => {
    for (let index = from; index < to; index += 1)
      alice.say({ type: 'post', ref: `${index}`, room: lobby, id: `m${index}`, parts: `${index}` })
  }
  posts(0, 10)
  await clock.settle()
  slow.buffered = 2_000
  posts(10, 400)
  await clock.settle()
  posts(400, 800)
  // All of it is in the log and known; nothing of it was told yet.
  await new Promise((resolve) => setImmediate(resolve))
  slow.drain()
  await clock.settle()
  expect(slow.texts()).toEqual(Array.from({ length: 800 }, (_, index) => `${index}`))
})

test('[J2] who joins where no rumour told of the news does not keep asking the log', async () => {
  const here = await stage()
  const alice = await here.connect('alice')
  await alice.join()
  let reads = 0
  const counting = (log: Log): Log => ({
    ...log,
    read: (...read) => {
      reads += 1
      return log.read(...read)
    },
  })
  const deaf: Broker = { announce: () => undefined, listen: () => () => undefined, close: async () => undefined }
  const there = await stage({ node: 'n2', beside: { ...here, broker: () => deaf }, through: counting })
  const bob = await there.connect('bob')
  await bob.join()
  for (let index = 0; index < 300; index += 1) await alice.post(`m${index}`, `${index}`)
  const carol = await there.connect('carol')
  reads = 0
  await carol.join(lobby, { history: 5 })
  await here.clock.settle()
  expect(reads).toBeLessThan(20)
  expect(carol.texts()).toHaveLength(300)
  expect(bob.texts()).toHaveLength(300)
})

test('a room that could not read its log asks no more once it is closed, and never more than once at a time', async () => {
  const here = await stage()
  const alice = await here.connect('alice')
  await alice.join()
  let reads = 0
  let broken = false
  const failing = (log: Log): Log => ({
    ...log,
    read: (...read) => {
      reads += 1
      return broken ? Promise.reject(new Error('the disk is broken')) : log.read(...read)
    },
  })
  const there = await stage({ node: 'n2', beside: here, through: failing })
  const bob = await there.connect('bob')
  await bob.join()
  broken = true
  const lost = { by: { id: 'alice', kind: 'user' }, fact: { type: 'message.posted', parts: [] } } as const
  for (let index = 0; index < 100; index += 1) {
    await here.log.append(lobby, [{ ...lost, id: `lost-${index}` }])
    await alice.post(`m${index}`, `${index}`)
  }
  reads = 0
  await here.clock.pass(10_000)
  expect(reads).toBeLessThan(20)
  await there.engine.stop()
  reads = 0
  await here.clock.pass(10_000)
  expect(reads).toBe(0)
})

test('[E4] the pieces are the text also where much came between them while a connection was slow', async () => {
  const puppet = new Puppet()
  const { connect, clock } = await stage({ agents: [{ agent: puppet }], limits: { softBytes: 1_000, stuckMs: 1e6 } })
  const alice = await connect('alice')
  const slow = await connect('bob', { dialect: 'envelope' })
  await alice.join()
  slow.say({ type: 'joinRoom', payload: { roomId: lobby } })
  await clock.settle()
  slow.buffered = 2_000
  for (let index = 0; index < 600; index += 1)
    alice.say({ type: 'post', ref: `${index}`, room: lobby, id: `chat-${index}`, parts: 'chat' })
  await alice.post('m1', '@puppet go')
  const say = async (piece: Thought): Promise<void> => {
    puppet.on.say(piece)
    await clock.pass(30)
  }
  for (let index = 0; index < 5; index += 1) await say(`one-${index} `)
  await alice.post('m2', 'x'.repeat(70_000))
  for (let index = 0; index < 5; index += 1) await say(`two-${index} `)
  puppet.on.end()
  await clock.pass(30)
  slow.drain()
  await clock.settle()
  const [end] = slow.of('streamEnd')
  const pieces = slow.of('streamChunk').map(({ payload }) => payload?.content)
  expect(pieces.join('')).toBe(end?.payload?.content)
})

test('[L1] who was too fast now and then, and slowed down each time, is not closed for it', async () => {
  const { connect, clock } = await stage({ limits: { connectionRate: 10 } })
  const alice = await connect('alice')
  for (let burst = 0; burst < 20; burst += 1) {
    for (let index = 0; index < 200; index += 1) alice.say({ type: 'ping', ref: `${index}` })
    await clock.pass(4_000)
  }
  expect(alice.ended).toBeUndefined()
  expect(await alice.ask({ type: 'ping' })).toMatchObject({ answer: { type: 'ping' } })
})

test('[R8] no more messages wait for an agent than the limit; the rest is refused and may be sent again', async () => {
  const puppet = new Puppet()
  const { connect, clock, engine } = await stage({ agents: [{ agent: puppet }], limits: { queue: 3 } })
  const alice = await connect('alice')
  for (const where of [session, another]) await alice.join(where)
  for (const id of ['m1', 'm2', 'm3']) await alice.post(id, id, session)
  expect(await alice.post('m4', 'm4', session)).toMatchObject({ problem: { code: 'limit.exceeded' } })
  expect(await alice.post('m1', 'm1', another)).toMatchObject({ answer: { repeated: false } })
  puppet.turns[0]?.end()
  await clock.pass(100)
  expect(await alice.post('m4', 'm4', session)).toMatchObject({ answer: { repeated: false } })
  for (let round = 0; round < 5; round += 1) {
    for (const turn of puppet.turns) turn.end()
    await clock.pass(100)
  }
  expect(engine.counts.runs).toBe(0)
  expect(await alice.post('m5', 'm5', session)).toMatchObject({ answer: { repeated: false } })
})

test('what decides about rights may break, also at once; only what was asked fails', async () => {
  const { connect, journal } = await stage({
    access: {
      permit: (_, action) => {
        if (action === 'write') throw new Error('the rights are broken')
        return true
      },
    },
  })
  const alice = await connect('alice')
  await alice.join()
  expect(await alice.post('m1', 'hello')).toMatchObject({ problem: { code: 'server.failed' } })
  expect(await alice.ask({ type: 'ping' })).toMatchObject({ answer: { type: 'ping' } })
  expect(journal).toMatchObject([{ level: 'error', what: 'post failed' }])
})

test('[L1] what waits for answers is bounded in its length, too', async () => {
  const { passed, open } = gate()
  const through = (log: Log): Log => ({
    ...log,
    async append(...append) {
      await passed
      return log.append(...append)
    },
  })
  const { connect, clock } = await stage({ limits: { waitingLength: 100_000 }, through })
  const alice = await connect('alice')
  await alice.join()
  for (let index = 0; index < 20; index += 1)
    alice.say({ type: 'post', ref: `${index}`, room: lobby, id: `m${index}`, parts: 'x'.repeat(10_000) })
  await clock.settle()
  expect(alice.of('reply').filter(({ problem }) => problem?.code === 'limit.exceeded')).toHaveLength(11)
  open()
  await clock.settle()
  expect(alice.texts()).toHaveLength(9)
  expect(await alice.post('m20', 'x'.repeat(10_000))).toMatchObject({ answer: { repeated: false } })
})

test('[J1] of a crowd only some are named to who joins', async () => {
  const { connect, tokens } = await stage()
  for (let index = 0; index < 150; index += 1) {
    tokens.set(`t${index}`, { id: `user-${index}`, kind: 'user' })
    const peer = await connect(`t${index}`)
    await peer.join()
  }
  const alice = await connect('alice')
  const { answer } = await alice.join()
  const members = answer?.type === 'join' ? answer.members : []
  expect(members.length).toBeLessThan(110)
  expect(members).toContainEqual({ id: 'alice', kind: 'user' })
})

test('[A1] what is taken away while a room is being opened is taken away', async () => {
  const { passed, open } = gate()
  let allowed = true
  const through = (log: Log): Log => ({
    ...log,
    async open(...room) {
      await passed
      return log.open(...room)
    },
  })
  const { connect, clock, engine } = await stage({ access: { permit: () => allowed }, through })
  const alice = await connect('alice')
  alice.say({ type: 'join', ref: 'j', room: lobby })
  await clock.settle()
  allowed = false
  await engine.recheck()
  open()
  await clock.settle()
  expect(alice.of('reply')).toMatchObject([{ ref: 'j', problem: { code: 'access.denied' } }])
})

test('[C7] who renews while it is being asked what the old token allowed is judged by the new one', async () => {
  const { passed, open } = gate()
  const { connect, clock, engine, tokens } = await stage({
    access: {
      async permit({ grants }) {
        if (grants?.length === 0) await passed
        return grants === undefined || grants.length > 0
      },
    },
  })
  tokens.set('wide', { id: 'alice', kind: 'user' })
  tokens.set('narrow', { id: 'alice', kind: 'user', grants: [] })
  const alice = await connect('wide')
  await alice.join()
  await alice.ask({ type: 'authenticate', token: 'narrow' })
  await alice.ask({ type: 'authenticate', token: 'wide' })
  open()
  await engine.recheck()
  await clock.settle()
  expect(alice.of('removed')).toEqual([])
})

test('[C2] a token is not called bad because the keys of its issuer cannot be had', async () => {
  const { privateKey } = await generateKeyPair('ES256')
  const token = await new SignJWT({ sub: 'alice' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setExpirationTime('1h')
    .sign(privateKey)
  // Nobody listens at this port.
  const { identify } = tokenAccess({ jwksUrl: 'http://127.0.0.1:9/jwks', reserved: new Set() })
  await expect(identify('nonsense')).rejects.toMatchObject({ problem: { code: 'auth.invalid' } })
  await expect(identify(token)).rejects.toThrow('could not be checked')
})

test('[C2] who cannot be checked is asked to come again, and why is logged', async () => {
  const { connect, journal } = await stage({ access: { identify: () => Promise.reject(new Error('no keys')) } })
  const alice = await connect('alice')
  expect(alice.ended).toMatchObject({ code: 4013 })
  expect(journal).toMatchObject([{ level: 'error', what: 'a connection broke' }])
})

test('[J6] a busy room does not keep a slow connection from hearing a quiet one', async () => {
  const { connect, clock } = await stage({ limits: { softBytes: 1_000 } })
  const alice = await connect('alice')
  const slow = await connect('carol')
  const quiet = room('quiet')
  for (const where of [lobby, quiet]) {
    await alice.join(where)
    await slow.join(where)
  }
  slow.stuck = true
  slow.buffered = 2_000
  await alice.post('m', 'psst', quiet)
  for (let round = 0; round < 10; round += 1) {
    await alice.post(`m${round}`, 'x'.repeat(2_000))
    slow.buffered = 0
    await clock.pass(1_000)
  }
  expect(slow.texts(quiet)).toEqual(['psst'])
})

test('[J3] a room remembers no more than a little of what was large; the rest is read from the log', async () => {
  let reads = 0
  const through = (log: Log): Log => ({
    ...log,
    read: (...read) => {
      reads += 1
      return log.read(...read)
    },
  })
  const { connect } = await stage({ through })
  const alice = await connect('alice')
  await alice.join()
  for (let index = 0; index < 10; index += 1) await alice.post(`m${index}`, `${index}`.repeat(100_000))
  const { position } = alice.picture()
  const bob = await connect('bob')
  reads = 0
  await bob.join(lobby, { at: { epoch: position?.epoch, seq: 1 } })
  expect(reads).toBeGreaterThan(0)
  expect(bob.pages().flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
})
