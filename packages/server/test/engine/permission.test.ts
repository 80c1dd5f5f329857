import { expect, test } from 'vitest'
import type { Grant } from '../../src/seams/access.ts'
import { Puppet } from './puppet.ts'
import { gate, lobby, room, session, stage } from './stage.ts'

const all: Grant['can'] = ['read', 'write', 'run', 'manage']

test('[A1] each command is checked against what is granted for it', async () => {
  const { connect, tokens } = await stage()
  const commands = {
    read: [
      { type: 'join', room: 'lobby' },
      { type: 'older', room: 'lobby', before: 9 },
    ],
    write: [{ type: 'post', room: 'lobby', id: 'm1', parts: 'hello' }],
    run: [{ type: 'cancel', room: 'lobby', run: 'r1' }],
  }
  const alice = await connect('alice')
  await alice.join()
  for (const can of ['read', 'write', 'run'] as const) {
    tokens.set('t', { id: 'bob', kind: 'user', grants: [{ room: 'lobby', can: [can] }] })
    const bob = await connect('t')
    for (const [needed, asked] of Object.entries(commands))
      for (const command of asked) {
        const { problem } = await bob.ask(command)
        expect(problem?.code === 'access.denied').toBe(needed !== can)
      }
  }
})

test('[A1] what is not granted is refused in the same words whether the room exists or not', async () => {
  const { connect, tokens } = await stage()
  tokens.set('t', { id: 'bob', kind: 'user', grants: [{ room: 'lobby', can: all }] })
  const alice = await connect('alice')
  await alice.join(room('secret'))
  const bob = await connect('t')
  for (const command of [
    { type: 'join' },
    { type: 'post', id: 'm1', parts: 'x' },
    { type: 'older', before: 1 },
    { type: 'cancel', run: 'r' },
  ]) {
    const there = await bob.ask({ ...command, room: 'secret' })
    const nowhere = await bob.ask({ ...command, room: 'nowhere' })
    expect(there.problem?.code).toBe('access.denied')
    expect(JSON.stringify(there.problem).replaceAll('secret', 'nowhere')).toBe(JSON.stringify(nowhere.problem))
  }
})

test('[A1] what is allowed is asked at each command, not only when joining', async () => {
  let allowed = true
  const { connect, engine } = await stage({ access: { permit: () => allowed } })
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join()
  await bob.join()
  allowed = false
  for (const command of [
    { type: 'post', id: 'm1', parts: 'x' },
    { type: 'older', before: 1 },
    { type: 'cancel', run: 'r' },
  ])
    expect(await bob.ask({ ...command, room: 'lobby' })).toMatchObject({ problem: { code: 'access.denied' } })
  await engine.recheck('bob')
  expect(bob.of('removed')).toMatchObject([{ room: 'lobby', problem: { code: 'access.denied' } }])
  expect(alice.of('removed')).toEqual([])
  allowed = true
  await alice.post('m1', 'not for bob')
  expect(bob.texts()).toEqual([])
})

test('[A2] a session belongs to whoever opens it first', async () => {
  const { connect, log } = await stage()
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join(session)
  expect(await log.info(session)).toMatchObject({ owner: 'alice' })
  for (const command of [
    { type: 'join' },
    { type: 'post', id: 'm1', parts: 'x' },
    { type: 'older', before: 1 },
    { type: 'cancel', run: 'r' },
  ])
    expect(await bob.ask({ ...command, room: session })).toMatchObject({ problem: { code: 'access.denied' } })
  expect(await (await connect('alice')).join(session)).toHaveProperty('answer')
})

test('[A2] when two open a session at the same moment, one of them has it', async () => {
  const { connect, clock, log } = await stage()
  const peers = [await connect('alice'), await connect('bob')]
  for (const peer of peers) peer.say({ type: 'join', ref: 'j', room: session })
  await clock.settle()
  const outcomes = peers.map((peer) => peer.heard.find(({ ref }) => ref === 'j'))
  expect(outcomes.map((reply) => reply?.problem?.code)).toEqual([undefined, 'access.denied'])
  expect(await log.info(session)).toMatchObject({ owner: 'alice' })
})

test('[A2] a pattern names nobody’s session: it opens only one’s own', async () => {
  const { connect, tokens } = await stage()
  const alice = await connect('alice')
  await alice.join(session)
  for (const pattern of ['*', 'session:*']) {
    tokens.set('wide', { id: 'bob', kind: 'user', grants: [{ room: pattern, can: all }] })
    const bob = await connect('wide')
    expect(await bob.join(session)).toMatchObject({ problem: { code: 'access.denied' } })
    expect(await bob.join(room('session:00000000-0000-4000-8000-000000000009'))).toHaveProperty('answer')
  }
})

