// The network in memory: what its two ends see in each weather.
import assert from 'node:assert/strict'
import { Frame, type Hello, type Transport } from '@parley/server'
import { test } from 'vitest'
import { seeded } from '../src/chance.ts'
import { VirtualTime } from '../src/clock.ts'
import { Host, Line } from '../src/network.ts'
import type { Call } from '../src/pipe.ts'

const hello: Hello = { dialect: 'native', params: new Map(), address: '127.0.0.1' }

/** A client and a server that write down what they are told. */
function street(seed = 1) {
  const time = new VirtualTime()
  const server: string[] = []
  const client: string[] = []
  const transports: Transport[] = []
  const host = new Host(time)
  host.accept = (transport) => {
    transports.push(transport)
    server.push('accepted')
    return {
      received: (text) => void server.push(text),
      receivedBytes: () => true,
      drained: () => void server.push('drained'),
      closed: (code) => void server.push(`closed ${code}`),
    }
  }
  const line = new Line(time, seeded(seed))
  const dial = (): Call =>
    line.dial(host, hello, {
      opened: () => void client.push('opened'),
      received: (text) => void client.push(text),
      closed: (code) => void client.push(`closed ${code}`),
    })
  const say = (...texts: string[]): void => transports.at(-1)?.send(new Frame(texts))
  const buffered = (): number => transports.at(-1)?.buffered ?? 0
  const close = (code: number): void => transports.at(-1)?.close(code, '')
  return { time, line, host, dial, say, close, buffered, server, client }
}

test('what is sent arrives at the other end, in order', async () => {
  const { time, dial, say, server, client } = street()
  const call = dial()
  await time.pass(50)
  for (const text of ['a', 'b', 'c']) call.send(text)
  say('1', '2')
  say('3')
  await time.pass(50)
  assert.deepEqual(server, ['accepted', 'a', 'b', 'c'])
  assert.deepEqual(client, ['opened', '1', '2', '3'])
})

test('when the line is cut, each end hears a first part of what was under way, and then the end', async () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const { time, line, dial, say, server, client } = street(seed)
    const call = dial()
    await time.pass(50)
    for (const text of ['a', 'b', 'c']) call.send(text)
    say('1', '2', '3')
    line.cut()
    await time.pass(50)
    const [heardByServer, heardByClient] = [server.slice(1, -1), client.slice(1, -1)]
    assert.deepEqual(heardByServer, ['a', 'b', 'c'].slice(0, heardByServer.length))
    assert.deepEqual(heardByClient, ['1', '2', '3'].slice(0, heardByClient.length))
    assert.deepEqual([server.at(-1), client.at(-1)], ['closed 1006', 'closed 1006'])
  }
})

test('a frozen line tells nobody anything; what was under way arrives when it thaws', async () => {
  const { time, line, dial, say, buffered, server, client } = street()
  const call = dial()
  await time.pass(50)
  line.set({ frozen: true })
  call.send('a')
  say('1')
  await time.pass(10_000)
  assert.deepEqual([server, client], [['accepted'], ['opened']])
  assert.equal(buffered(), 1)
  line.set({ frozen: false })
  await time.pass(50)
  assert.deepEqual(
    [server, client],
    [
      ['accepted', 'drained', 'a'],
      ['opened', '1'],
    ],
  )
})

test('a server gives up on a line that stays frozen; the client hears of it after the thaw', async () => {
  const { time, line, dial, server, client } = street()
  dial()
  await time.pass(50)
  line.set({ frozen: true })
  await time.pass(60_000)
  assert.deepEqual([server, client], [['accepted', 'closed 1006'], ['opened']])
  line.set({ frozen: false })
  await time.pass(50)
  assert.deepEqual(client, ['opened', 'closed 1006'])
})

test('a slow line lets bytes wait and says when they are gone', async () => {
  const { time, line, dial, say, buffered, server, client } = street()
  dial()
  await time.pass(50)
  line.set({ charactersPerMs: 1 })
  say('x'.repeat(100), 'y')
  assert.equal(buffered(), 101)
  await time.pass(60)
  assert.deepEqual(client, ['opened'])
  await time.pass(60)
  assert.equal(buffered(), 0)
  assert.deepEqual(client, ['opened', 'x'.repeat(100), 'y'])
  assert.deepEqual(server, ['accepted', 'drained'])
})

test('either end can hang up, and the other hears the code', async () => {
  const byServer = street()
  byServer.dial()
  await byServer.time.pass(50)
  byServer.say('bye')
  byServer.close(4001)
  byServer.say('never said')
  await byServer.time.pass(50)
  assert.deepEqual(byServer.client, ['opened', 'bye', 'closed 4001'])
  assert.deepEqual(byServer.server, ['accepted', 'closed 4001'])

  const byClient = street()
  const call = byClient.dial()
  await byClient.time.pass(50)
  call.close(1000, '')
  await byClient.time.pass(50)
  assert.deepEqual(
    [byClient.server, byClient.client],
    [
      ['accepted', 'closed 1000'],
      ['opened', 'closed 1000'],
    ],
  )
})

test('a server that closes waits two seconds at most for a client that does not answer', async () => {
  const { time, line, dial, close, server } = street()
  dial()
  await time.pass(50)
  line.set({ frozen: true })
  close(4007)
  await time.pass(1_999)
  assert.deepEqual(server, ['accepted'])
  await time.pass(2)
  assert.deepEqual(server, ['accepted', 'closed 1006'])
})

test('nobody answers where the line is down or no server listens', async () => {
  const down = street()
  down.line.set({ down: true })
  down.dial()
  const deaf = street()
  deaf.host.accept = undefined
  deaf.dial()
  for (const { time, client, server } of [down, deaf]) {
    await time.pass(50)
    assert.deepEqual([client, server], [['closed 1006'], []])
  }
})

test('a server that died hears nothing any more, and its clients find out', async () => {
  const { time, host, dial, server, client } = street()
  const call = dial()
  await time.pass(50)
  call.send('in the air')
  host.died(false)
  await time.pass(50)
  assert.deepEqual([server, client], [['accepted'], ['opened', 'closed 1006']])
})

test('nobody hears that a whole device vanished, until the wire pings it in vain', async () => {
  const { time, line, dial, server, client } = street()
  dial()
  await time.pass(50)
  line.died(true)
  await time.pass(30_000)
  assert.deepEqual(server, ['accepted'])
  await time.pass(30_000)
  assert.deepEqual([server, client], [['accepted', 'closed 1006'], ['opened']])
})
