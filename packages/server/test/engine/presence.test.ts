import type { Presence } from '@parley/protocol'
import { expect, test } from 'vitest'
import type { Broker, News } from '../../src/seams/broker.ts'
import { Puppet } from './puppet.ts'
import { lobby, type Peer, type Stage, session, stage } from './stage.ts'

const GRACE_MS = 5_000

/** Somebody with this name, who hears the lobby. */
async function join(here: Stage, name: string, where = lobby): Promise<Peer> {
  here.tokens.set(name, { id: name, kind: 'user' })
  const peer = await here.connect(name)
  await peer.join(where)
  return peer
}

/** Who is here as far as a peer was told, with what they say of themselves. */
function known(peer: Peer, where = lobby): Record<string, unknown> {
  const latest = new Map(peer.frames('presence', where).flatMap((frame) => frame.map((one) => [one.user.id, one])))
  const here = [...latest.values()].filter((one) => one.here)
  return Object.fromEntries(here.map(({ user, state }: Presence) => [user.id, state ?? 'here']))
}

/** What a peer is told from now on of who is here, as `+user` and `-user`. */
function listen(peer: Peer): () => string[] {
  const before = peer.frames('presence').length
  return () =>
    peer
      .frames('presence')
      .slice(before)
      .flatMap((frame) => frame.map(({ user, here }) => `${here ? '+' : '-'}${user.id}`))
}

test('[U1] who comes hears at once who is here, agents too, and everybody hears of them', async () => {
  const here = await stage({ agents: [{ agent: new Puppet() }] })
  const alice = await join(here, 'alice')
  expect(known(alice)).toEqual({ puppet: 'here', alice: 'here' })
  await here.clock.pass(1_000)
  const bob = await join(here, 'bob')
  expect(known(bob)).toEqual({ puppet: 'here', alice: 'here', bob: 'here' })
  expect(bob.heard.findIndex(({ type }) => type === 'page')).toBeLessThan(
    bob.heard.findIndex(({ type }) => type === 'signals'),
  )
  expect(known(alice)).toEqual({ puppet: 'here', alice: 'here', bob: 'here' })
})

test('[U1] whoever has two devices leaves with the last of them', async () => {
  const here = await stage()
  const alice = await join(here, 'alice')
  const [phone, laptop] = [await join(here, 'bob'), await join(here, 'bob')]
  await here.clock.pass(1_000)
  const told = listen(alice)
  phone.vanish()
  await here.clock.pass(60_000)
  expect(told()).toEqual([])
  await laptop.ask({ type: 'leave', room: lobby })
  await here.clock.pass(10_000)
  expect(told()).toEqual(['-bob'])
})

test('[U1] a line that breaks and comes back within the grace is told to nobody', async () => {
  const here = await stage()
  const alice = await join(here, 'alice')
  const bob = await join(here, 'bob')
  await here.clock.pass(1_000)
  const told = listen(alice)
  bob.vanish()
  await here.clock.pass(GRACE_MS - 500)
  const again = await join(here, 'bob')
  await here.clock.pass(30_000)
  expect(told()).toEqual([])
  again.vanish()
  await here.clock.pass(GRACE_MS - 500)
  expect(told()).toEqual([])
  await here.clock.pass(2_500)
  expect(told()).toEqual(['-bob'])
})

test('who comes after somebody left does not hear of them', async () => {
  const here = await stage()
  await join(here, 'alice')
  const bob = await join(here, 'bob')
  bob.vanish()
  await here.clock.pass(10_000)
  const carol = await join(here, 'carol')
  expect(carol.frames('presence').flat()).toMatchObject([{ user: { id: 'alice' } }, { user: { id: 'carol' } }])
})

