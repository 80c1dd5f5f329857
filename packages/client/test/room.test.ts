import { problem, Refusal } from '@parley/protocol'
import { expect, test, vi } from 'vitest'
import type { RoomPicture } from '../src/index.ts'
import { alice, bob } from './server.ts'
import { shown, world } from './world.ts'

const guide = { id: 'guide', kind: 'agent', name: 'Guide' } as const

/** A client in a room, with all the pictures it was shown. */
async function inLobby(...texts: string[]) {
  const made = world()
  for (const text of texts) made.server.post('lobby', bob, text)
  const room = made.client.room('lobby')
  const pictures: RoomPicture[] = []
  const leave = room.subscribe((picture) => pictures.push(picture))
  await made.time.pass()
  return { ...made, room, pictures, leave }
}

test('the same room is always the same object', () => {
  const { client } = world()
  expect(client.room('lobby')).toBe(client.room('lobby'))
  expect(() => client.room('not a room')).toThrow(Refusal)
})

test('who comes in sees what was said, and hears what is said', async () => {
  const { time, server, room } = await inLobby('one', 'two')
  expect(shown(room.timeline)).toEqual(['one', 'two'])
  expect(room.timeline.joined).toBe(true)
  server.post('lobby', bob, 'three')
  await time.pass()
  expect(shown(room.timeline)).toEqual(['one', 'two', 'three'])
})

test('a picture is the same object until something changes', async () => {
  const { time, room } = await inLobby('one')
  const before = room.timeline
  await time.pass(60_000)
  expect(room.timeline).toBe(before)
})

test('an empty room is heard from its first word on', async () => {
  const { time, server, room } = await inLobby()
  expect(room.timeline).toMatchObject({ joined: true, messages: [] })
  server.post('lobby', bob, 'first')
  await time.pass()
  expect(shown(room.timeline)).toEqual(['first'])
})

test('each frame is one piece of news, however much it tells', async () => {
  const { time, server, pictures } = await inLobby()
  const before = pictures.length
  for (const text of ['one', 'two', 'three']) server.post('lobby', bob, text, text)
  await time.pass()
  expect(pictures.length - before).toBe(3)
  server.wire.readers.set('lobby', 99)
  server.post('lobby', bob, 'four')
  server.post('lobby', bob, 'five')
  server.wire.say({ type: 'page', page: server.page('lobby', 3) })
  await time.pass()
  expect(pictures.length - before).toBe(4)
})

test('after a loss it goes on from its place', async () => {
  const { time, server, room } = await inLobby('one')
  server.wire.end()
  await time.pass(1)
  expect(room.timeline.joined).toBe(false)
  server.post('lobby', bob, 'two')
  await time.pass(600)
  expect(server.heard('join')).toEqual([{ type: 'join', room: 'lobby', at: { epoch: 'e1', seq: 1 } }])
  expect(shown(room.timeline)).toEqual(['one', 'two'])
  expect(room.timeline.joined).toBe(true)
})

test('a log that was replaced is shown anew', async () => {
  const { time, server, client, room } = await inLobby('one', 'two')
  server.wire.end()
  server.replace('lobby', 'e2')
  server.post('lobby', bob, 'other')
  await time.pass(600)
  expect(shown(room.timeline)).toEqual(['other'])
  expect(client.diagnostics).toMatchObject({ resets: 1, reconnects: 1 })
})

test('a streamed answer grows as it is told', async () => {
  const { time, server, room } = await inLobby()
  const say = async (fact: Parameters<typeof server.append>[2]) => {
    server.append('lobby', guide, fact)
    await time.pass()
  }
  await say({ type: 'message.opened', message: 'm', run: 'r' })
  await say({ type: 'message.grew', message: 'm', part: 0, kind: 'text', from: 0, text: 'Hel' })
  await say({ type: 'message.grew', message: 'm', part: 0, kind: 'text', from: 3, text: 'lo' })
  expect(room.timeline.messages[0]).toMatchObject({ state: 'streaming', parts: [{ type: 'text', text: 'Hello' }] })
})

test('a page that does not follow is asked for again, not shown', async () => {
  const { time, server, room } = await inLobby('one')
  server.wire.readers.set('lobby', 99)
  server.post('lobby', bob, 'two')
  server.post('lobby', bob, 'three')
  server.wire.say({ type: 'page', page: server.page('lobby', 2) })
  await time.pass()
  expect(server.heard('join').at(-1)).toMatchObject({ at: { epoch: 'e1', seq: 1 } })
  expect(shown(room.timeline)).toEqual(['one', 'two', 'three'])
})

