import { expect, test } from 'vitest'
import type { Log } from '../../src/seams/log.ts'
import { gate, lobby, type Peer, room, type Stage, session, stage } from './stage.ts'

function read(peer: Peer, seq: number, where = lobby) {
  return peer.ask({ type: 'read', room: where, seq })
}

/** How far everybody has read, as far as a peer was told. */
function marks(peer: Peer, where = lobby): Record<string, number> {
  return Object.fromEntries(peer.frames('read', where).flatMap((frame) => frame.map(({ user, seq }) => [user, seq])))
}

/** Three messages of alice's, and bob who hears them. */
async function threeSaid(through: (log: Log) => Log = (log) => log) {
  const here = await stage({ through })
  const [alice, bob] = [await here.connect('alice'), await here.connect('bob')]
  await alice.join()
  await bob.join()
  for (const id of ['m1', 'm2', 'm3']) await alice.post(id, id)
  await here.clock.pass(1_000)
  return { here, alice, bob, clock: here.clock }
}

test('[U5] how far somebody has read is kept and told, and never goes back', async () => {
  const { here, alice, bob, clock } = await threeSaid()
  expect(await read(bob, 2)).toMatchObject({ answer: { type: 'read', room: lobby, seq: 2 } })
  await clock.pass(500)
  expect([marks(alice), marks(bob)]).toEqual([{ bob: 2 }, { bob: 2 }])
  expect(await read(bob, 1)).toMatchObject({ answer: { seq: 2 } })
  await clock.pass(1_000)
  expect(alice.frames('read')).toEqual([[{ type: 'read', user: 'bob', seq: 2 }]])
  expect(await here.log.marks(lobby)).toEqual(new Map([['bob', 2]]))
})

test('[U5] what nobody has said yet nobody has read', async () => {
  const { here, alice, bob, clock } = await threeSaid()
  expect(await read(bob, 4)).toMatchObject({ problem: { code: 'message.invalid', details: { field: 'seq' } } })
  await clock.pass(1_000)
  expect(marks(alice)).toEqual({})
  expect((await here.log.marks(lobby)).size).toBe(0)
})

test('what another node has told already may be read', async () => {
  const { here, clock } = await threeSaid()
  const deaf: Stage = {
    ...here,
    broker: () => ({ announce() {}, listen: () => () => undefined, close: async () => undefined }),
  }
  const there = await stage({ beside: deaf, node: 'n2' })
  const carol = await there.connect('carol')
  await carol.join()
  const bob = await here.connect('bob')
  await bob.post('m1', 'four')
  expect(await read(carol, 4)).toMatchObject({ answer: { seq: 4 } })
  await clock.pass(500)
  expect(carol.texts()).toEqual(['m1', 'm2', 'm3', 'four'])
})

test('marks are told on other nodes, and to those who come later', async () => {
  const { here, bob, clock } = await threeSaid()
  const there = await stage({ beside: here, node: 'n2' })
  const carol = await there.connect('carol')
  await carol.join()
  await read(bob, 2)
  await clock.pass(1_000)
  expect(marks(carol)).toEqual({ bob: 2 })
  await read(carol, 3)
  await clock.pass(1_000)
  const late = await here.connect('alice')
  await late.join()
  await clock.pass(500)
  expect(marks(late)).toEqual({ bob: 2, carol: 3 })
})

test('an older mark that another node tells late changes nothing', async () => {
  const { here, alice, bob, clock } = await threeSaid()
  const { epoch } = alice.picture().position ?? { epoch: '' }
  await read(bob, 3)
  await clock.pass(1_000)
  here.broker().announce(lobby, { epoch, events: [], signals: [{ type: 'read', user: 'bob', seq: 1 }] })
  await clock.pass(1_000)
  expect(marks(alice)).toEqual({ bob: 3 })
})

test('marks outlive the server', async () => {
  const { here, bob, clock } = await threeSaid()
  await read(bob, 2)
  await here.engine.stop()
  const next = await stage({ beside: here, node: 'n2' })
  const alice = await next.connect('alice')
  await alice.join()
  await clock.pass(1_000)
  expect(marks(alice)).toEqual({ bob: 2 })
})

test('marks that could not be read are told as soon as they can, when somebody comes', async () => {
  let broken = true
  const { here, bob, clock } = await threeSaid((log) => ({
    ...log,
    marks: async (where) => {
      if (broken) throw new Error('the disk is tired')
      return log.marks(where)
    },
  }))
  await here.log.mark(lobby, 'dora', 1)
  expect(here.journal.filter(({ level }) => level === 'error')).not.toEqual([])
  broken = false
  await (await here.connect('alice')).join()
  await clock.pass(1_000)
  expect(marks(bob)).toEqual({ dora: 1 })
})

