// What goes first where a socket is full: replies and notices, then what is live, then the past.
import { expect, test } from 'vitest'
import { standardLimits } from '../../src/engine/limits.ts'
import { type Heard, lobby, type Peer, room, type Stage, stage } from './stage.ts'

const archive = room('archive')
const { softBytes } = standardLimits
const LONG = 'x'.repeat(4_000)

/** A room with far more of the past than a socket should take at once. */
async function withPast(): Promise<Stage & { readonly alice: Peer; readonly count: number }> {
  const here = await stage()
  const alice = await here.connect('alice')
  await alice.join(archive)
  await alice.join(lobby)
  const count = 100
  for (let index = 0; index < count; index += 1) await alice.post(`old-${index}`, `${index} ${LONG}`, archive)
  return { ...here, alice, count }
}

/** Lets all that waits through, and whatever follows waits again. */
async function gulp(peer: Peer, { clock }: Stage): Promise<void> {
  peer.drain()
  peer.stuck = true
  await clock.settle()
}

function whatOf({ type, ref, page }: Heard): string {
  return ref ?? (page === undefined ? type : page.room)
}

test('[L6] a reply never waits behind more of the past than the soft limit of its socket', async () => {
  const here = await withPast()
  const slow = await here.connect('carol')
  slow.stuck = true
  const { position } = here.alice.picture(archive)
  slow.say({ type: 'join', ref: 'join', room: archive, at: { ...position, seq: 0 } })
  await here.clock.settle()
  for (let turn = 0; turn < 5; turn += 1) {
    const waits = slow.buffered
    expect(waits).toBeGreaterThan(0)
    expect(waits).toBeLessThanOrEqual(softBytes)
    const before = slow.heard.length
    slow.say({ type: 'ping', ref: `ping-${turn}` })
    await here.clock.settle()
    // Said at once, right behind what waited already.
    expect(slow.heard.slice(before).map(whatOf)).toEqual([`ping-${turn}`])
    await gulp(slow, here)
  }
})

test('[L6] what is live goes before the past: a room is heard while another one is being caught up with', async () => {
  const here = await withPast()
  const { alice, count } = here
  const slow = await here.connect('carol')
  await slow.join(lobby)
  slow.stuck = true
  slow.say({ type: 'join', ref: 'join', room: archive, at: { ...alice.picture(archive).position, seq: 0 } })
  await here.clock.settle()
  const order: string[] = []
  for (let turn = 0; slow.texts(archive).length < count; turn += 1) {
    expect(turn).toBeLessThan(100)
    const before = slow.heard.length
    await alice.post(`live-${turn}`, `live ${turn}`)
    await here.clock.settle()
    expect(slow.heard.slice(before).map(whatOf)).toEqual(['lobby'])
    await gulp(slow, here)
    order.push(...slow.heard.slice(before).map(whatOf))
  }
  expect(order.slice(0, 4)).toEqual(['lobby', 'archive', 'lobby', 'archive'])
  expect(slow.texts()).toEqual(alice.texts())
  expect(slow.texts(archive)).toEqual(alice.texts(archive))
})

test('who comes back to many rooms at once is told of one after the other, and of all in the end', async () => {
  const here = await stage()
  const alice = await here.connect('alice')
  const rooms = Array.from({ length: 30 }, (_, index) => room(`room-${index}`))
  for (const one of rooms) {
    await alice.join(one)
    for (let index = 0; index < 10; index += 1) await alice.post(`m${index}`, `${one} ${index} ${LONG}`, one)
  }
  const back = await here.connect('carol')
  back.stuck = true
  for (const one of rooms) back.say({ type: 'join', ref: one, room: one })
  await here.clock.settle()
  expect(back.of('reply')).toHaveLength(rooms.length)
  for (let turn = 0; turn < 2 * rooms.length; turn += 1) {
    expect(back.buffered).toBeLessThanOrEqual(softBytes + standardLimits.softBytes / 4)
    await gulp(back, here)
  }
  expect(back.ended).toBeUndefined()
  for (const one of rooms) expect(back.texts(one)).toEqual(alice.texts(one))
})

test('who asks a lot of the past gets it in turns, so that a short one does not wait for a long one', async () => {
  const here = await withPast()
  const { alice } = here
  const short = room('short')
  await alice.join(short)
  await alice.post('s', 'short', short)
  const slow = await here.connect('carol')
  slow.stuck = true
  slow.say({ type: 'join', ref: 'long', room: archive, at: { ...alice.picture(archive).position, seq: 0 } })
  slow.say({ type: 'join', ref: 'short', room: short })
  await here.clock.settle()
  await gulp(slow, here)
  await gulp(slow, here)
  expect(slow.texts(short)).toEqual(['short'])
  expect(slow.texts(archive).length).toBeLessThan(50)
})

test('where nothing is in the way, all rooms are told at once, a short one before the end of a long one', async () => {
  const here = await withPast()
  const { alice, count, clock } = here
  const rooms = Array.from({ length: 20 }, (_, index) => room(`room-${index}`))
  for (const one of rooms) {
    await alice.join(one)
    await alice.post('only', `in ${one}`, one)
  }
  const quick = await here.connect('carol')
  quick.say({ type: 'join', ref: 'long', room: archive, at: { ...alice.picture(archive).position, seq: 0 } })
  for (const one of rooms) quick.say({ type: 'join', ref: one, room: one })
  await clock.settle()
  for (const one of rooms) expect(quick.texts(one)).toEqual([`in ${one}`])
  expect(quick.texts(archive)).toHaveLength(count)
  const told = quick.of('page').map(whatOf)
  expect(told.lastIndexOf(archive)).toBeGreaterThan(told.indexOf('room-0'))
})
