import { problem, Refusal } from '@parley/protocol'
import { describe, expect, test } from 'vitest'
import { bob } from './server.ts'
import { world } from './world.ts'

async function inLobby() {
  const made = world()
  const room = made.client.room('lobby')
  const leave = room.subscribe(() => {})
  await made.time.pass()
  return { ...made, room, leave }
}

describe('that one writes', () => {
  test('is said now and then while it goes on, and when it is over', async () => {
    const { time, server, room } = await inLobby()
    for (let key = 0; key < 40; key += 1) {
      room.typing()
      await time.pass(100)
    }
    room.typing(false)
    room.typing(false)
    await time.pass()
    expect(server.heard('typing').map(({ on }) => on)).toEqual([true, true, false])
  })

  test('is over with what was written', async () => {
    const { time, server, room } = await inLobby()
    room.typing()
    await Promise.all([room.post('hello'), time.pass()])
    expect(server.wire.heard.map(({ type }) => type).slice(-3)).toEqual(['typing', 'typing', 'post'])
    room.typing()
    await time.pass()
    expect(server.heard('typing').map(({ on }) => on)).toEqual([true, false, true])
  })

  test('is not said where nobody is heard, and not made up for', async () => {
    const { time, server, room } = await inLobby()
    server.wire.end()
    await time.pass(1)
    room.typing()
    await time.pass(600)
    expect(server.heard('typing')).toEqual([])
    room.typing()
    await time.pass()
    expect(server.heard('typing')).toHaveLength(1)
  })
})

describe('what one says of oneself', () => {
  test('is said again with each connection, as it was last', async () => {
    const { time, server, room } = await inLobby()
    room.setPresence('here')
    room.setPresence({ mood: 'fine' })
    room.setPresence({ mood: 'better' })
    await time.pass(2_000)
    expect(server.heard('presence').map(({ state }) => state)).toEqual(['here', { mood: 'better' }])
    server.wire.end()
    await time.pass(2_000)
    expect(server.heard('presence').map(({ state }) => state)).toEqual([{ mood: 'better' }])
  })

  test('is no essay', async () => {
    const { room } = await inLobby()
    expect(() => room.setPresence('x'.repeat(2_000))).toThrow(Refusal)
  })
})

describe('how far one has read', () => {
  test('is what the room shows, said at most once a second, and only forward', async () => {
    const { time, server, room } = await inLobby()
    for (let number = 1; number <= 30; number += 1) {
      server.post('lobby', bob, `${number}`)
      await time.pass(100)
      room.read()
      room.read(1)
    }
    await time.pass(2_000)
    const marks = server.heard('read').map(({ seq }) => seq)
    expect(marks.length).toBeLessThanOrEqual(5)
    expect(marks.at(-1)).toBe(30)
    expect(marks).toEqual(marks.toSorted((one, other) => one - other))
    expect(room.timeline.reads.get('alice')).toBe(30)
  })

  test('is said when the connection is back, the newest alone', async () => {
    const { time, server, room } = await inLobby()
    server.decide = ({ type }) => (type === 'read' ? 'silence' : undefined)
    room.read(1)
    await time.pass(2_000)
    server.wire.end()
    await time.pass(1)
    server.decide = () => undefined
    room.read(2)
    room.read(3)
    await time.pass(2_000)
    expect(server.heard('read').map(({ seq }) => seq)).toEqual([3])
  })

  test('is said again where its answer was lost, or it was refused for now', async () => {
    const { time, server, room } = await inLobby()
    server.decide = ({ type }) => (type === 'read' ? problem('storage.unavailable', 'not now') : undefined)
    room.read(4)
    await time.pass()
    server.decide = () => undefined
    await time.pass(2_000)
    expect(server.heard('read').map(({ seq }) => seq)).toEqual([4, 4])
    server.decide = ({ type }) => (type === 'read' ? 'silence' : undefined)
    room.read(5)
    await time.pass()
    server.decide = () => undefined
    server.wire.end()
    await time.pass(2_000)
    expect(server.heard('read').map(({ seq }) => seq)).toEqual([5])
  })

  test('that is refused as no place there is does not stand in the way of those there are', async () => {
    const { time, server, room } = await inLobby()
    server.decide = (command) =>
      command.type === 'read' && command.seq > 100 ? problem('message.invalid', 'not yet') : undefined
    room.read(9_999)
    await time.pass(2_000)
    room.read(3)
    await time.pass(2_000)
    expect(server.heard('read').map(({ seq }) => seq)).toEqual([9_999, 3])
    expect(room.timeline.reads.get('alice')).toBe(3)
  })

  test('means nothing in a log that has replaced the one that was read', async () => {
    const { time, server, room } = await inLobby()
    server.post('lobby', bob, 'one')
    server.post('lobby', bob, 'two')
    await time.pass()
    const { position } = room.timeline
    room.read()
    await time.pass(2_000)
    server.replace('lobby', 'e2')
    server.wire.end()
    await time.pass(2_000)
    server.post('lobby', bob, 'anew')
    await time.pass()
    room.read(position)
    room.read()
    await time.pass(2_000)
    expect(server.heard('read').map(({ seq }) => seq)).toEqual([1])
  })

  test('leaves no timer behind when the client is closed', async () => {
    const { time, room, client } = await inLobby()
    room.read(1)
    room.setPresence('here')
    await time.pass()
    await Promise.all([client.close(), time.pass()])
    expect(time.timers).toBe(0)
  })
})
