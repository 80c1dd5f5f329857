import { problem, Refusal } from '@parley/protocol'
import { describe, expect, test } from 'vitest'
import { OutcomeUnknown, type RoomPicture } from '../src/index.ts'
import { alice, bob, whole } from './server.ts'
import { shown, textOf, world } from './world.ts'

const busy = problem('rate.exceeded', 'slowly', { retryAfterMs: 1_000 })
const early = problem('message.early', 'send the earlier one first')
const denied = problem('access.denied', 'read only')

function inLobby(...given: Parameters<typeof world>) {
  const made = world(...given)
  const room = made.client.room('lobby')
  const pictures: RoomPicture[] = []
  room.subscribe((picture) => pictures.push(picture))
  return { ...made, room, pictures }
}

/** Each text is shown exactly once in each picture, from the first one that shows it. */
function expectNoFlicker(pictures: readonly RoomPicture[], text: string): void {
  const counts = pictures.map(
    ({ messages, pending }) => [...messages, ...pending].filter((one) => textOf(one.parts) === text).length,
  )
  expect(counts.slice(counts.indexOf(1)).every((count) => count === 1)).toBe(true)
}

test('what is said is shown at once, and becomes a message', async () => {
  const { time, server, room, pictures } = inLobby()
  await time.pass()
  const posted = room.post('hello')
  expect(shown(room.timeline)).toEqual(['sent:hello'])
  await time.pass()
  expect(await posted).toEqual({ id: 'id-1', position: { epoch: 'e1', seq: 1 } })
  expect(shown(room.timeline)).toEqual(['hello'])
  expect(server.texts('lobby')).toEqual(['hello'])
  expectNoFlicker(pictures, 'hello')
})

test('parts, priority and meta arrive as they were given', async () => {
  const { time, server, room } = inLobby()
  const parts = [{ type: 'data' as const, name: 'vote', data: { yes: true } }]
  room.post(parts, { id: 'vote-1', priority: 1, meta: { from: 'test' } })
  parts.length = 0
  await time.pass()
  expect(server.heard('post')).toEqual([
    {
      type: 'post',
      room: 'lobby',
      id: 'vote-1',
      parts: [{ type: 'data', name: 'vote', data: { yes: true } }],
      priority: 1,
      meta: { from: 'test' },
    },
  ])
})

test('a post needs no watcher; the room is left when it has arrived', async () => {
  const { time, server, client } = world()
  const posted = client.room('lobby').post('hello')
  await time.pass(20)
  await posted
  expect(server.heard('join')).toHaveLength(1)
  await time.pass(6_000)
  expect(server.heard('leave')).toHaveLength(1)
})

describe('the message takes the place of what was pending in one step', () => {
  test('when the reply comes before the page', async () => {
    const { time, server, room, pictures } = inLobby()
    await time.pass()
    server.wire.readers.set('lobby', 99)
    const posted = room.post('hello')
    await time.pass()
    await posted
    expect(shown(room.timeline)).toEqual(['sent:hello'])
    server.wire.say({ type: 'page', page: server.page('lobby', 0) })
    await time.pass()
    expect(shown(room.timeline)).toEqual(['hello'])
    expectNoFlicker(pictures, 'hello')
  })

  test('when the page comes before the reply', async () => {
    const { time, server, room, pictures } = inLobby()
    await time.pass()
    server.decide = (command) => {
      if (command.type !== 'post') return undefined
      server.append('lobby', alice, { type: 'message.posted', parts: whole(command.parts) }, command.id)
      return 'silence'
    }
    const posted = room.post('hello')
    await time.pass()
    expect(shown(room.timeline)).toEqual(['hello'])
    expectNoFlicker(pictures, 'hello')
    server.wire.end()
    await time.pass()
    expect(await posted).toEqual({ id: 'id-1', position: { epoch: 'e1', seq: 1 } })
  })

  test('when the room was opened long after the welcome, and the answer is late', async () => {
    const { time, server, client } = world()
    await time.pass(1_000)
    server.decide = (command) => {
      if (command.type !== 'post') return undefined
      server.append('lobby', alice, { type: 'message.posted', parts: whole(command.parts) }, command.id)
      return 'silence'
    }
    const room = client.room('lobby')
    room.post('hello')
    await time.pass()
    expect(shown(room.timeline)).toEqual(['hello'])
  })

  test('when both are lost with the connection', async () => {
    const { time, server, room, pictures } = inLobby()
    await time.pass()
    const posted = room.post('hello')
    server.wire.end()
    server.wire.dead = true
    await time.pass(30_000)
    await time.pass(30_000)
    await posted
    expect(shown(room.timeline)).toEqual(['hello'])
    expect(server.texts('lobby')).toEqual(['hello'])
    expectNoFlicker(pictures, 'hello')
  })

  test('when somebody else uses the same id, it stays pending', async () => {
    const { time, server, room } = inLobby()
    await time.pass()
    server.decide = (command) => (command.type === 'post' ? 'silence' : undefined)
    room.post('mine', { id: 'x' })
    server.post('lobby', bob, 'not mine', 'x')
    await time.pass()
    expect(shown(room.timeline)).toEqual(['not mine', 'sent:mine'])
  })
})

