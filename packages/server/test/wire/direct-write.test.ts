import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { DirectWrite } from '../../src/adapters/direct-write.ts'

const servers: Server[] = []
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** Both ends of a TCP connection. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ noDelay: true })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens nowhere')
  const far = connect(address.port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  for (const socket of [near, far]) sockets.push(socket.on('error', () => undefined))
  return { near, far }
}

async function read(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let length = 0; length < bytes; ) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    chunks.push(chunk)
    length += chunk.length
  }
  return Buffer.concat(chunks)
}

test('what the network takes at once goes past the stream, what it does not take follows in order', async () => {
  const { near, far } = await pair()
  const direct = new DirectWrite(near)
  expect(direct.write(Buffer.from('first '))).toBe(6)
  expect(direct.bytes).toBe(6)
  const large = Buffer.alloc(50_000_000, 'x')
  const taken = direct.write(large)
  expect(taken).toBeGreaterThan(0)
  expect(taken).toBeLessThan(large.length)
  near.write(large.subarray(taken))
  // Something waits in the stream: nothing may overtake it.
  expect(near.writableLength).toBeGreaterThan(0)
  expect(direct.write(Buffer.from(' early'))).toBe(0)
  near.write(' last')
  const all = await read(far, large.length + 11)
  expect(all.subarray(0, 6).toString()).toBe('first ')
  expect(all.subarray(6, -5).equals(large)).toBe(true)
  expect(all.subarray(-5).toString()).toBe(' last')
})

test('where the network takes nothing, nothing is written', async () => {
  const { near, far } = await pair()
  far.pause()
  const direct = new DirectWrite(near)
  const large = Buffer.alloc(50_000_000)
  while (direct.write(large) > 0);
  expect(direct.write(Buffer.from('more'))).toBe(0)
  expect(near.destroyed).toBe(false)
})

test('a descriptor that was closed, and is another connection’s by now, is never written to', async () => {
  const { near } = await pair()
  const direct = new DirectWrite(near)
  near.destroy()
  expect(direct.write(Buffer.from('secret'))).toBe(0)
  await once(near, 'close')
  const others = await Promise.all(Array.from({ length: 8 }, pair))
  const heard: Buffer[] = []
  for (const { near: one, far } of others)
    for (const socket of [one, far]) socket.on('data', (data) => heard.push(data))
  expect(direct.write(Buffer.from('secret'))).toBe(0)
  for (const { near: one } of others) one.write('.')
  await expect.poll(() => heard.length).toBe(others.length)
  expect(Buffer.concat(heard).toString()).not.toContain('secret')
})

test('a broken connection is the stream’s to find', async () => {
  const { near, far } = await pair()
  const direct = new DirectWrite(near)
  near.resume()
  const closed = new Promise((resolve) => near.once('close', resolve))
  far.resetAndDestroy()
  await closed
  expect(direct.write(Buffer.from('x'))).toBe(0)
})

test('what has no descriptor, or encrypts, is written to by its stream', async () => {
  expect(new DirectWrite(new PassThrough() as unknown as Socket).write(Buffer.from('x'))).toBe(0)
  const { near } = await pair()
  expect(new DirectWrite(Object.assign(near, { encrypted: true })).write(Buffer.from('x'))).toBe(0)
})