test('[U2] what somebody says of themselves counts until their connection ends, the latest first', async () => {
  const here = await stage()
  const alice = await join(here, 'alice')
  const [phone, laptop] = [await join(here, 'bob'), await join(here, 'bob')]
  const say = (peer: Peer, state: unknown) => peer.ask({ type: 'presence', room: lobby, state })
  expect(await say(phone, 'away')).toMatchObject({ answer: { type: 'presence', room: lobby } })
  await here.clock.pass(1_000)
  expect(known(alice)).toEqual({ alice: 'here', bob: 'away' })
  await say(laptop, { looksAt: 'the plan' })
  await here.clock.pass(1_000)
  expect(known(alice)).toEqual({ alice: 'here', bob: { looksAt: 'the plan' } })
  expect(known(await join(here, 'carol'))).toMatchObject({ bob: { looksAt: 'the plan' } })
  expect((await alice.ask({ type: 'members', room: lobby })).answer).toMatchObject({
    members: [{ user: { id: 'alice' } }, { user: { id: 'bob' }, state: { looksAt: 'the plan' } }, {}],
    count: 3,
  })
  laptop.vanish()
  await here.clock.pass(10_000)
  expect(known(alice)).toMatchObject({ bob: 'away' })
  // Joining anew is no end of the connection.
  await phone.join()
  await here.clock.pass(10_000)
  expect(known(alice)).toMatchObject({ bob: 'away' })
})

test('who is not in a room says nothing of themselves there', async () => {
  const here = await stage()
  await join(here, 'alice')
  const bob = await here.connect('bob')
  const state = { type: 'presence', room: lobby, state: 'hi' }
  expect(await bob.ask(state)).toMatchObject({ problem: { code: 'room.unknown' } })
  await bob.join()
  expect(await bob.ask(state)).toHaveProperty('answer')
  await bob.ask({ type: 'leave', room: lobby })
  expect(await bob.ask(state)).toMatchObject({ problem: { code: 'room.unknown' } })
})

test('who is here is known on all nodes, and whoever is on two of them is here until they left both', async () => {
  const here = await stage()
  const there = await stage({ beside: here, node: 'n2' })
  const alice = await join(here, 'alice')
  const bob = await join(there, 'bob')
  await here.clock.pass(2_000)
  const everybody = { alice: 'here', bob: 'here' }
  expect([known(alice), known(bob)]).toEqual([everybody, everybody])
  expect((await (await here.connect('carol')).join()).answer).toMatchObject({
    members: [{ id: 'carol' }, { id: 'alice' }, { id: 'bob' }],
  })
  const second = await join(here, 'bob')
  await here.clock.pass(2_000)
  const told = listen(alice)
  bob.vanish()
  await here.clock.pass(60_000)
  expect(told()).toEqual([])
  second.vanish()
  await here.clock.pass(10_000)
  expect(told()).toEqual(['-bob'])
})

test('who leaves a node has left the others at once', async () => {
  const here = await stage()
  const there = await stage({ beside: here, node: 'n2' })
  const alice = await join(here, 'alice')
  const bob = await join(there, 'bob')
  // Long before the node says again whom it holds.
  await here.clock.pass(10_500)
  bob.vanish()
  await here.clock.pass(GRACE_MS + 2_000)
  expect(known(alice)).toEqual({ alice: 'here' })
})

test('who moves from one node to another is never gone', async () => {
  const here = await stage()
  const there = await stage({ beside: here, node: 'n2' })
  const alice = await join(here, 'alice')
  const bob = await join(here, 'bob')
  await here.clock.pass(2_000)
  const told = listen(alice)
  bob.vanish()
  await here.clock.pass(GRACE_MS - 1_000)
  await join(there, 'bob')
  await here.clock.pass(60_000)
  expect(told()).toEqual([])
})

test('[U1] of a node that crashed everybody is gone within thirty seconds', async () => {
  const here = await stage()
  const there = await stage({ beside: here, node: 'n2' })
  const alice = await join(here, 'alice')
  await join(there, 'bob')
  await here.clock.pass(60_000)
  expect(known(alice)).toEqual({ alice: 'here', bob: 'here' })
  await there.engine.stop()
  await here.clock.pass(10_000)
  expect(known(alice)).toEqual({ alice: 'here', bob: 'here' })
  await here.clock.pass(20_000)
  expect(known(alice)).toEqual({ alice: 'here' })
})

