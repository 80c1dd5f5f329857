import type { Author, Presence, Signal } from '@parley/protocol'
import { describe, expect, test } from 'vitest'
import type { RoomPicture } from '../src/index.ts'
import { alice, bob } from './server.ts'
import { world } from './world.ts'

const carol: Author = { id: 'carol', kind: 'user', name: 'Carol' }
const here = (user: Author, state?: string): Presence => ({
  type: 'presence',
  user,
  here: true,
  ...(state === undefined ? {} : { state }),
})
const gone = (user: Author): Presence => ({ type: 'presence', user, here: false })
const types = (user: Author, on = true): Signal => ({ type: 'typing', user, on })

async function inLobby(members: readonly Author[] = [alice, bob]) {
  const made = world()
  made.server.members = members
  const room = made.client.room('lobby')
  const pictures: RoomPicture[] = []
  const leave = room.subscribe((picture) => pictures.push(picture))
  await made.time.pass()
  const present = () => [...room.timeline.members.values()].filter((one) => one.here).map(({ user }) => user.id)
  return { ...made, room, leave, pictures, present }
}

describe('who is here', () => {
  test('is known from the start, and followed', async () => {
    const { time, server, room, present } = await inLobby()
    expect(present()).toEqual(['alice', 'bob'])
    server.signal('lobby', here(carol), gone(bob))
    await time.pass()
    expect(present()).toEqual(['alice', 'carol'])
    expect(room.timeline.count).toBe(2)
    expect(room.timeline.members.get('bob')).toMatchObject({ here: false, user: bob })
  })

  test('and who left between the answer to joining and the roster is not shown', async () => {
    const { time, server, present } = await inLobby([alice, bob, carol])
    expect(present()).toEqual(['alice', 'bob', 'carol'])
    server.signal('lobby', here(alice), here(bob))
    await time.pass()
    expect(present()).toEqual(['alice', 'bob'])
    // Later on not everybody is told of each time.
    server.signal('lobby', here(alice, 'busy'))
    await time.pass()
    expect(present()).toEqual(['alice', 'bob'])
  })

  test('and what they say of themselves is kept over a lost connection', async () => {
    const { time, server, room } = await inLobby()
    server.signal('lobby', here(bob, 'busy'))
    await time.pass()
    server.wire.end()
    await time.pass(600)
    expect(room.timeline.members.get('bob')).toEqual({ user: bob, here: true, state: 'busy' })
  })

  test('does not flicker while connections are lost, and is true again some seconds later', async () => {
    const { time, server, pictures, present } = await inLobby([alice, bob, carol])
    pictures.length = 0
    // All come back, one after the other; but Carol does not.
    server.members = [alice]
    server.wire.end()
    await time.pass(600)
    server.signal('lobby', here(bob))
    await time.pass()
    expect(present()).toEqual(['alice', 'bob', 'carol'])
    expect(pictures.map(({ count }) => count).every((count) => count === 3)).toBe(true)
    await time.pass(6_000)
    expect(present()).toEqual(['alice', 'bob'])
    expect(pictures.at(-1)?.count).toBe(2)
  })

  test('is forgotten where the room is left', async () => {
    const { time, room, leave } = await inLobby()
    leave()
    await time.pass(6_000)
    expect(room.timeline).toMatchObject({ count: 0, members: new Map(), typing: [] })
  })

  test('is only counted in a crowd, and named again when it has become small', async () => {
    const { time, server, room, present } = await inLobby()
    server.signal('lobby', { type: 'presence.count', count: 500 })
    await time.pass()
    expect(room.timeline.count).toBe(500)
    server.wire.end()
    await time.pass(600)
    expect(room.timeline.count).toBe(500)
    server.signal('lobby', here(alice), here(carol))
    await time.pass()
    expect(present()).toEqual(['alice', 'carol'])
    expect(room.timeline.count).toBe(2)
  })

  test('can be asked for', async () => {
    const { time, server, room, present } = await inLobby()
    server.members = [alice, bob, carol]
    const [members] = await Promise.all([room.listMembers(), time.pass()])
    expect(members).toHaveLength(3)
    expect(present()).toEqual(['alice', 'bob', 'carol'])
  })
})

describe('who writes', () => {
  const names = ({ typing }: RoomPicture) => typing.map(({ id }) => id)

  test('is everybody else, until the server says that they stopped, or they go', async () => {
    const { time, server, room } = await inLobby()
    server.signal('lobby', types(bob), types(carol), types(alice))
    await time.pass()
    expect(names(room.timeline)).toEqual(['bob', 'carol'])
    server.signal('lobby', types(carol, false))
    await time.pass()
    expect(names(room.timeline)).toEqual(['bob'])
    server.signal('lobby', types(bob, false))
    await time.pass()
    expect(names(room.timeline)).toEqual([])
    server.signal('lobby', types(carol))
    server.signal('lobby', gone(carol))
    await time.pass()
    expect(names(room.timeline)).toEqual([])
  })

  test('goes on being shown, however long it takes, until the server says otherwise', async () => {
    const { time, server, room } = await inLobby()
    server.signal('lobby', types(bob))
    await time.pass(60_000)
    expect(names(room.timeline)).toEqual(['bob'])
    server.signal('lobby', types(bob, false))
    await time.pass()
    expect(names(room.timeline)).toEqual([])
  })

  test('changes nothing where it was known', async () => {
    const { time, server, pictures } = await inLobby()
    server.signal('lobby', types(bob))
    await time.pass()
    pictures.length = 0
    server.signal('lobby', types(bob))
    await time.pass()
    expect(pictures).toEqual([])
  })

  test('leaves no timer behind when the client is closed', async () => {
    const { time, server, client } = await inLobby()
    server.members = []
    server.wire.end()
    await time.pass(600)
    server.signal('lobby', types(bob))
    await time.pass()
    await Promise.all([client.close(), time.pass()])
    expect(time.timers).toBe(0)
  })
})

describe('how far everybody has read', () => {
  test('goes on, and never back', async () => {
    const { time, server, room } = await inLobby()
    server.signal('lobby', { type: 'read', user: 'bob', seq: 7 })
    server.signal('lobby', { type: 'read', user: 'bob', seq: 5 }, { type: 'read', user: 'carol', seq: 2 })
    await time.pass()
    expect([...room.timeline.reads]).toEqual([
      ['bob', 7],
      ['carol', 2],
    ])
  })

  test('stays over a lost connection, but not in another log', async () => {
    const { time, server, room } = await inLobby()
    server.post('lobby', bob, 'one')
    server.signal('lobby', { type: 'read', user: 'bob', seq: 1 })
    await time.pass()
    server.wire.end()
    await time.pass(600)
    expect(room.timeline.reads.get('bob')).toBe(1)
    server.replace('lobby', 'e2')
    server.wire.end()
    await time.pass(2_000)
    expect(room.timeline.reads.size).toBe(0)
  })
})