test('a page of another log is not mixed into this one', async () => {
  const { time, server, room } = await inLobby('one')
  server.wire.say({ type: 'page', page: { ...server.page('lobby', 0), epoch: 'e9', upTo: 2 } })
  await time.pass()
  expect(shown(room.timeline)).toEqual(['one'])
  expect(server.heard('join')).toHaveLength(2)
})

test('a server whose pages never follow is left for a while', async () => {
  const { time, server, client, room } = await inLobby('one')
  for (let round = 0; round < 3; round += 1) {
    server.wire.say({ type: 'page', page: { ...server.page('lobby', 0), after: 7, upTo: 8, events: [] } })
    await time.pass(5)
  }
  expect(client.state).toMatchObject({ status: 'reconnecting', problem: { code: 'message.invalid' } })
  await time.pass(1_000)
  expect(client.status).toBe('connected')
  expect(room.timeline.joined).toBe(true)
})

test('pages told twice, or of a room nobody asked for, change nothing', async () => {
  const { time, server, client, room } = await inLobby('one')
  const before = room.timeline
  server.wire.say({ type: 'page', page: server.page('lobby', 0) })
  server.post('elsewhere', bob, 'hush')
  server.wire.say({ type: 'page', page: server.page('elsewhere', 0) })
  await time.pass()
  expect(room.timeline.messages).toBe(before.messages)
  expect(client.diagnostics.ignoredFrames).toBe(1)
})

test('a room is joined once, however many watch it', async () => {
  const { time, server, room } = await inLobby()
  const stops = [room.subscribe(() => {}), room.subscribe(() => {})]
  await time.pass()
  expect(server.heard('join')).toHaveLength(1)
  for (const stop of stops) stop()
  await time.pass(6_000)
  expect(server.heard('leave')).toHaveLength(0)
})

test('a room that nobody watches any more is left some time after', async () => {
  const { time, server, room, leave } = await inLobby()
  leave()
  await time.pass(4_990)
  expect(server.heard('leave')).toHaveLength(0)
  await time.pass(20)
  expect(server.heard('leave')).toHaveLength(1)
  expect(room.timeline.joined).toBe(false)
})

test('who comes right back has never been away', async () => {
  const { time, server, room, leave } = await inLobby()
  leave()
  await time.pass(4_000)
  room.subscribe(() => {})
  await time.pass(10_000)
  expect(server.heard('leave')).toHaveLength(0)
  expect(server.heard('join')).toHaveLength(1)
})

test('who comes back later goes on from where they left', async () => {
  const { time, server, room, leave } = await inLobby('one')
  leave()
  await time.pass(6_000)
  server.post('lobby', bob, 'two')
  await time.pass()
  expect(shown(room.timeline)).toEqual(['one'])
  room.subscribe(() => {})
  await time.pass()
  expect(server.heard('join').at(-1)).toMatchObject({ at: { epoch: 'e1', seq: 1 } })
  expect(shown(room.timeline)).toEqual(['one', 'two'])
})

test('leaving takes effect at once, and lasts over reconnects', async () => {
  const { time, server, room } = await inLobby()
  room.leave()
  await time.pass()
  expect(server.heard('leave')).toHaveLength(1)
  server.wire.end()
  await time.pass(600)
  expect(server.heard('join')).toHaveLength(0)
  room.subscribe(() => {})
  await time.pass()
  expect(server.heard('join')).toHaveLength(1)
})

test('a room that nobody wants any more is not joined after a loss', async () => {
  const { time, server, leave } = await inLobby()
  server.wire.end()
  await time.pass(1)
  leave()
  await time.pass(600)
  expect(server.heard('join')).toHaveLength(0)
})

test('a room that may not be heard says why, and is not asked for again', async () => {
  const { time, server, client } = world()
  const denied = problem('access.denied', 'members only')
  server.decide = (command) => (command.type === 'join' ? denied : undefined)
  const room = client.room('secret')
  room.subscribe(() => {})
  await time.pass(100_000)
  expect(room.timeline).toMatchObject({ joined: false, problem: denied })
  expect(server.heard('join')).toHaveLength(1)
})

test('a room that is refused for the moment is asked for again', async () => {
  const { time, server, client } = world()
  const busy = problem('storage.unavailable', 'one moment', { retryAfterMs: 2_000 })
  server.decide = (command) => (command.type === 'join' ? busy : undefined)
  const room = client.room('lobby')
  room.subscribe(() => {})
  await time.pass(100)
  expect(room.timeline.problem).toEqual(busy)
  server.decide = () => undefined
  await time.pass(2_500)
  expect(room.timeline.joined).toBe(true)
  expect(room.timeline.problem).toBeUndefined()
})

