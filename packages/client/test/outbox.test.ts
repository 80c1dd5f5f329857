import { problem } from '@parley/protocol'
import { expect, test } from 'vitest'
import { browserOutbox, connect, memoryOutbox, type OutboxStore, type TextStorage } from '../src/index.ts'
import { bob } from './server.ts'
import { shown, world } from './world.ts'

/** As `localStorage` behaves, with room for so many items. */
function storage(most = Number.POSITIVE_INFINITY): TextStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>()
  return {
    items,
    get length() {
      return items.size
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (name) => items.get(name) ?? null,
    setItem(name, text) {
      if (items.size >= most && !items.has(name)) throw new Error('QuotaExceededError')
      items.set(name, text)
    },
    removeItem: (name) => void items.delete(name),
  }
}

const stores: [string, () => OutboxStore][] = [
  ['memory', memoryOutbox],
  ['the browser', () => browserOutbox(storage(), 'ws://parley.test/api/ws')],
]

test.each(stores)('what was said before a refresh is sent after it, in its order: %s', async (_, store) => {
  const outbox = store()
  const { time, server, client, another } = world({ outbox })
  await time.pass()
  server.up = false
  server.wire.end()
  await time.pass(1)
  for (const text of ['one', 'two', 'three']) client.room('lobby').post(text, { meta: { text } })
  await client.close()

  server.up = true
  const next = another({ outbox })
  const room = next.room('lobby')
  room.subscribe(() => {})
  await time.pass(100)
  expect(server.texts('lobby')).toEqual(['one', 'two', 'three'])
  expect(shown(room.timeline)).toEqual(['one', 'two', 'three'])
  expect(room.timeline.messages).toHaveLength(3)
  expect(outbox.load('alice')).toEqual([])
})

test.each(stores)('what is said right after a refresh comes after what was said before it: %s', async (_, store) => {
  const outbox = store()
  const { time, server, client, another } = world({ outbox })
  await time.pass()
  server.up = false
  server.wire.end()
  await time.pass(1)
  for (const text of ['one', 'two', 'three']) client.room('lobby').post(text)
  await client.close()

  // At the same moment, before the new client knows for whom it speaks; and it is gone before anything was sent.
  server.up = true
  server.decide = (command) => (command.type === 'post' ? 'silence' : undefined)
  const second = another({ outbox })
  second.room('lobby').post('four')
  await time.pass(100)
  await Promise.all([second.close(), time.pass()])

  server.decide = () => undefined
  another({ outbox }).room('lobby').post('five')
  await time.pass(100)
  expect(server.texts('lobby')).toEqual(['one', 'two', 'three', 'four', 'five'])
})

test.each(stores)('a room that nobody watches sends what was kept for it: %s', async (_, store) => {
  const outbox = store()
  const { time, server, client, another } = world({ outbox })
  await time.pass()
  server.decide = (command) => (command.type === 'post' ? 'silence' : undefined)
  client.room('lobby').post('hello')
  await Promise.all([client.close(), time.pass()])
  server.decide = () => undefined
  another({ outbox })
  await time.pass(100)
  expect(server.texts('lobby')).toEqual(['hello'])
  expect(server.heard('leave')).toHaveLength(1)
})

test.each(stores)('what was refused is still there after a refresh: %s', async (_, store) => {
  const outbox = store()
  const { time, server, client, another } = world({ outbox })
  server.decide = (command) => (command.type === 'post' ? problem('access.denied', 'read only') : undefined)
  client.room('lobby').post('hello')
  await time.pass(20)
  await Promise.all([client.close(), time.pass()])

  const room = another({ outbox }).room('lobby')
  await time.pass(100)
  expect(room.timeline.pending).toMatchObject([{ state: 'refused', problem: { message: 'read only' } }])
  expect(server.heard('post')).toHaveLength(0)
  room.discard('id-1')
  expect(outbox.load('alice')).toEqual([])
})

