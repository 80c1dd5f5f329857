import { expect, test } from 'vitest'
import type { Room } from '../src/index.ts'
import { alice, bob, type Server } from './server.ts'
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

/** Says something about the message `bob-<number>` of a chatter. */
function about(server: Server, number: number): void {
  server.wire.readers.set('lobby', server.log('lobby').events.length)
  const message = `bob/bob-${number}`
  const parts = [{ type: 'text', text: `${number}, better` }] as const
  server.append('lobby', bob, { type: 'message.edited', message, parts })
  server.append('lobby', alice, { type: 'message.reacted', message, reaction: '+1', on: true })
}

function told(room: Room, number: number) {
  const message = room.timeline.messages.find(({ key }) => key === `bob/bob-${number}`)
  return message && { text: textOf(message.parts), reactions: [...(message.reactions ?? [])] }
}

const better = (number: number) => ({ text: `${number}, better`, reactions: [['+1', ['alice']]] })

test('what was said about messages that the picture let go of is known when they are asked for again', async () => {
  const { time, server, room } = await watching()
  chatter(server, 1, 1_000)
  await time.pass()
  about(server, 500)
  await time.pass()
  expect(told(room, 500)).toEqual(better(500))
  chatter(server, 1_001, 500)
  await time.pass()
  about(server, 1_200)
  about(server, 20)
  chatter(server, 1_501, 1_000)
  await time.pass()
  expect(room.timeline.start).toBeGreaterThanOrEqual(1_000)
  expect(told(room, 500)).toBeUndefined()
  expect(told(room, 1_200)).toEqual(better(1_200))
  await Promise.all([room.older(600), time.pass()])
  expect(told(room, 500)).toEqual(better(500))
  expect(told(room, 20)).toBeUndefined()
  await Promise.all([room.older(600), time.pass()])
  expect(told(room, 20)).toEqual(better(20))
  expect(told(room, 1_200)).toEqual(better(1_200))
  expect(room.timeline.afterthoughts.size).toBe(0)
})

test('what a page of history says about messages before it is known when these come', async () => {
  const made = world()
  await made.time.pass()
  chatter(made.server, 1, 400)
  about(made.server, 20)
  chatter(made.server, 401, 400)
  const room = made.client.room('lobby')
  room.subscribe(() => {})
  await made.time.pass()
  await Promise.all([room.older(300), made.time.pass()])
  expect(room.timeline.afterthoughts.size).toBe(1)
  await Promise.all([room.older(400), made.time.pass()])
  expect(told(room, 20)).toEqual(better(20))
  expect(room.timeline.afterthoughts.size).toBe(0)
})

test('tasks that are to be done are never let go of, those that are over are, and come back with the past', async () => {
  const { time, server, room } = await watching()
  const set = (id: string, status: string) => {
    server.wire.readers.set('lobby', server.log('lobby').events.length)
    const task = { id, title: id, status, progress: 0, priority: 2 } as const
    server.append('lobby', bob, { type: 'task.set', task, change: 'updated' })
  }
  set('wash', 'open')
  set('cook', 'done')
  await time.pass()
  chatter(server, 1, 1_000)
  await time.pass()
  set('shop', 'done')
  set('shop', 'open')
  set('rest', 'done')
  await time.pass()
  chatter(server, 1_001, 1_000)
  await time.pass()
  expect(room.timeline.start).toBeGreaterThan(0)
  expect([...room.timeline.tasks.keys()].toSorted()).toEqual(['rest', 'shop', 'wash'])
  await Promise.all([room.older(1_000), time.pass()])
  await Promise.all([room.older(1_000), time.pass()])
  expect(room.timeline.start).toBe(0)
  expect([...room.timeline.tasks].map(([id, { status }]) => `${id} ${status}`).toSorted()).toEqual([
    'cook done',
    'rest done',
    'shop open',
    'wash open',
  ])
})
