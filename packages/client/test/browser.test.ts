// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest'
import { textOf, world } from './world.ts'

afterEach(() => localStorage.clear())

test('when the network is back, nobody waits', async () => {
  const { time, server, client } = world()
  server.up = false
  await time.pass(20_000)
  server.up = true
  window.dispatchEvent(new Event('online'))
  await time.pass()
  expect(client.status).toBe('connected')
})

test('when somebody looks at the page again, a dead connection is found out soon', async () => {
  const { time, server, client } = world()
  await time.pass()
  server.wire.dead = true
  document.dispatchEvent(new Event('visibilitychange'))
  await time.pass(6_000)
  expect(server.wires).toHaveLength(2)
  expect(client.status).toBe('connected')
})

test('a page that is looked at again does not touch a good connection', async () => {
  const { time, server, client } = world()
  await time.pass()
  document.dispatchEvent(new Event('visibilitychange'))
  window.dispatchEvent(new Event('online'))
  await time.pass(6_000)
  expect(server.wires).toHaveLength(1)
  expect(client.state.roundTripMs).toBe(1)
})

test('a closed client does not wake up', async () => {
  const { time, server, client } = world()
  await time.pass()
  await Promise.all([client.close(), time.pass()])
  window.dispatchEvent(new Event('online'))
  await time.pass(6_000)
  expect(client.status).toBe('closed')
  expect(server.wires).toHaveLength(1)
})

test('what was typed offline survives a refresh of the page', async () => {
  const { time, server, client, another } = world()
  await time.pass()
  server.up = false
  server.wire.end()
  await time.pass(1)
  client.room('lobby').post('do not forget me')
  server.up = true
  const refreshed = another().room('lobby')
  refreshed.subscribe(() => {})
  await time.pass(100)
  expect(refreshed.timeline.messages.map(({ parts }) => textOf(parts))).toEqual(['do not forget me'])
  expect(localStorage.length).toBe(0)
})
