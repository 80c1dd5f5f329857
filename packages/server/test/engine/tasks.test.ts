import { expect, test } from 'vitest'
import type { Actor } from '../../src/seams/access.ts'
import { lobby, type Peer, session, stage } from './stage.ts'

let ids = 0

function task(peer: Peer, name: string, change: object, where: string | undefined = lobby) {
  ids += 1
  return peer.ask({ type: 'task', room: where, id: `change-${ids}`, task: name, ...change })
}

async function team() {
  const here = await stage()
  const alice = await here.connect('alice')
  const bob = await here.connect('bob')
  await alice.join()
  await bob.join()
  return { ...here, alice, bob }
}

function tasksOf(peer: Peer) {
  return [...peer.picture(lobby).tasks.values()]
}

test('[K1] a task is made with a title, and told whole to everybody', async () => {
  const { alice, bob } = await team()
  const made = { id: 't1', title: 'Paint the door', status: 'open', progress: 0, priority: 2 }
  expect(await task(alice, 't1', { title: 'Paint the door' })).toMatchObject({ answer: { type: 'task', task: made } })
  expect(tasksOf(bob)).toEqual([made])
})

test('[K1] a change of a task that was never made is refused, and so is what is no progress', async () => {
  const { alice } = await team()
  expect(await task(alice, 't1', { progress: 10 })).toMatchObject({ problem: { code: 'task.unknown' } })
  for (const progress of [-1, 101, 'half'])
    expect(await task(alice, 't1', { title: 'x', progress })).toMatchObject({ problem: { code: 'message.invalid' } })
  expect(tasksOf(alice)).toEqual([])
})

test('[K2] a change touches only what it names', async () => {
  const { alice, bob } = await team()
  await task(alice, 't1', { title: 'Paint', metadata: { colour: 'red' }, priority: 1 })
  await task(bob, 't1', { status: 'in_progress', progress: 40, metadata: { coats: 2 } })
  expect(tasksOf(alice)).toMatchObject([
    { title: 'Paint', status: 'in_progress', progress: 40, priority: 1, metadata: { colour: 'red', coats: 2 } },
  ])
  await task(alice, 't1', { status: 'done' })
  expect(tasksOf(bob)).toMatchObject([{ status: 'done', progress: 100 }])
})

test('[K2] two who change a task in the same moment both have their way', async () => {
  const { alice, bob, clock } = await team()
  await task(alice, 't1', { title: 'Paint' })
  alice.say({ type: 'task', ref: 'a', room: lobby, id: 'a', task: 't1', progress: 50 })
  bob.say({ type: 'task', ref: 'b', room: lobby, id: 'b', task: 't1', priority: 0 })
  await clock.settle()
  expect(tasksOf(alice)).toMatchObject([{ progress: 50, priority: 0 }])
})

test('[K2] the same change sent again is made once', async () => {
  const { alice, bob } = await team()
  const make = { type: 'task', room: lobby, id: 'make', task: 't1', title: 'Paint' }
  await alice.ask(make)
  await task(bob, 't1', { title: 'Paint the door' })
  expect(await alice.ask(make)).toMatchObject({ answer: { task: { title: 'Paint' } } })
  expect(tasksOf(bob)).toMatchObject([{ title: 'Paint the door' }])
})

test('[K3] work is given only to people who are known in the room, and they hear of it wherever they are', async () => {
  const { alice, bob, connect } = await team()
  expect(await task(alice, 't1', { title: 'Paint', assignee: 'stranger' })).toMatchObject({
    problem: { code: 'user.unknown' },
  })
  const phone = await connect('bob')
  await phone.join(session)
  await task(alice, 't1', { title: 'Paint', assignee: 'bob' })
  expect(phone.of('task.assigned')).toMatchObject([{ room: 'lobby', task: { id: 't1', assignee: 'bob' } }])
  expect(bob.of('task.assigned')).toEqual([])
  expect(tasksOf(bob)).toMatchObject([{ assignee: 'bob' }])
  await task(bob, 't1', { assignee: null })
  expect(tasksOf(alice)[0]).not.toHaveProperty('assignee')
})

test('[K3] who may not write in a room changes nothing there', async () => {
  const { alice, tokens, connect } = await team()
  const reader: Actor = { id: 'carl', kind: 'user', grants: [{ room: 'lobby', can: ['read'] }] }
  tokens.set('carl', reader)
  const carl = await connect('carl')
  await carl.join()
  expect(await task(carl, 't1', { title: 'x' })).toMatchObject({ problem: { code: 'access.denied' } })
  expect(tasksOf(alice)).toEqual([])
})

test('[K4] tasks that are not over are told to newcomers, however long ago they changed; all can be listed', async () => {
  const { alice, connect } = await team()
  await task(alice, 'old', { title: 'Old' })
  await task(alice, 'gone', { title: 'Gone', status: 'done' })
  for (let count = 0; count < 30; count += 1) await alice.post(`m${count}`, 'words')
  const late = await connect('bob')
  await late.join(lobby, { history: 5 })
  expect(tasksOf(late)).toMatchObject([{ id: 'old' }])
  const list = async (filter: object) => (await alice.ask({ type: 'tasks', room: 'lobby', ...filter })).answer
  expect(await list({})).toMatchObject({ tasks: [{ id: 'old' }, { id: 'gone' }] })
  expect(await list({ status: 'done' })).toMatchObject({ tasks: [{ id: 'gone' }] })
  expect(await list({ assignee: 'bob' })).toMatchObject({ tasks: [] })
})

test('[K4] a task that this connection hears of needs no room', async () => {
  const { alice, bob } = await team()
  await task(alice, 't1', { title: 'Paint' })
  expect(await task(bob, 't1', { progress: 5 }, undefined)).toMatchObject({ answer: { room: 'lobby' } })
  expect(await task(bob, 't9', { progress: 5 }, undefined)).toMatchObject({ problem: { code: 'task.unknown' } })
})
