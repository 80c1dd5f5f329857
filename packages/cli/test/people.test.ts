import type { Author } from '@parley/protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { alice, bob } from '../../client/test/server.ts'
import { world } from '../../client/test/world.ts'
import { Conversation } from '../src/chat/conversation.ts'
import { typingText } from '../src/chat/people.ts'
import { ShownFiles } from '../src/shown-files.ts'
import { room } from './world.ts'

/** Somebody in the lobby: what they are told, and what they type. */
async function inLobby(members: readonly Author[] = [alice]) {
  const made = world()
  made.server.members = members
  const told: string[] = []
  const show = {
    files: new ShownFiles(),
    hear: () => {},
    restart: () => {},
    notice: (...texts: readonly string[]) => void told.push(...texts),
  }
  const newRoom = () => room('other')
  const conversation = new Conversation({ client: made.client, show, newRoom, quit: () => {} }, room('lobby'))
  onTestFinished(() => conversation.end())
  await made.time.pass()
  const types = async (line: string) => {
    conversation.typed(line)
    await made.time.pass()
  }
  const presence = (user: Author, here: boolean) => made.server.signal('lobby', { type: 'presence', user, here })
  return { ...made, told, conversation, types, presence, view: () => conversation.view }
}

test('who comes and goes is told, but not who was there before, and not oneself', async () => {
  const { told, presence, time, server, view } = await inLobby([bob])
  const here = (user: Author) => ({ type: 'presence', user, here: true }) as const
  server.signal('lobby', here(bob), here(alice))
  presence({ id: 'carol', kind: 'user', name: 'Carol' }, true)
  presence({ id: 'guide', kind: 'agent' }, true)
  await time.pass()
  expect(told).toEqual(['Carol is here'])
  expect(view().here).toBe(4)
  presence(bob, false)
  await time.pass()
  expect(told).toEqual(['Carol is here', 'Bob has left'])
  server.members = [alice]
  server.wire.end()
  await time.pass(10_000)
  expect(told).toEqual(['Carol is here', 'Bob has left', 'Carol has left'])
})

test('in a crowd nobody is told of', async () => {
  const crowd = Array.from({ length: 40 }, (_, index): Author => ({ id: `u${index}`, kind: 'user' }))
  const { told, presence, time } = await inLobby(crowd)
  presence(bob, true)
  await time.pass()
  expect(told).toEqual([])
})

test('/who lists who is here, and how many more', async () => {
  const { told, types, server } = await inLobby([alice, { id: 'guide', kind: 'agent', name: 'Guide' }])
  await types('/who')
  expect(told).toEqual(['Alice', 'Guide (agent)'])
  expect(server.heard('members')).toHaveLength(1)
})

test('who writes is known, and the others know who types a message here', async () => {
  const { server, time, conversation, view } = await inLobby()
  server.signal('lobby', { type: 'typing', user: bob, on: true })
  conversation.writes('/who')
  conversation.writes('he')
  conversation.writes('hello')
  conversation.writes('')
  await time.pass()
  expect(view().typing).toEqual(['Bob'])
  expect(server.heard('typing').map(({ on }) => on)).toEqual([true, false])
  expect(typingText(['ann'])).toBe('ann is typing…')
  expect(typingText(['ann', 'bob', 'carol'])).toBe('ann, bob and carol are typing…')
  expect(typingText(['a', 'b', 'c', 'd'])).toBe('4 people are typing…')
})

test('what is shown is read', async () => {
  const { server, time } = await inLobby()
  server.post('lobby', bob, 'hello')
  await time.pass(2_000)
  expect(server.heard('read')).toEqual([{ type: 'read', room: 'lobby', seq: 1 }])
})

test('how many messages wait for the connection is known', async () => {
  const { server, time, types, view } = await inLobby()
  server.up = false
  server.wire.end()
  await time.pass(1)
  await types('one')
  await types('two')
  expect(view()).toMatchObject({ waiting: 2, connection: { status: 'reconnecting' } })
  server.up = true
  await time.pass(5_000)
  expect(view()).toMatchObject({ waiting: 0, pending: [] })
})

describe('a task', () => {
  test('is made, given to somebody by name, and brought forward, by the end of its id', async () => {
    const { server, types, view, time } = await inLobby([alice, bob])
    await types('/task wash the car')
    expect(server.heard('task')).toMatchObject([{ room: 'lobby', title: 'wash the car' }])
    const task = { id: 'a-rather-long-id-3f2a', title: 'wash', status: 'open', progress: 0, priority: 2 } as const
    server.append('lobby', bob, { type: 'task.set', task, change: 'created' })
    await time.pass()
    await types('/assign 3f2a BOB')
    await types('/assign 3f2a -')
    await types('/progress 3f2a 40 in_progress')
    expect(server.heard('task').slice(1)).toMatchObject([
      { task: task.id, assignee: 'bob' },
      { task: task.id, assignee: null },
      { task: task.id, progress: 40, status: 'in_progress' },
    ])
    expect(view().hint).toBeUndefined()
  })

  test('that may be one of several is asked about', async () => {
    const { server, types, view, time } = await inLobby()
    for (const id of ['one-3f2a', 'two-3f2a'])
      server.append('lobby', bob, {
        type: 'task.set',
        task: { id, title: id, status: 'open', progress: 0, priority: 2 },
        change: 'created',
      })
    await time.pass()
    await types('/progress 3f2a 40')
    expect(view().hint).toBe('which one: one-3f2a one-3f2a, two-3f2a two-3f2a')
    expect(server.heard('task')).toEqual([])
  })

  test('that is to be done is listed; others are asked for', async () => {
    const { server, told, types, time } = await inLobby([bob])
    await types('/tasks')
    const open = { id: 't', title: 'wash', status: 'open', progress: 10, priority: 2, assignee: 'bob' } as const
    const done = { id: 'd', title: 'cook', status: 'done', progress: 100, priority: 2 } as const
    for (const task of [open, done]) server.append('lobby', bob, { type: 'task.set', task, change: 'created' })
    await time.pass()
    await types('/tasks')
    await types('/tasks done')
    await types('/tasks @Bob')
    await types('/tasks all')
    expect(told).toEqual(['nothing is to be done', 't  wash  open 10 %  Bob', ...Array(3).fill('no such tasks')])
    expect(server.heard('tasks')).toMatchObject([{ status: 'done' }, { assignee: 'bob' }, { room: 'lobby' }])
  })

  test('that one is given in another room is told', async () => {
    const { server, told, time } = await inLobby()
    const task = { id: 't', title: 'wash', status: 'open', progress: 0, priority: 2, assignee: 'alice' } as const
    server.wire.say({ type: 'task.assigned', room: 'kitchen', task, by: bob })
    await time.pass()
    expect(told).toEqual(['Bob gave you a task in kitchen: wash'])
  })
})

test('/search tells where something was said, and by whom', async () => {
  const { told, types } = await inLobby()
  await types('/search two words')
  expect(told).toEqual([expect.stringMatching(/^lobby {2}.* {2}Bob: two words$/)])
})

test('/rooms tells how much is unread', async () => {
  const { server, told, types } = await inLobby()
  server.unread = 7
  await types('/rooms')
  expect(told).toEqual(['lobby  0 events  7 unread'])
  server.unread = 100
  await types('/rooms')
  expect(told.at(-1)).toBe('lobby  0 events  100+ unread')
})