test('[A2] others are let in where their token names the session', async () => {
  const { connect, tokens } = await stage()
  tokens.set('named', { id: 'bob', kind: 'user', grants: [{ room: session, can: ['read'] }] })
  const alice = await connect('alice')
  await alice.join(session)
  const bob = await connect('named')
  expect(await bob.join(session)).toHaveProperty('answer')
  expect(await bob.post('m1', 'hello', session)).toMatchObject({ problem: { code: 'access.denied' } })
  await alice.post('m1', 'hello', session)
  expect(bob.texts(session)).toEqual(['hello'])
})

test('[A2] what only looks like a session belongs to nobody', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  const bob = await connect('bob')
  const almost = room('session:not-a-uuid')
  await alice.join(almost)
  expect(await bob.join(almost)).toHaveProperty('answer')
})

test('[A3] rooms lists one’s own sessions and the shared rooms that one may read, nothing else', async () => {
  const { connect, tokens, clock } = await stage({ agents: [{ agent: new Puppet() }] })
  const own = room('session:5f0d7a52-3c1b-4ad2-8a8e-2f6f0c9b1d33')
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join(lobby)
  await alice.post('m1', '  The first words  of the lobby ')
  await alice.join(room('secret'))
  await alice.join(session)
  await alice.post('m1', 'private', session)
  // A session that was opened and never used is nothing to list.
  await alice.join(room('session:00000000-0000-4000-8000-000000000000'))
  await clock.pass(1_000)
  await bob.join(own)
  await bob.post('m1', `My own conversation ${'x'.repeat(100)}`, own)
  tokens.set('narrow', {
    id: 'bob',
    kind: 'user',
    grants: [
      { room: 'lob*', can: ['read'] },
      { room: 'secret', can: ['write'] },
    ],
  })
  const narrow = await connect('narrow')
  const { answer } = await narrow.ask({ type: 'rooms' })
  expect(answer).toMatchObject({
    type: 'rooms',
    rooms: [
      { room: own, owner: 'bob', title: expect.stringMatching(/^My own conversation x+$/) },
      {
        room: 'lobby',
        title: 'The first words of the lobby',
        head: 1,
        epoch: expect.any(String),
        at: expect.any(Number),
      },
    ],
  })
  const titles = answer?.type === 'rooms' ? answer.rooms.map(({ title = '' }) => title.length) : []
  expect(titles[0]).toBe(80)
  const { answer: hers } = await alice.ask({ type: 'rooms' })
  const names = hers?.type === 'rooms' ? hers.rooms.map((one) => one.room) : []
  expect(names.toSorted()).toEqual([lobby, room('secret'), session].toSorted())
})

test('[A4] a grant names one room, or with a star at its end all that begin so', async () => {
  const { connect, tokens } = await stage()
  const grants = [
    { room: 'lobby', can: all },
    { room: 'team-*', can: all },
  ]
  tokens.set('t', { id: 'bob', kind: 'user', grants })
  const bob = await connect('t')
  for (const name of ['lobby', 'team-', 'team-a', 'team-*']) expect(await bob.join(room(name))).toHaveProperty('answer')
  for (const name of ['lobby2', 'lobb', 'Lobby', 'team', 'a-team-a', '*', '..'])
    expect(await bob.join(room(name))).toMatchObject({ problem: { code: 'access.denied' } })
})

test('[A1] while it is being asked what is allowed, nothing has happened yet, and the next commands wait', async () => {
  const { passed, open } = gate()
  const permit = async (): Promise<boolean> => {
    await passed
    return true
  }
  const { connect, clock, log } = await stage({ access: { permit } })
  const alice = await connect('alice')
  alice.say({ type: 'join', ref: 'j', room: 'lobby' })
  alice.say({ type: 'ping', ref: 'p' })
  await clock.pass(2_000)
  expect(alice.heard.map(({ type }) => type)).toEqual(['welcome'])
  expect(await log.info(lobby)).toBeUndefined()
  open()
  await clock.settle()
  expect(alice.of('reply').map(({ ref }) => ref)).toEqual(['j', 'p'])
})

test('[A1] who leaves while it is being asked what is allowed leaves nothing behind', async () => {
  const { passed, open } = gate()
  const permit = async (): Promise<boolean> => {
    await passed
    return true
  }
  const { connect, clock, engine } = await stage({ access: { permit } })
  const alice = await connect('alice')
  alice.say({ type: 'join', ref: 'j', room: 'lobby' })
  alice.vanish()
  open()
  await clock.pass(120_000)
  expect(engine.counts).toEqual({ connections: 0, rooms: 0, runs: 0 })
})
