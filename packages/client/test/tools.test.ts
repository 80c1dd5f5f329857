import type { ToolProgress } from '@parley/protocol'
import { expect, test } from 'vitest'
import { type RoomPicture, toolsOf } from '../src/index.ts'
import { bob, type Server } from './server.ts'
import { world } from './world.ts'

const guide = { id: 'guide', kind: 'agent' } as const

function called(server: Server, call = 'c', run = 'r'): void {
  server.append('lobby', guide, { type: 'run.started', run, cause: 'bob/1', node: 'n' })
  server.append('lobby', guide, { type: 'message.opened', message: run, run })
  server.append('lobby', guide, { type: 'tool.called', run, message: run, part: 0, call, name: 'index', input: {} })
}

const at = (fraction: number, call = 'c', run = 'r'): ToolProgress => ({ type: 'tool.progress', run, call, fraction })

/** A room in which a tool is at work. */
async function working() {
  const made = world()
  const room = made.client.room('lobby')
  const pictures: RoomPicture[] = []
  const leave = room.subscribe((picture) => pictures.push(picture))
  await made.time.pass()
  called(made.server)
  await made.time.pass()
  return { ...made, room, leave, pictures, reached: () => room.timeline.progress.get('c')?.fraction }
}

test('of how far a tool has come the latest is known, until it has ended', async () => {
  const { time, server, room, reached } = await working()
  expect(reached()).toBeUndefined()
  server.signal('lobby', at(0.1), at(0.2))
  await time.pass()
  expect(reached()).toBe(0.2)
  server.signal('lobby', { ...at(0.3), step: 3, steps: 10, text: 'reading' })
  await time.pass()
  expect(toolsOf(room.timeline)).toMatchObject([
    { call: 'c', state: 'running', progress: { step: 3, text: 'reading' } },
  ])
  server.append('lobby', guide, { type: 'tool.ended', run: 'r', call: 'c', outcome: 'ok' })
  await time.pass()
  expect(room.timeline.progress.size).toBe(0)
  expect(toolsOf(room.timeline)).toEqual([room.timeline.tools.get('c')])
})

test('what comes too late, or is told of tools that nobody knows, is passed over', async () => {
  const { time, server, room, pictures } = await working()
  server.append('lobby', guide, { type: 'tool.ended', run: 'r', call: 'c', outcome: 'ok' })
  await time.pass()
  pictures.length = 0
  server.signal('lobby', at(0.9), at(0.5, 'c', 'another run'))
  await time.pass()
  expect(room.timeline.progress.size).toBe(0)
  expect(pictures).toEqual([])
  server.signal('lobby', at(0.5, 'unknown'))
  await time.pass()
  expect(toolsOf(room.timeline)).toEqual([room.timeline.tools.get('c')])
  server.post('lobby', bob, 'hm')
  await time.pass()
  expect(room.timeline.progress.size).toBe(0)
})

test('what comes just before its tool is known with it', async () => {
  const { time, server, room } = await working()
  server.signal('lobby', at(0.7, 'second', 'r2'))
  const { upTo } = server.page('lobby', 0)
  server.wire.readers.delete('lobby')
  called(server, 'second', 'r2')
  server.wire.say({ type: 'page', page: server.page('lobby', upTo) })
  await time.pass()
  expect(room.timeline.progress.get('second')?.fraction).toBe(0.7)
})

test('what is going on is the same object until it changes', async () => {
  const { time, server, room } = await working()
  server.signal('lobby', at(0.1))
  await time.pass()
  const { progress } = room.timeline
  server.post('lobby', bob, 'hm')
  await time.pass()
  expect(room.timeline.progress).toBe(progress)
})

test('a lost connection leaves the bar where it is, and the next one goes on', async () => {
  const { time, server, reached } = await working()
  server.signal('lobby', at(0.4))
  await time.pass()
  server.wire.end()
  await time.pass(1)
  expect(reached()).toBe(0.4)
  await time.pass(600)
  expect(reached()).toBe(0.4)
  server.signal('lobby', at(0.6))
  await time.pass()
  expect(reached()).toBe(0.6)
})

test('a tool that ended while nobody listened is not shown at work', async () => {
  const { time, server, reached } = await working()
  server.signal('lobby', at(0.4))
  await time.pass()
  server.wire.end()
  server.append('lobby', guide, { type: 'tool.ended', run: 'r', call: 'c', outcome: 'ok' })
  await time.pass(600)
  expect(reached()).toBeUndefined()
})

test('who leaves the room, or sees it begin anew, knows nothing of the moment', async () => {
  const { time, server, room, reached } = await working()
  server.signal('lobby', at(0.4))
  await time.pass()
  room.leave()
  await time.pass()
  expect(reached()).toBeUndefined()
  room.subscribe(() => {})
  await time.pass()
  server.signal('lobby', at(0.5))
  await time.pass()
  expect(reached()).toBe(0.5)
  server.replace('lobby', 'e2')
  server.wire.end()
  await time.pass(600)
  expect(reached()).toBeUndefined()
})

test('what is replaced says so, also where it was let go and is asked for again', async () => {
  const { time, server, client } = world()
  const room = client.room('lobby')
  room.subscribe(() => {})
  await time.pass()
  const talk = async (pages: number) => {
    for (let number = 0; number < pages * 100; number += 1) {
      server.post('lobby', bob, `${server.log('lobby').events.length}`)
      if (number % 100 === 99) await time.pass()
    }
  }
  const replace = async (id: string) => {
    const parts = [{ type: 'text' as const, text: 'better' }]
    server.append('lobby', bob, { type: 'message.posted', parts, supersedes: `bob/${id}` }, `new-${id}`)
    await time.pass()
  }
  server.post('lobby', bob, 'first', 'one')
  server.post('lobby', bob, 'second', 'two')
  await talk(15)
  await replace('one')
  await talk(6)
  expect(room.timeline.start).toBeGreaterThan(2)
  expect(room.timeline.start).toBeLessThan(1_500)
  await replace('two')
  while (room.timeline.earlier) await Promise.all([room.older(1_000), time.pass()])
  expect(room.timeline.messages.filter(({ supersededBy }) => supersededBy !== undefined)).toMatchObject([
    { id: 'one', supersededBy: 'bob/new-one' },
    { id: 'two', supersededBy: 'bob/new-two' },
  ])
})
