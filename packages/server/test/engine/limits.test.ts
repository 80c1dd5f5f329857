import { expect, test } from 'vitest'
import { Bucket } from '../../src/engine/limits.ts'
import { type Peer, type Stage, stage } from './stage.ts'

/** What became of so many pings sent at once. */
async function burst({ clock }: Stage, peer: Peer, count: number): Promise<{ done: number; refused: number }> {
  const before = peer.of('reply').length
  for (let index = 0; index < count; index += 1) peer.say({ type: 'ping', ref: `burst-${index}` })
  await clock.settle()
  const replies = peer.of('reply').slice(before)
  return {
    done: replies.filter(({ answer }) => answer !== undefined).length,
    refused: replies.filter(({ problem }) => problem?.code === 'rate.exceeded').length,
  }
}

test('[L1] who sends faster than the limit is refused and told how long to wait, and then may go on', async () => {
  const here = await stage({ limits: { connectionRate: 10 } })
  const alice = await here.connect('alice')
  expect(await burst(here, alice, 23)).toEqual({ done: 20, refused: 3 })
  const refusal = alice.heard.at(-1)?.problem
  expect(refusal).toMatchObject({ code: 'rate.exceeded', retryAfterMs: 100 })
  await here.clock.pass(refusal?.retryAfterMs ?? 0)
  expect(await burst(here, alice, 2)).toEqual({ done: 1, refused: 1 })
  expect(alice.ended).toBeUndefined()
})

test('[L1] who does not slow down is closed with 4001', async () => {
  const here = await stage({ limits: { connectionRate: 10 } })
  const alice = await here.connect('alice')
  const bob = await here.connect('bob')
  await burst(here, alice, 1_100)
  expect(alice.ended).toMatchObject({ code: 4001, reason: expect.stringContaining('rate.exceeded') })
  expect(await burst(here, bob, 5)).toEqual({ done: 5, refused: 0 })
})

test('[L1] what cannot be read costs as well', async () => {
  const here = await stage({ limits: { connectionRate: 5 } })
  const alice = await here.connect('alice')
  for (let index = 0; index < 12; index += 1) alice.say('{')
  const codes = alice.of('problem').map(({ problem }) => problem?.code)
  expect(codes.filter((code) => code === 'rate.exceeded')).toHaveLength(2)
})

test('[L1] all connections of a user share one limit, and a new one refills nothing', async () => {
  const here = await stage({ limits: { userRate: 10 } })
  const phone = await here.connect('alice')
  const laptop = await here.connect('alice')
  expect(await burst(here, phone, 15)).toEqual({ done: 15, refused: 0 })
  expect(await burst(here, laptop, 15)).toEqual({ done: 5, refused: 10 })
  phone.vanish()
  laptop.vanish()
  const again = await here.connect('alice')
  expect(await burst(here, again, 1)).toEqual({ done: 0, refused: 1 })
  expect(await burst(here, await here.connect('bob'), 15)).toEqual({ done: 15, refused: 0 })
})

test('[L1] a user who was quiet for long shares one limit all the same', async () => {
  const here = await stage({ limits: { userRate: 10 } })
  const phone = await here.connect('alice')
  await here.clock.pass(60_000)
  const laptop = await here.connect('alice')
  expect(await burst(here, phone, 20)).toEqual({ done: 20, refused: 0 })
  expect(await burst(here, laptop, 1)).toEqual({ done: 0, refused: 1 })
})

test('[L1] a limit of nothing is no limit', async () => {
  const here = await stage({ limits: { connectionRate: 0, userRate: 0 } })
  expect(await burst(here, await here.connect('alice'), 5_000)).toEqual({ done: 5_000, refused: 0 })
})

test('[L1] what costs more than a limit ever holds is only slow, not impossible', async () => {
  const bucket = new Bucket(1, 0)
  expect(bucket.take(20, 0)).toBe(0)
  expect(bucket.take(20, 0)).toBe(2_000)
  expect(bucket.take(20, 2_000)).toBe(0)
  const here = await stage({ limits: { connectionRate: 1 } })
  expect(await (await here.connect('alice')).ask({ type: 'rooms' })).toHaveProperty('answer')
})