test('of many people only the latest two hundred marks are told', async () => {
  const { here, clock } = await threeSaid()
  for (let index = 0; index < 300; index += 1) await here.log.mark(lobby, `user-${index}`, index < 200 ? 3 : 1)
  const other = await stage({ beside: here, node: 'n2' })
  const carol = await other.connect('carol')
  await carol.join()
  await clock.pass(1_000)
  expect(Object.keys(marks(carol))).toHaveLength(200)
  expect(new Set(Object.values(marks(carol)))).toEqual(new Set([3]))
})

test('of one user one mark at a time is written, and of those that wait only the farthest', async () => {
  const { passed, open } = gate()
  const written: number[] = []
  const slow = (log: Log): Log => ({
    ...log,
    mark: async (where, user, seq) => {
      written.push(seq)
      await passed
      return log.mark(where, user, seq)
    },
  })
  const { alice, bob, clock } = await threeSaid(slow)
  for (const seq of [1, 2, 3, 2]) bob.say({ type: 'read', ref: `r${seq}`, room: 'lobby', seq })
  await clock.pass(1_000)
  expect(written).toEqual([1])
  // Nobody is answered, and nobody told, before it is durable.
  expect(bob.heard.some(({ ref }) => ref?.startsWith('r') === true && !ref.startsWith('ref-'))).toBe(false)
  expect(marks(alice)).toEqual({})
  open()
  await clock.pass(1_000)
  expect(written).toEqual([1, 3])
  for (const ref of ['r1', 'r2', 'r3'])
    expect(bob.heard.find((one) => one.ref === ref)?.answer).toMatchObject({ seq: 3 })
  expect(marks(alice)).toEqual({ bob: 3 })
})

test('a mark that could not be kept is refused and told to nobody; the next one is taken', async () => {
  let broken = true
  const { alice, bob, clock } = await threeSaid((log) => ({
    ...log,
    mark: async (...mark) => {
      if (broken) throw new Error('the disk is tired')
      return log.mark(...mark)
    },
  }))
  expect(await read(bob, 2)).toMatchObject({ problem: { code: 'server.failed' } })
  await clock.pass(1_000)
  expect(marks(alice)).toEqual({})
  broken = false
  expect(await read(bob, 2)).toMatchObject({ answer: { seq: 2 } })
  await clock.pass(1_000)
  expect(marks(alice)).toEqual({ bob: 2 })
})

test('who may not read a room has read nothing there, and is told of nobody who did', async () => {
  const { connect, clock } = await stage({ access: { permit: (actor) => actor.id !== 'bob' } })
  const [alice, bob] = [await connect('alice'), await connect('bob')]
  await alice.join()
  await alice.post('m1', 'one')
  expect(await read(bob, 1)).toMatchObject({ problem: { code: 'access.denied' } })
  await read(alice, 1)
  await clock.pass(1_000)
  expect(bob.of('signals')).toEqual([])
  expect(marks(alice)).toEqual({ alice: 1 })
  expect(await read(alice, 0, room('nowhere'))).toMatchObject({ problem: { code: 'room.unknown' } })
})

test('[U5] the list of rooms says how many messages one has not read', async () => {
  const { here, alice, bob } = await threeSaid()
  const unread = async (peer: Peer): Promise<unknown> => {
    const { answer } = await peer.ask({ type: 'rooms' })
    return answer?.type === 'rooms' ? answer.rooms.find((one) => one.room === lobby)?.unread : undefined
  }
  expect(await unread(bob)).toBeUndefined()
  await read(bob, 1)
  await read(alice, 1)
  expect([await unread(bob), await unread(alice)]).toEqual([2, 0])
  const carol = await here.connect('carol')
  await carol.post('m1', 'four')
  expect([await unread(bob), await unread(alice)]).toEqual([3, 1])
})

test('how far one has read in a private session is told to one’s other devices', async () => {
  const { connect, clock } = await stage()
  const [phone, laptop] = [await connect('alice'), await connect('alice')]
  await phone.join(session)
  await laptop.join(session)
  await phone.post('m1', 'note', session)
  await read(phone, 1, session)
  await clock.pass(1_000)
  expect(marks(laptop, session)).toEqual({ alice: 1 })
})