test('what is said offline is sent in its order after the join', async () => {
  const { time, server, room } = inLobby()
  await time.pass()
  server.up = false
  server.wire.end()
  await time.pass(1)
  for (const text of ['one', 'two', 'three']) room.post(text)
  expect(shown(room.timeline)).toEqual(['waiting:one', 'waiting:two', 'waiting:three'])
  server.up = true
  await time.pass(2_000)
  expect(server.texts('lobby')).toEqual(['one', 'two', 'three'])
  expect(server.wire.heard.map((command) => command.type)).toEqual(['join', 'post', 'post', 'post'])
})

test.each([1, 8])('with %i on the wire at once, a loss changes no order and doubles nothing', async (window) => {
  const { time, server, room } = inLobby({ window })
  await time.pass()
  let posts = 0
  server.decide = (command) => {
    if (command.type !== 'post') return undefined
    posts += 1
    if ([3, 7, 12, 25].includes(posts)) server.wire.end()
    if ([5, 10, 18, 31].includes(posts)) server.wire.dead = true
    return server.wire.dead ? 'silence' : undefined
  }
  const texts = Array.from({ length: 20 }, (_, index) => `${index}`)
  const all = Promise.all(texts.map((text) => room.post(text)))
  for (let minute = 0; minute < 10; minute += 1) await time.pass(60_000)
  await all
  expect(shown(room.timeline)).toEqual(texts)
  expect(server.texts('lobby')).toEqual(texts)
})

test('a post that is refused for the moment waits as long as it is told, and nothing overtakes it', async () => {
  const { time, server, room } = inLobby()
  await time.pass()
  // What stands behind a refused post is refused with it.
  server.decide = (command) => (command.type !== 'post' ? undefined : command.after === undefined ? busy : early)
  const all = Promise.all(['one', 'two', 'three'].map((text) => room.post(text)))
  await time.pass()
  expect(shown(room.timeline)).toEqual(['waiting:one', 'waiting:two', 'waiting:three'])
  expect(server.heard('post')).toMatchObject([{ parts: [{ text: 'one' }] }, { after: 'id-1' }, { after: 'id-2' }])
  server.decide = () => undefined
  await time.pass(980)
  expect(server.heard('post')).toHaveLength(3)
  await time.pass(600)
  await all
  expect(server.texts('lobby')).toEqual(['one', 'two', 'three'])
})

test('a pause that the server asked for outlasts the connection', async () => {
  const { time, server, room } = inLobby()
  await time.pass()
  server.decide = (command) => (command.type === 'post' ? { ...busy, retryAfterMs: 20_000 } : undefined)
  room.post('one')
  await time.pass()
  server.decide = () => undefined
  server.wire.end()
  await time.pass(15_000)
  expect(server.heard('post')).toHaveLength(0)
  await time.pass(10_000)
  expect(server.texts('lobby')).toEqual(['one'])
})

