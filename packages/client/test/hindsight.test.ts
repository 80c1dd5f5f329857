import { expect, test } from 'vitest'
import { bob, type Server } from './server.ts'
import { textOf, world } from './world.ts'

const guide = { id: 'guide', kind: 'agent' } as const

/** Somebody talks a lot, in pages of a hundred messages. */
function chatter(server: Server, from: number, count: number): void {
  for (let page = 0; page < count; page += 100) {
    const after = server.log('lobby').events.length
    server.wire.readers.delete('lobby')
    for (let number = 0; number < 100; number += 1) server.post('lobby', bob, `${from + page + number}`)
    server.wire.say({ type: 'page', page: server.page('lobby', after) })
  }
}

async function watching() {
  const made = world()
  const room = made.client.room('lobby')
  const leave = room.subscribe(() => {})
  await made.time.pass()
  return { ...made, room, leave }
}

test('a picture that grows for days lets go of its far past, and can get it back', async () => {
  const { time, server, room } = await watching()
  chatter(server, 1, 10_000)
  await time.pass()
  const { messages, start, earlier } = room.timeline
  expect(messages.length).toBeLessThan(2_000)
  expect(messages.length).toBeGreaterThanOrEqual(1_000)
  expect(messages.at(-1)).toMatchObject({ seq: 10_000 })
  expect(earlier).toBe(true)
  expect(messages[0]?.seq).toBe(start + 1)
  const older = room.older(500)
  await time.pass()
  await older
  expect(room.timeline.messages).toHaveLength(messages.length + 500)
  expect(room.timeline.messages.map(({ parts }) => Number(textOf(parts)))).toEqual(
    Array.from({ length: messages.length + 500 }, (_, index) => 10_000 - messages.length - 500 + index + 1),
  )
})

test('what somebody scrolled back to does not vanish while they look', async () => {
  const { time, server, room, leave } = await watching()
  chatter(server, 1, 10_000)
  await time.pass()
  const older = room.older(500)
  await time.pass()
  await older
  const { start } = room.timeline
  chatter(server, 10_001, 10_000)
  await time.pass()
  expect(room.timeline.start).toBe(start)
  leave()
  room.subscribe(() => {})
  chatter(server, 20_001, 5_000)
  await time.pass()
  expect(room.timeline.messages.length).toBeLessThan(25_000 - start)
})

test('the past is never cut where somebody is still speaking', async () => {
  const { time, server, room } = await watching()
  chatter(server, 1, 900)
  await time.pass()
  server.wire.readers.set('lobby', 900)
  server.append('lobby', guide, { type: 'run.started', run: 'r', cause: 'bob/1', node: 'n' })
  server.append('lobby', guide, { type: 'message.opened', message: 'm', run: 'r' })
  await time.pass()
  chatter(server, 2_000, 10_000)
  await time.pass()
  expect(room.timeline.start).toBe(0)
  server.wire.readers.set('lobby', server.log('lobby').events.length)
  server.append('lobby', guide, { type: 'message.closed', message: 'm', parts: [], outcome: 'completed' })
  server.append('lobby', guide, { type: 'run.ended', run: 'r', outcome: 'completed' })
  await time.pass()
  const end = server.log('lobby').events.length
  chatter(server, 20_000, 5_000)
  await time.pass()
  expect(room.timeline.start).toBeGreaterThanOrEqual(end)
  expect(room.timeline.runs.size).toBe(0)
})