test('what a rumour did not tell is told again', async () => {
  let lost = true
  const here = await stage()
  const deaf: Stage = { ...here, broker: () => lossy(here.broker(), () => lost) }
  const there = await stage({ beside: deaf, node: 'n2' })
  const alice = await join(here, 'alice')
  const bob = await join(there, 'bob')
  await here.clock.pass(2_000)
  expect([known(alice), known(bob)]).toEqual([{ alice: 'here' }, { bob: 'here' }])
  lost = false
  await here.clock.pass(12_000)
  expect([known(alice), known(bob)]).toEqual([
    { alice: 'here', bob: 'here' },
    { alice: 'here', bob: 'here' },
  ])
})

test('an older word of a node that comes late changes nothing', async () => {
  const here = await stage()
  const old = here.broker()
  const alice = await join(here, 'alice')
  const { epoch } = alice.picture().position ?? { epoch: '' }
  const say = (number: number, ...ids: string[]): void => {
    const members = ids.map((id) => ({ user: { id, kind: 'user' }, since: 0 }) as const)
    old.announce(lobby, { epoch, events: [], attendance: { node: 'old', number, members } })
  }
  say(2, 'bob', 'carol')
  await here.clock.pass(1_000)
  say(4, 'carol')
  await here.clock.pass(1_000)
  say(3, 'bob', 'carol')
  await here.clock.pass(1_000)
  expect(known(alice)).toEqual({ alice: 'here', carol: 'here' })
})

test('[U3] of a crowd only the number is told, until it is clearly none any more', async () => {
  const here = await stage()
  const alice = await join(here, 'alice')
  const others: Peer[] = []
  const come = async (count: number): Promise<void> => {
    while (others.length < count) others.push(await join(here, `user-${others.length}`))
    await here.clock.pass(1_000)
  }
  const go = async (left: number): Promise<void> => {
    for (const peer of others.splice(left)) peer.vanish()
    await here.clock.pass(10_000)
  }
  await come(99)
  expect(Object.keys(known(alice))).toHaveLength(100)
  expect(alice.frames('presence.count')).toEqual([])
  const told = listen(alice)
  await come(119)
  expect(told()).toEqual([])
  expect(alice.frames('presence.count').at(-1)).toEqual([{ type: 'presence.count', count: 120 }])
  const late = await join(here, 'late')
  expect(late.frames('presence')).toEqual([])
  expect(late.frames('presence.count')).toHaveLength(1)
  const { answer } = await late.ask({ type: 'members', room: lobby })
  expect(answer).toMatchObject({ count: 121, members: { length: 100 } })
  // Ninety are fewer than a crowd begins with, but more than it ends with.
  await go(88)
  expect(alice.frames('presence.count').at(-1)).toMatchObject([{ count: 90 }])
  expect(told()).toEqual([])
  await go(78)
  expect(new Set(told())).toEqual(new Set(['+alice', '+late', ...others.map((_, index) => `+user-${index}`)]))
})

