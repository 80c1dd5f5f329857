import { problem, type Task } from '@parley/protocol'
import { describe, expect, test } from 'vitest'
import { type Assigned, memoryOutbox } from '../src/index.ts'
import { alice, bob } from './server.ts'
import { textOf, world } from './world.ts'

async function inLobby(...given: Parameters<typeof world>) {
  const made = world(...given)
  const room = made.client.room('lobby')
  room.subscribe(() => {})
  await made.time.pass()
  return { ...made, room }
}

describe('second thoughts', () => {
  test('a message is edited where it stands, reacted to, and removed', async () => {
    const { time, server, room } = await inLobby()
    await Promise.all([room.post('helo', { id: 'one' }), time.pass()])
    const message = () => room.timeline.messages[0]
    await Promise.all([room.editMessage('alice/one', 'hello'), room.react('alice/one', '👍'), time.pass()])
    expect(server.heard('edit')).toMatchObject([{ room: 'lobby', message: 'alice/one' }])
    expect(message()).toMatchObject({ editedAt: expect.any(Number), parts: [{ text: 'hello' }] })
    expect(message()?.reactions).toEqual(new Map([['👍', ['alice']]]))
    await Promise.all([room.react('alice/one', '👍', false), time.pass()])
    expect(message()?.reactions?.size).toBe(0)
    await Promise.all([room.redact('alice/one', 'said too much'), time.pass()])
    expect(message()).toMatchObject({ redacted: true, parts: [] })
    expect(room.timeline.messages).toHaveLength(1)
  })

  test('are told again with the same id until they are answered', async () => {
    const { time, server, room } = await inLobby()
    const wishes = ['edit', 'redact', 'react', 'task']
    server.decide = ({ type }) => (wishes.includes(type) ? 'silence' : undefined)
    const done = Promise.all([
      room.editMessage('alice/one', 'hello'),
      room.redact('alice/one'),
      room.react('alice/one', '+1'),
      room.createTask('wash'),
    ])
    await time.pass()
    const before = server.wire.heard.filter(({ type }) => wishes.includes(type))
    server.wire.end()
    server.decide = () => undefined
    await time.pass(600)
    await done
    expect(before).toHaveLength(4)
    expect(server.wire.heard.filter(({ type }) => wishes.includes(type))).toEqual(before)
  })

  test('that are refused say so', async () => {
    const { time, server, room } = await inLobby()
    server.decide = ({ type }) => (type === 'edit' ? problem('access.denied', 'not yours') : undefined)
    await Promise.all([expect(room.editMessage('bob/x', 'mine')).rejects.toThrow('not yours'), time.pass()])
  })
})

describe('a message that answers another, and means somebody', () => {
  test('says so, while it waits and once it is there', async () => {
    const { time, server, room } = await inLobby()
    const replied = room.reply('bob/x', 'yes', { mentions: ['bob'] })
    const said = { replyTo: 'bob/x', mentions: ['bob'] }
    expect(room.timeline.pending).toMatchObject([said])
    await Promise.all([replied, time.pass()])
    expect(server.heard('post')).toMatchObject([said])
    expect(room.timeline).toMatchObject({ pending: [], messages: [said] })
  })

  test('is another than one that does not', async () => {
    const { room } = await inLobby()
    room.reply('bob/x', 'yes', { id: 'one' })
    await expect(room.post('yes', { id: 'one' })).rejects.toMatchObject({ problem: { code: 'id.conflict' } })
  })

  test('is kept as it is over a refresh', async () => {
    const outbox = memoryOutbox()
    const { time, server, another, client, room } = await inLobby({ outbox })
    server.decide = ({ type }) => (type === 'post' ? 'silence' : undefined)
    room.reply('bob/x', 'yes', { mentions: ['bob'] })
    await time.pass()
    await Promise.all([client.close(), time.pass()])
    server.decide = () => undefined
    another({ outbox })
    await time.pass(100)
    expect(server.heard('post')).toMatchObject([{ replyTo: 'bob/x', mentions: ['bob'] }])
  })
})

describe('tasks', () => {
  test('are made, changed, and seen in the room', async () => {
    const { time, server, room } = await inLobby()
    const [task] = await Promise.all([room.createTask('wash', { priority: 1, assignee: 'bob' }), time.pass()])
    expect(task).toMatchObject({ title: 'wash', assignee: 'bob' })
    expect(room.timeline.tasks.get(task.id)).toEqual(task)
    const change = { progress: 50, status: 'in_progress', assignee: null }
    await Promise.all([room.setTask(task.id, change), time.pass()])
    expect(server.heard('task').at(-1)).toMatchObject({ task: task.id, room: 'lobby', ...change })
    expect(room.timeline.tasks.get(task.id)).toMatchObject({ progress: 50, status: 'in_progress' })
  })

  test('can be listed', async () => {
    const { time, server, room } = await inLobby()
    await Promise.all([room.listTasks({ status: 'done', limit: 5 }), time.pass()])
    expect(server.heard('tasks')).toEqual([{ type: 'tasks', room: 'lobby', status: 'done', limit: 5 }])
  })

  test('that one is given elsewhere are told', async () => {
    const { time, server, client } = await inLobby()
    const told: Assigned[] = []
    const stop = client.onAssigned((assigned) => told.push(assigned))
    const task: Task = { id: 't', title: 'wash', status: 'open', progress: 0, priority: 2, assignee: 'alice' }
    server.wire.say({ type: 'task.assigned', room: 'kitchen', task, by: bob })
    await time.pass()
    stop()
    server.wire.say({ type: 'task.assigned', room: 'kitchen', task, by: bob })
    await time.pass()
    expect(told).toEqual([{ room: 'kitchen', task, by: bob }])
  })
})

test('messages are searched for in all rooms or in one', async () => {
  const { time, server, client } = await inLobby()
  await Promise.all([client.search('words', { room: 'lobby', limit: 3 }), client.search('more'), time.pass()])
  expect(server.heard('search')).toMatchObject([{ text: 'words', room: 'lobby', limit: 3 }, { text: 'more' }])
  expect(server.heard('search')[1]).not.toHaveProperty('room')
  await expect(client.search('words', { room: '../etc' })).rejects.toMatchObject({
    problem: { code: 'message.invalid' },
  })
})

test('how the server is and how good the connection is are told until the connection is lost', async () => {
  const { time, server, client } = await inLobby()
  server.wire.say({ type: 'health', status: 'busy', metrics: { connections: 3 } })
  await time.pass(26_000)
  expect(client.state).toMatchObject({
    health: { status: 'busy', metrics: { connections: 3 } },
    quality: { roundTripMs: 1, jitterMs: 0, lossRatio: 0, poor: false },
  })
  server.wire.dead = true
  await time.pass(36_000)
  expect(client.state.quality).toMatchObject({ poor: true })
  await time.pass(11_000)
  expect(client.state).not.toHaveProperty('quality')
  expect(client.state).not.toHaveProperty('health')
})

test('what was edited since is not taken for what is said again', async () => {
  const { time, server, room } = await inLobby()
  server.post('lobby', alice, 'one', 'x')
  server.append('lobby', alice, { type: 'message.edited', message: 'alice/x', parts: [{ type: 'text', text: 'two' }] })
  await Promise.all([room.post('one', { id: 'x' }), time.pass()])
  expect(room.timeline.messages.map(({ parts }) => textOf(parts))).toEqual(['two'])
})
