import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Client, type ClientState, connect, dialWebSocket, nodeDial } from '../src/index.ts'
import { alice } from './server.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A server that welcomes everybody, and answers joins and posts. */
async function serve(): Promise<{ url: string; requests: IncomingMessage[]; sockets: WebSocket[] }> {
  const requests: IncomingMessage[] = []
  const sockets: WebSocket[] = []
  const http = createServer()
  const server = new WebSocketServer({ server: http, handleProtocols: () => 'parley.v1' })
  server.on('connection', (socket, request) => {
    requests.push(request)
    sockets.push(socket)
    const say = (frame: object): void => socket.send(JSON.stringify(frame))
    say({ type: 'welcome', actor: alice, node: 'n', now: 0, heartbeatMs: 25_000, maxFrameBytes: 9_999 })
    const position = { epoch: 'e', seq: 1 }
    socket.on('message', (data) => {
      const { type, ref, room, id } = JSON.parse(data.toString())
      say({ type: 'reply', ref, answer: { type, room, id, position, members: [], rooms: [], at: 0 } })
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  stops.push(async () => {
    for (const socket of sockets) socket.terminate()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const { port } = http.address() as AddressInfo
  return { url: `ws://127.0.0.1:${port}/api/ws`, requests, sockets }
}

function until(client: Client, done: (state: ClientState) => boolean): Promise<ClientState> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (done(client.state)) resolve(client.state)
    }
    stops.push(client.subscribe(look))
    look()
  })
}

function opened(...given: Parameters<typeof connect>): Client {
  const client = connect(...given)
  stops.push(client.close)
  return client
}

test('the platform has a socket that will do', async () => {
  const { url, requests } = await serve()
  const client = opened(url, { token: 'a.b.c' })
  expect(await client.room('lobby').post('hello')).toMatchObject({ position: { seq: 1 } })
  expect(requests[0]?.headers['sec-websocket-protocol']).toMatch(/^parley\.v1, ?bearer\.a\.b\.c$/)
})

test('a server that is not there is tried again', async () => {
  const client = opened('ws://127.0.0.1:9/api/ws', { dial: dialWebSocket })
  const { attempt } = await until(client, (state) => state.status === 'reconnecting')
  expect(attempt).toBe(1)
})

test('a server that comes back is found again', async () => {
  const { url, sockets } = await serve()
  const client = opened(url, { backoff: { firstMs: 1 } })
  await until(client, (state) => state.status === 'connected')
  sockets[0]?.terminate()
  await until(client, (state) => state.status === 'reconnecting')
  await until(client, (state) => state.status === 'connected')
  expect(client.diagnostics.reconnects).toBe(1)
})

test('headers go with the handshake where they are wanted', async () => {
  const { url, requests } = await serve()
  const client = opened(url, { dial: await nodeDial({ headers: { 'x-tenant': 'blue' } }) })
  await until(client, (state) => state.status === 'connected')
  expect(await client.rooms()).toEqual([])
  expect(requests[0]?.headers['x-tenant']).toBe('blue')
})

test('where the handshake fails, the reason is told', async () => {
  const dial = await nodeDial({})
  const ended = new Promise<string>((resolve) => {
    dial('ws://127.0.0.1:9/', [], { opened: () => {}, received: () => {}, closed: (_, reason) => resolve(reason) })
  })
  expect(await ended).toContain('ECONNREFUSED')
})

test('a process whose client is closed ends by itself', async () => {
  const { url } = await serve()
  const program = fileURLToPath(new URL('exit.fixture.ts', import.meta.url))
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--conditions=parley-source', program, url], { timeout: 10_000 })
  expect(stdout).toBe('closed\n')
})