test('a user has no more connections than the limit, and may open another when one has ended', async () => {
  const here = await stage({ limits: { userConnections: 2 } })
  const far = { address: '10.0.0.7' }
  const one = await here.connect('alice', far)
  const two = await here.connect('alice', far)
  const three = await here.connect('alice', far)
  expect([one.ended, two.ended, three.ended?.code]).toEqual([undefined, undefined, 4012])
  expect((await here.connect('bob', far)).ended).toBeUndefined()
  one.vanish()
  expect((await here.connect('alice', far)).ended).toBeUndefined()
  expect((await here.connect('alice', far)).ended?.code).toBe(4012)
})

test('an address has no more connections than the limit, however often it tries', async () => {
  const here = await stage({ limits: { addressConnections: 2 } })
  const far = { address: '10.0.0.7' }
  const peers: Peer[] = []
  for (const name of ['alice', 'bob', 'carol', 'alice', 'bob', 'carol']) peers.push(await here.connect(name, far))
  expect(peers.filter(({ ended }) => ended === undefined)).toHaveLength(2)
  expect(peers.at(-1)?.heard).toMatchObject([
    { type: 'problem', problem: { code: 'limit.exceeded', retryAfterMs: 5_000 } },
  ])
  expect((await here.connect('alice', { address: '10.0.0.8' })).ended).toBeUndefined()
  // The loopback is where proxies and trials live.
  for (let count = 0; count < 3; count += 1) expect((await here.connect('alice')).ended).toBeUndefined()
})

test('a full process takes nobody in, and takes somebody in when there is room again', async () => {
  const here = await stage({ limits: { connections: 2 } })
  const alice = await here.connect('alice')
  await here.connect('bob')
  expect((await here.connect('carol')).ended?.code).toBe(4012)
  expect((await here.connect('carol')).ended?.code).toBe(4012)
  alice.vanish()
  expect((await here.connect('carol')).ended).toBeUndefined()
  expect(here.engine.counts.connections).toBe(2)
})

test('[F2] more commands than may wait for an answer are refused, each by its ref', async () => {
  const never = new Promise<never>(() => undefined)
  const here = await stage({ limits: { waiting: 3 }, through: (log) => ({ ...log, append: () => never }) })
  const alice = await here.connect('alice')
  await alice.join()
  for (const id of ['1', '2', '3', '4', '5']) alice.say({ type: 'post', ref: id, room: 'lobby', id, parts: 'x' })
  await here.clock.settle()
  const refused = alice.of('reply').filter(({ problem }) => problem !== undefined)
  expect(refused).toMatchObject([
    { ref: '4', problem: { code: 'limit.exceeded' } },
    { ref: '5', problem: { code: 'limit.exceeded' } },
  ])
})

test('[C3] who sends without end before it is known who they are is closed', async () => {
  const never = new Promise<never>(() => undefined)
  const here = await stage({ limits: { waiting: 100 }, access: { identify: () => never } })
  const stranger = await here.connect('alice')
  for (let index = 0; index < 150; index += 1) stranger.say({ type: 'ping', ref: `${index}` })
  expect(stranger.ended?.code).toBe(4012)
  expect(stranger.of('reply')).toEqual([])
})

test('rooms that nobody needs are closed after a while, and nothing is lost by that', async () => {
  const here = await stage()
  const alice = await here.connect('alice')
  await alice.join()
  await alice.post('m1', 'hello')
  await here.clock.pass(120_000)
  expect(here.engine.counts.rooms).toBe(1)
  alice.vanish()
  await here.clock.pass(120_000)
  expect(here.engine.counts).toEqual({ connections: 0, rooms: 0, runs: 0 })
  const bob = await here.connect('bob')
  await bob.join()
  expect(bob.texts()).toEqual(['hello'])
})