test.each(stores)('nobody sends what somebody else has written: %s', async (_, store) => {
  const outbox = store()
  const { time, server, client } = world({ outbox })
  const room = client.room('lobby')
  await time.pass()
  server.up = false
  server.wire.end()
  await time.pass(1)
  room.post('from alice')
  server.up = true
  server.actor = bob
  await time.pass(2_000)
  expect(client.state.actor).toEqual(bob)
  expect(server.texts('lobby')).toEqual([])
  expect(shown(room.timeline)).toEqual([])
  expect(outbox.load('alice')).toMatchObject([{ id: 'id-1' }])
})

test('what was said before it is known by whom is kept once it is', async () => {
  const outbox = memoryOutbox()
  const { time, server, client } = world({ outbox })
  server.decide = (command) => (command.type === 'post' ? 'silence' : undefined)
  client.room('lobby').post('early')
  expect(outbox.load('alice')).toEqual([])
  await time.pass()
  expect(outbox.load('alice')).toMatchObject([{ id: 'id-1', room: 'lobby' }])
})

test('two tabs that send the same post make one message', async () => {
  const shared = storage()
  const url = 'ws://parley.test/api/ws'
  const { time, server, client, another } = world({ outbox: browserOutbox(shared, url) })
  await time.pass()
  server.up = false
  server.wire.end()
  await time.pass(1)
  client.room('lobby').post('hello')
  server.up = true
  const tab = another({ outbox: browserOutbox(shared, url) })
  await time.pass(100)
  await time.pass(2_000)
  expect(server.texts('lobby')).toEqual(['hello'])
  expect(tab.room('lobby').timeline.pending).toEqual([])
  expect(client.room('lobby').timeline.pending).toEqual([])
  expect(shared.items.size).toBe(0)
})

test('what another tab is about to send is its own affair', async () => {
  const outbox = memoryOutbox()
  const { time, server, client, another } = world({ outbox })
  const tab = another({ outbox }).room('lobby')
  tab.subscribe(() => {})
  await time.pass()
  const wire = server.wire
  server.wires[0]?.readers.set('lobby', 99)
  client.room('lobby').post('hello')
  await time.pass(5)
  expect(shown(tab.timeline)).toEqual(['hello'])
  wire.end()
  await time.pass(501)
  expect(shown(tab.timeline)).toEqual(['hello'])
})

test('each server and each user has a place of their own in the storage', async () => {
  const shared = storage()
  const [one, other] = [browserOutbox(shared, 'ws://one'), browserOutbox(shared, 'ws://other')]
  const { time, server, client } = world({ outbox: one })
  server.decide = (command) => (command.type === 'post' ? 'silence' : undefined)
  client.room('lobby').post('hello')
  await time.pass()
  expect(one.load('alice')).toHaveLength(1)
  expect(one.load('alic')).toEqual([])
  expect(one.load('bob')).toEqual([])
  expect(other.load('alice')).toEqual([])
})

test('what somebody else put into the storage does no harm', () => {
  const shared = storage()
  const outbox = browserOutbox(shared, 'ws://one')
  const prefix = `parley:outbox:${encodeURIComponent('ws://one')}:alice:`
  shared.setItem('something', 'else')
  shared.setItem(`${prefix}lobby/1`, '{')
  shared.setItem(`${prefix}lobby/2`, 'null')
  shared.setItem(`${prefix}lobby/3`, '{"room":"lobby","id":"3","parts":[{"type":"text"}],"at":1,"order":1}')
  shared.setItem(`${prefix}lobby/4`, '{"room":"lobby","id":"4","parts":[{"type":"text","text":"x"}],"at":1,"order":1}')
  expect(outbox.load('alice')).toEqual([
    { room: 'lobby', id: '4', parts: [{ type: 'text', text: 'x' }], at: 1, order: 1 },
  ])
})

test('a full storage is no reason to lose a post', async () => {
  const { time, server, client } = world({ outbox: browserOutbox(storage(0), 'ws://one') })
  const posted = client.room('lobby').post('hello')
  await time.pass(20)
  await posted
  expect(server.texts('lobby')).toEqual(['hello'])
  expect(client.diagnostics.unkept).toBe(1)
})

test('without a browser the posts are kept in memory', () => {
  const dial = () => ({ send: () => {}, close: () => {} })
  expect(() => connect('ws://parley.test', { dial })).not.toThrow()
})