test('a store that fails is tried ever more slowly', async () => {
  const { time, server, room } = inLobby()
  await time.pass()
  server.decide = (command) => (command.type === 'post' ? problem('storage.unavailable', 'one moment') : undefined)
  room.post('one')
  await time.pass(60_000)
  const tries = server.heard('post').length
  expect(tries).toBeGreaterThan(4)
  expect(tries).toBeLessThan(12)
  server.decide = () => undefined
  await time.pass(30_000)
  expect(shown(room.timeline)).toEqual(['one'])
})

test('a post whose token had ended is sent again with a new one', async () => {
  let tokens = 0
  const { time, server, room } = inLobby({ token: () => `t${++tokens}` })
  await time.pass()
  server.decide = (command) =>
    command.type === 'post' && server.heard('authenticate').length === 0
      ? problem('auth.expired', 'the token has ended')
      : undefined
  const posted = room.post('one')
  await time.pass(1_000)
  await posted
  expect(server.heard('authenticate')).toHaveLength(1)
})

describe('a post that is refused for good', () => {
  async function refused() {
    const made = inLobby()
    await made.time.pass()
    made.server.decide = (command) => (command.type === 'post' ? denied : undefined)
    const posted = made.room.post('hello')
    const outcome = await Promise.allSettled([posted, made.time.pass()])
    return { ...made, outcome: outcome[0] }
  }

  test('rejects, and keeps what was typed', async () => {
    const { room, outcome } = await refused()
    expect(outcome).toMatchObject({ status: 'rejected', reason: { problem: denied } })
    expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(Refusal)
    expect(room.timeline.pending).toMatchObject([
      { id: 'id-1', state: 'refused', problem: denied, parts: [{ type: 'text', text: 'hello' }] },
    ])
  })

  test('does not keep others from being sent', async () => {
    const { time, server, room } = await refused()
    server.decide = () => undefined
    room.post('next')
    await time.pass()
    expect(shown(room.timeline)).toEqual(['next', 'refused:hello'])
  })

  test('is sent again when somebody wants it', async () => {
    const { time, server, room } = await refused()
    server.decide = () => undefined
    room.retry('id-1')
    expect(shown(room.timeline)).toEqual(['sent:hello'])
    await time.pass()
    expect(shown(room.timeline)).toEqual(['hello'])
  })

  test('is gone when somebody discards it', async () => {
    const { room } = await refused()
    room.discard('id-1')
    expect(shown(room.timeline)).toEqual([])
  })

  test('does not hold the room', async () => {
    const { time, server, client } = world()
    server.decide = (command) => (command.type === 'post' ? denied : undefined)
    await Promise.allSettled([client.room('lobby').post('x'), time.pass(10_000)])
    expect(server.heard('leave')).toHaveLength(1)
  })
})

test('a room that may not be heard may still be spoken in', async () => {
  const { time, server, room } = inLobby()
  server.decide = (command) => (command.type === 'join' ? problem('access.denied', 'write only') : undefined)
  const posted = room.post('hello')
  await time.pass(20)
  expect(await posted).toMatchObject({ position: { seq: 1 } })
  expect(room.timeline.pending).toEqual([])
})

test('a post that waits can be discarded before it is sent', async () => {
  const { time, server, room } = inLobby()
  server.up = false
  server.wire.end()
  await time.pass(1)
  const posted = room.post('hello')
  room.discard('id-1')
  await expect(posted).rejects.toThrow('discarded')
  server.up = true
  await time.pass(5_000)
  expect(server.texts('lobby')).toEqual([])
})

