import { Refusal } from '@parley/protocol'
import { expect, test } from 'vitest'
import type { Actor } from '../../src/seams/access.ts'
import { DAWN } from './hand-clock.ts'
import { gate, lobby, room, session, stage } from './stage.ts'

const post = { type: 'post', ref: 'p', room: 'lobby', id: 'm1', parts: 'hello' }

test('[C5] the first that a connection hears is its welcome', async () => {
  const { connect, tokens } = await stage()
  tokens.set('t', { id: 'alice', kind: 'user', name: 'Alice', expiresAt: DAWN + 90_000, grants: [] })
  const alice = await connect('t')
  expect(alice.heard).toEqual([
    {
      type: 'welcome',
      actor: { id: 'alice', kind: 'user', name: 'Alice' },
      node: 'n1',
      now: DAWN,
      heartbeatMs: 25_000,
      maxFrameBytes: 262_144,
      expiresAt: DAWN + 90_000,
    },
  ])
  expect(await alice.ask({ type: 'ping' })).toMatchObject({ answer: { type: 'ping', now: DAWN } })
})

test('[C1] a token may come in band, as the first message', async () => {
  const { connect } = await stage()
  const alice = await connect()
  expect(alice.heard).toEqual([])
  const reply = await alice.ask({ type: 'authenticate', token: 'alice' })
  expect(alice.heard.map(({ type }) => type)).toEqual(['welcome', 'reply'])
  expect(reply).toMatchObject({ answer: { type: 'authenticate', actor: { id: 'alice', kind: 'user' } } })
})

test('[C2] a token that is bad ends the connection with 4000, one that has ended with 4005', async () => {
  const expired = { identify: async () => Promise.reject(new Refusal('auth.expired', 'it has ended')) }
  const mallory = await (await stage()).connect('nonsense')
  const late = await (await stage({ access: expired })).connect('alice')
  expect(mallory.ended).toMatchObject({ code: 4000, reason: expect.stringContaining('auth.invalid') })
  expect(late.ended).toMatchObject({ code: 4005, reason: expect.stringContaining('auth.expired') })
})

test('[C2] a bad token in band is refused and ends the connection as well', async () => {
  const { connect, clock } = await stage()
  const mallory = await connect()
  mallory.say({ type: 'authenticate', ref: '1', token: 'nonsense' })
  await clock.settle()
  expect(mallory.ended).toMatchObject({ code: 4000 })
  expect(mallory.heard[0]).toMatchObject({ type: 'reply', ref: '1', problem: { code: 'auth.invalid' } })
})

test('[C3] who says nothing of who they are is closed with 4000 after five seconds, not before', async () => {
  const { connect, clock } = await stage()
  const silent = await connect()
  await clock.pass(4_000)
  expect(silent.ended).toBeUndefined()
  await clock.pass(2_000)
  expect(silent.ended).toMatchObject({ code: 4000, reason: expect.stringContaining('auth.missing') })
})

test('[C3] who says anything else before they say who they are is closed at once', async () => {
  const { connect, log } = await stage()
  const sayings = [
    { type: 'ping', ref: '1' },
    post,
    '{',
    { type: 'nonsense', ref: '1' },
    { type: 'authenticate', ref: '1' },
  ]
  for (const saying of sayings) {
    const stranger = await connect()
    stranger.say(saying)
    expect(stranger.ended).toMatchObject({ code: 4000, reason: expect.stringContaining('auth.missing') })
    // What comes afterwards is not heard.
    stranger.say({ type: 'authenticate', ref: '2', token: 'alice' })
    stranger.say(post)
  }
  expect(await log.info(lobby)).toBeUndefined()
})

test('[C3] what arrives while a token is checked is neither lost nor done before it is known who speaks', async () => {
  const { passed, open } = gate()
  const identify = async (id: string): Promise<Actor> => {
    await passed
    return { id, kind: 'user' }
  }
  const { connect, clock, log } = await stage({ access: { identify } })
  const alice = await connect('alice')
  alice.say({ type: 'join', ref: 'j', room: 'lobby' })
  alice.say(post)
  alice.say('{')
  await clock.pass(3_000)
  expect(alice.heard).toEqual([])
  expect(await log.info(lobby)).toBeUndefined()
  open()
  await clock.settle()
  const [first, ...more] = alice.heard.map(({ type, ref }) => ref ?? type)
  expect(first).toBe('welcome')
  expect(more.filter((one) => one !== 'page' && one !== 'signals')).toEqual(['j', 'problem', 'p'])
  expect(alice.texts()).toEqual(['hello'])
})

test('[C3] what arrived before a bad token was found out is never done', async () => {
  const { passed, open } = gate()
  const identify = async (): Promise<Actor> => {
    await passed
    throw new Refusal('auth.invalid', 'a bad token')
  }
  const { connect, clock, log } = await stage({ access: { identify } })
  const mallory = await connect('alice')
  mallory.say({ type: 'join', ref: 'j', room: 'lobby' })
  open()
  await clock.settle()
  expect(mallory.ended?.code).toBe(4000)
  expect(await log.info(lobby)).toBeUndefined()
})