test('[U6] nobody hears more than two frames a second about people, whatever happens', async () => {
  const here = await stage()
  const watchers = [await join(here, 'alice'), await join(here, 'bob')]
  const frames: number[][] = watchers.map(() => [])
  const heard = (peer: Peer): number => peer.of('signals').length
  for (let step = 0; step < 60; step += 1) {
    const before = watchers.map(heard)
    if (step % 3 === 0) watchers.push(await join(here, `user-${step}`))
    for (const peer of watchers) {
      peer.say({ type: 'typing', ref: 't', room: lobby, on: step % 4 < 2 })
      peer.say({ type: 'presence', ref: 's', room: lobby, state: step })
    }
    await here.clock.pass(100)
    for (const [index, peer] of watchers.entries()) {
      frames[index] ??= []
      frames[index].push(heard(peer) - (before[index] ?? 0))
    }
  }
  for (const each of frames)
    for (const start of each.keys()) {
      const second = each.slice(start, start + 10).reduce((sum, count) => sum + count, 0)
      expect(second).toBeLessThanOrEqual(2)
    }
  expect(frames[0]?.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(10)
})

test('the more there are to hear it, the less often they do', async () => {
  const here = await stage()
  const alice = await join(here, 'alice')
  for (let index = 1; index < 500; index += 1) await join(here, `user-${index}`)
  await here.clock.pass(10_000)
  const before = alice.of('signals').length
  for (let step = 0; step < 100; step += 1) {
    alice.say({ type: 'typing', ref: 't', room: lobby, on: step % 7 < 4 })
    await here.clock.pass(100)
  }
  const frames = alice.of('signals').length - before
  expect(frames).toBeGreaterThanOrEqual(6)
  expect(frames).toBeLessThanOrEqual(11)
})

test('whoever could not listen hears what they missed, also who has left', async () => {
  const here = await stage({ limits: { softBytes: 1_000, stuckMs: 100_000 } })
  const alice = await join(here, 'alice')
  const bob = await join(here, 'bob')
  await here.clock.pass(2_000)
  expect(known(alice)).toEqual({ alice: 'here', bob: 'here' })
  alice.buffered = 2_000
  bob.vanish()
  await here.clock.pass(10_000)
  await join(here, 'carol')
  await here.clock.pass(2_000)
  expect(known(alice)).toEqual({ alice: 'here', bob: 'here' })
  alice.drain()
  await here.clock.pass(2_000)
  expect(known(alice)).toEqual({ alice: 'here', carol: 'here' })
})

test('who is here is told to nobody who may not read the room', async () => {
  let allowed = true
  const here = await stage({
    access: { permit: (actor, action) => actor.id !== 'bob' || (allowed && action === 'read') },
  })
  const alice = await join(here, 'alice')
  const bob = await join(here, 'bob')
  await here.clock.pass(1_000)
  allowed = false
  await here.engine.recheck()
  const heard = bob.of('signals').length
  await join(here, 'carol')
  await alice.ask({ type: 'presence', room: lobby, state: 'secret' })
  await here.clock.pass(10_000)
  expect(bob.of('signals')).toHaveLength(heard)
  expect(await bob.ask({ type: 'members', room: lobby })).toMatchObject({ problem: { code: 'access.denied' } })
  expect(known(alice)).not.toHaveProperty('bob')
})

test('a private session has a presence that is nobody else’s affair', async () => {
  const here = await stage({ agents: [{ agent: new Puppet() }] })
  const alice = await join(here, 'alice', session)
  expect(known(alice, session)).toEqual({ puppet: 'here', alice: 'here' })
  const bob = await here.connect('bob')
  for (const command of ['members', 'typing', 'presence', 'read'])
    expect(await bob.ask({ type: command, room: session, on: true, state: 1, seq: 0 })).toMatchObject({
      problem: { code: 'access.denied' },
    })
})

test('a room that everybody left is forgotten, with who was in it', async () => {
  const here = await stage()
  const alice = await join(here, 'alice')
  await alice.ask({ type: 'presence', room: lobby, state: 'here' })
  alice.vanish()
  await here.clock.pass(120_000)
  expect(here.engine.counts.rooms).toBe(0)
})

/** A broker that neither tells nor hears anything while `lost` says so. */
function lossy(broker: Broker, lost: () => boolean): Broker {
  return {
    announce: (room, news) => (lost() ? undefined : broker.announce(room, news)),
    listen: (room, hear) => broker.listen(room, (news: News) => (lost() ? undefined : hear(news))),
    close: () => broker.close(),
  }
}