test('the same post said twice is one post', async () => {
  const { time, server, room } = inLobby()
  const both = Promise.all([room.post('hello', { id: 'x' }), room.post('hello', { id: 'x' })])
  await expect(room.post('something else', { id: 'x' })).rejects.toMatchObject({ problem: { code: 'id.conflict' } })
  await time.pass(20)
  expect(await both).toEqual([
    { id: 'x', position: { epoch: 'e1', seq: 1 } },
    { id: 'x', position: { epoch: 'e1', seq: 1 } },
  ])
  expect(server.texts('lobby')).toEqual(['hello'])
})

test('a post that the room shows already is not said again', async () => {
  const { time, server, room, pictures } = inLobby()
  await time.pass()
  server.post('lobby', alice, 'hello', 'x')
  await time.pass()
  expect(await room.post('hello', { id: 'x' })).toEqual({ id: 'x', position: { epoch: 'e1', seq: 1 } })
  expect(server.heard('post')).toHaveLength(0)
  expectNoFlicker(pictures, 'hello')
})

test('an id that was used long ago for something else is refused, not taken for done', async () => {
  const { time, server, client } = world()
  server.post('lobby', alice, 'the first', 'x')
  server.decide = (command) => (command.type === 'post' ? problem('id.conflict', 'the first stays') : undefined)
  const posted = client.room('lobby').post('the other', { id: 'x' })
  await Promise.all([expect(posted).rejects.toThrow('the first stays'), time.pass(20)])
})

test('a message that is too large is refused here, and the connection is spared', async () => {
  const { time, server, client } = world({ lazy: true })
  server.maxFrameBytes = 200
  const room = client.room('lobby')
  const posts = Promise.allSettled([room.post('ü'.repeat(150)), room.post('short')])
  await time.pass(20)
  expect(await posts).toMatchObject([
    { status: 'rejected', reason: { problem: { code: 'message.large' } } },
    { status: 'fulfilled' },
  ])
  expect(client.status).toBe('connected')
})

test('there is an end to how much can wait', async () => {
  const { time, server, room } = inLobby()
  server.up = false
  server.wire.end()
  await time.pass(1)
  for (let number = 0; number < 1_000; number += 1) room.post(`${number}`)
  await expect(room.post('one too many')).rejects.toMatchObject({ problem: { code: 'limit.exceeded' } })
  expect(room.timeline.pending).toHaveLength(1_000)
})

test('a log that was replaced after it had accepted a post does not leave it pending for ever', async () => {
  const { time, server, room } = inLobby()
  await time.pass()
  server.wire.readers.set('lobby', 99)
  const posted = room.post('hello')
  await time.pass()
  await posted
  server.replace('lobby', 'e2')
  server.wire.end()
  await time.pass(1_000)
  expect(shown(room.timeline)).toEqual([])
})

test('closing leaves the outcome open, and says so', async () => {
  const { time, server, client, room } = inLobby()
  await time.pass()
  server.decide = (command) => (command.type === 'post' ? 'silence' : undefined)
  const posted = room.post('hello')
  const closing = client.close()
  await Promise.all([expect(posted).rejects.toBeInstanceOf(OutcomeUnknown), time.pass()])
  await closing
  expect(time.timers).toBe(0)
  await expect(room.post('later')).rejects.toBeInstanceOf(OutcomeUnknown)
  server.decide = () => undefined
  client.reconnect()
  await time.pass(20)
  expect(server.texts('lobby')).toEqual(['hello', 'later'])
  expect(shown(room.timeline)).toEqual(['hello', 'later'])
})

test('a client that may not come back tells why the outcome is unknown', async () => {
  const { time, server, room } = inLobby()
  await time.pass()
  server.decide = (command) => (command.type === 'post' ? 'silence' : undefined)
  const posted = room.post('hello')
  server.wire.end(4004, 'banned')
  await Promise.all([
    expect(posted).rejects.toMatchObject({ id: 'id-1', cause: { problem: { code: 'access.denied' } } }),
    time.pass(),
  ])
  expect(shown(room.timeline)).toEqual(['waiting:hello'])
})