test('[C3] who vanishes while their token is checked is not welcomed', async () => {
  const { passed, open } = gate()
  const identify = async (id: string): Promise<Actor> => {
    await passed
    return { id, kind: 'user' }
  }
  const { connect, clock, engine } = await stage({ access: { identify } })
  const alice = await connect('alice')
  alice.vanish()
  open()
  await clock.settle()
  expect(alice.heard).toEqual([])
  expect(engine.counts.connections).toBe(0)
})

test('[C7] a minute before a token ends its connection is told, once, and a new token interrupts nothing', async () => {
  const { connect, clock, tokens } = await stage()
  const until = (ms: number) => ({ id: 'alice', kind: 'user', expiresAt: DAWN + ms }) as const
  tokens.set('t1', until(100_000)).set('t2', until(1_000_000))
  const alice = await connect('t1')
  await alice.join()
  await clock.pass(38_000)
  expect(alice.of('token.expiring')).toEqual([])
  await clock.pass(5_000)
  expect(alice.of('token.expiring')).toEqual([{ type: 'token.expiring', expiresAt: DAWN + 100_000 }])
  const reply = await alice.ask({ type: 'authenticate', token: 't2' })
  expect(reply.answer).toMatchObject({ type: 'authenticate', expiresAt: DAWN + 1_000_000 })
  await clock.pass(100_000)
  await alice.post('m1', 'still here')
  expect(alice.texts()).toEqual(['still here'])
  expect(alice.of('token.expiring')).toHaveLength(1)
  expect(alice.of('welcome')).toHaveLength(1)
})

test('[C8] a connection whose token has ended is closed with 4005 within two seconds', async () => {
  const { connect, clock, tokens } = await stage()
  tokens.set('t', { id: 'alice', kind: 'user', expiresAt: DAWN + 10_500 })
  const alice = await connect('t')
  await clock.pass(10_400)
  expect(alice.ended).toBeUndefined()
  await clock.pass(2_000)
  expect(alice.ended).toMatchObject({ code: 4005, reason: expect.stringContaining('auth.expired') })
})

test('[C7] a token of another user is refused, and so is a bad one; the connection stays whose it was', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  expect(await alice.ask({ type: 'authenticate', token: 'bob' })).toMatchObject({ problem: { code: 'access.denied' } })
  expect(await alice.ask({ type: 'authenticate', token: '?' })).toMatchObject({ problem: { code: 'auth.invalid' } })
  await alice.join()
  await alice.post('m1', 'hello')
  expect(alice.picture().messages[0]?.by.id).toBe('alice')
})

test('[C7] a new token takes away only the rooms that it does not grant', async () => {
  const { connect, clock, tokens } = await stage()
  const grants = (...rooms: string[]) => rooms.map((name) => ({ room: name, can: ['read', 'write'] as const }))
  tokens.set('wide', { id: 'alice', kind: 'user', grants: grants('lobby', 'team-*') })
  tokens.set('narrow', { id: 'alice', kind: 'user', grants: grants('lobby') })
  const alice = await connect('wide')
  const bob = await connect('bob')
  for (const name of ['lobby', 'team-a']) {
    await alice.join(room(name))
    await bob.join(room(name))
  }
  await alice.ask({ type: 'authenticate', token: 'narrow' })
  await clock.settle()
  expect(alice.of('removed')).toEqual([
    { type: 'removed', room: 'team-a', problem: expect.objectContaining({ code: 'access.denied' }) },
  ])
  await bob.post('m1', 'secret', room('team-a'))
  await bob.post('m2', 'hello', lobby)
  expect(alice.texts(room('team-a'))).toEqual([])
  expect(alice.texts(lobby)).toEqual(['hello'])
})

test('[C7, A2] a new token that does not name another’s session takes it away', async () => {
  const { connect, clock, tokens } = await stage()
  tokens.set('named', { id: 'alice', kind: 'user', grants: [{ room: session, can: ['read'] }] })
  const bob = await connect('bob')
  await bob.join(session)
  const alice = await connect('named')
  await alice.join(session)
  await alice.ask({ type: 'authenticate', token: 'alice' })
  await clock.settle()
  expect(alice.of('removed')).toMatchObject([{ room: session }])
  await bob.post('m1', 'private', session)
  expect(alice.texts(session)).toEqual([])
})

test('[L1] proving anew who one is costs like everything else', async () => {
  const { connect } = await stage({ limits: { connectionRate: 50 } })
  const alice = await connect('alice')
  const outcomes: unknown[] = []
  for (let count = 0; count < 11; count += 1)
    outcomes.push((await alice.ask({ type: 'authenticate', token: 'alice' })).problem?.code)
  expect(outcomes.filter((code) => code === 'rate.exceeded')).toHaveLength(1)
})