test('who is removed keeps what they saw, hears nothing more, and is told why', async () => {
  const { time, server, room } = await inLobby('one')
  server.wire.readers.delete('lobby')
  server.wire.say({ type: 'removed', room: 'lobby', problem: problem('access.denied', 'you were removed') })
  await time.pass()
  expect(shown(room.timeline)).toEqual(['one'])
  expect(room.timeline).toMatchObject({ joined: false, problem: { message: 'you were removed' } })
  server.wire.say({ type: 'page', page: { ...server.page('lobby', 1), upTo: 2 } })
  await time.pass(60_000)
  expect(server.heard('join')).toHaveLength(1)
})

test('a renewed token opens what was refused before', async () => {
  const { time, server, client } = world({ token: () => 't' })
  server.decide = (command) => (command.type === 'join' ? problem('access.denied', 'no') : undefined)
  const room = client.room('secret')
  room.subscribe(() => {})
  await time.pass()
  server.decide = () => undefined
  server.wire.say({ type: 'token.expiring', expiresAt: 0 })
  await time.pass()
  expect(room.timeline.joined).toBe(true)
})

test('history is read from the end towards the beginning', async () => {
  const { time, server, client } = world()
  for (let number = 1; number <= 250; number += 1) server.post('lobby', bob, `${number}`)
  const room = client.room('lobby')
  room.subscribe(() => {})
  await time.pass()
  expect(room.timeline).toMatchObject({ start: 50, earlier: true, loadingOlder: false })
  const first = room.older(30)
  expect(room.timeline.loadingOlder).toBe(true)
  expect(room.older(30)).toBe(first)
  await time.pass()
  expect(await first).toBe(true)
  expect(room.timeline).toMatchObject({ start: 20, loadingOlder: false })
  const second = room.older()
  await time.pass()
  expect(await second).toBe(false)
  expect(shown(room.timeline)).toEqual(Array.from({ length: 250 }, (_, index) => `${index + 1}`))
  expect(await room.older()).toBe(false)
})

test('history that was asked for before a loss comes after it', async () => {
  const { time, server, client } = world()
  for (let number = 1; number <= 250; number += 1) server.post('lobby', bob, `${number}`)
  const room = client.room('lobby')
  room.subscribe(() => {})
  await time.pass()
  server.wire.dead = true
  const older = room.older()
  client.reconnect()
  await time.pass()
  expect(await older).toBe(false)
  expect(room.timeline.messages).toHaveLength(250)
})

test('history that is refused says why, and can be asked for again', async () => {
  const { time, server, client } = world()
  for (let number = 1; number <= 250; number += 1) server.post('lobby', bob, `${number}`)
  const room = client.room('lobby')
  room.subscribe(() => {})
  await time.pass()
  server.decide = (command) => (command.type === 'older' ? problem('rate.exceeded', 'slowly') : undefined)
  await Promise.all([expect(room.older()).rejects.toThrow('slowly'), time.pass()])
  expect(room.timeline.loadingOlder).toBe(false)
  server.decide = () => undefined
  const again = room.older()
  await time.pass()
  expect(await again).toBe(false)
})

test('stopping a run works while offline too: it is asked for as soon as there is a connection', async () => {
  const { time, server, room } = await inLobby()
  server.wire.end()
  await time.pass(1)
  const cancelled = room.cancel('r1')
  await time.pass(600)
  await cancelled
  expect(server.heard('cancel')).toEqual([{ type: 'cancel', room: 'lobby', run: 'r1' }])
})

test('a run that has ended already needs no stopping', async () => {
  const { time, server, room } = await inLobby()
  server.decide = (command) => (command.type === 'cancel' ? problem('run.over', 'it is over') : undefined)
  const cancelled = room.cancel('r1')
  await time.pass()
  await expect(cancelled).resolves.toBeUndefined()
  server.decide = (command) => (command.type === 'cancel' ? problem('access.denied', 'not yours') : undefined)
  await Promise.all([expect(room.cancel('r1')).rejects.toThrow('not yours'), time.pass()])
})

test('another user in the same client sees nothing of the one before', async () => {
  const { time, server, room } = await inLobby('for alice')
  server.wire.end()
  server.actor = bob
  server.decide = (command) => (command.type === 'join' ? problem('access.denied', 'no') : undefined)
  await time.pass(600)
  expect(shown(room.timeline)).toEqual([])
})

test('a watcher may do something in answer to what it sees', async () => {
  const { time, server, room } = await inLobby()
  const answer = vi.fn((picture: RoomPicture) => {
    const { messages, pending } = picture
    if (messages.at(-1)?.by.id === 'bob' && pending.length === 0) room.post('hello, bob')
  })
  room.subscribe(answer)
  server.post('lobby', bob, 'hello')
  await time.pass()
  expect(shown(room.timeline)).toEqual(['hello', 'hello, bob'])
  expect(room.timeline.messages[1]?.by).toEqual(alice)
})
