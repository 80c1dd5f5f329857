// The server for tests: people with tokens talk over real sockets, and what they said survives a restart.
import assert from 'node:assert/strict'
import { connect, type Room } from '@parley/client'
import { textOf } from '@parley/protocol'
import { afterEach, test } from 'vitest'
import { testServer } from '../src/test-server.ts'

const endings: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

function shows(room: Room, text: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = room.subscribe(() => look())
    const look = (): void => {
      if (!room.timeline.messages.some(({ parts }) => textOf(parts) === text)) return
      stop()
      resolve()
    }
    look()
  })
}

async function people(...names: readonly string[]) {
  const server = await testServer()
  endings.push(() => server.close())
  const clients = []
  for (const name of names) {
    const client = connect(server.socketUrl, { token: await server.issue(name), backoff: { firstMs: 50 } })
    endings.push(() => client.close())
    clients.push(client.room('lobby'))
  }
  return { server, rooms: clients }
}

test('two people with tokens of their own hear each other, and the echo', async () => {
  const { rooms } = await people('alice', 'bob')
  const [alice, bob] = rooms
  assert(alice && bob)
  const heard = shows(bob, 'hello @echo')
  await alice.post('hello @echo')
  await heard
  const [first] = bob.timeline.messages
  assert.deepEqual([first?.by.id, first?.by.kind], ['alice', 'user'])
})

test('what was said is still there after a restart, and clients come back by themselves', async () => {
  const { server, rooms } = await people('alice', 'bob')
  const [alice, bob] = rooms
  assert(alice && bob)
  await alice.post('before')
  await server.restart()
  const heard = shows(bob, 'after')
  await alice.post('after')
  await heard
  assert.deepEqual(
    bob.timeline.messages.map(({ parts }) => textOf(parts)),
    ['before', 'after'],
  )
})

test('a token of another server is refused', async () => {
  const [here, elsewhere] = [await testServer(), await testServer()]
  endings.push(
    () => here.close(),
    () => elsewhere.close(),
  )
  const client = connect(here.socketUrl, { token: await elsewhere.issue('alice') })
  endings.push(() => client.close())
  await new Promise<void>((resolve) => {
    client.subscribe(({ status }) => {
      if (status === 'closed') resolve()
    })
  })
  assert.equal(client.state.problem?.code, 'auth.invalid')
})
