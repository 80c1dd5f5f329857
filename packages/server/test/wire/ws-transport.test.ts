import { EventEmitter, once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { WsTransport, wireOf } from '../../src/adapters/ws-transport.ts'
import { watchHeartbeats } from '../../src/heartbeats.ts'
import { Frame } from '../../src/seams/transport.ts'

/** What a client hears when a transport sends these frames over a real socket. */
async function heard(...frames: readonly Frame[]): Promise<string[]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket, request) => {
    const transport = new WsTransport(socket, request.socket)
    for (const frame of frames) transport.send(frame)
    transport.close(1000, '')
  })
  const texts: string[] = []
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  client.on('message', (data: Buffer, isBinary: boolean) => texts.push(isBinary ? '<binary>' : data.toString('utf8')))
  await new Promise((resolve, reject) => client.once('close', resolve).once('error', reject))
  server.close()
  return texts
}

test('[F1] a text of any length becomes one message, with the shortest header that will do', async () => {
  for (const [length, header] of [
    [0, 2],
    [1, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
    [200_000, 10],
  ] as const) {
    const frame = new Frame(['x'.repeat(length)])
    expect(wireOf(frame)).toHaveLength(header + length)
    expect(await heard(frame)).toEqual(['x'.repeat(length)])
  }
})

test('lengths are counted in bytes, whatever the characters', async () => {
  for (const text of [
    'é'.repeat(63),
    '💬'.repeat(16_384),
    `${'a'.repeat(124)}é`,
    '\u2028\u0000',
    '日本語'.repeat(9_999),
  ])
    expect(await heard(new Frame([text]))).toEqual([text])
})

test('half a character is told as the sign for what cannot be told', async () => {
  expect(await heard(new Frame(['a\ud83dz']))).toEqual(['a\ufffdz'])
})

test('several texts of a frame are several messages in one piece of bytes, which is made once', async () => {
  const frame = new Frame(['one', '', 'x'.repeat(300), 'four'])
  expect(await heard(frame, frame)).toEqual([...frame.texts, ...frame.texts])
  expect(wireOf(frame)).toBe(wireOf(frame))
  expect(wireOf(new Frame([]))).toHaveLength(0)
})

/** What `ws` shows of a socket, as far as a transport looks at it. */
class FakeSocket extends EventEmitter {
  readonly OPEN = WebSocket.OPEN
  readyState: number = WebSocket.OPEN
  closes: [number, string][] = []
  pings = 0
  paused = false
  terminated = false
  close(code: number, reason: string): void {
    this.closes.push([code, reason])
    this.readyState = WebSocket.CLOSING
  }
  ping(): void {
    this.pings += 1
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  terminate(): void {
    this.terminated = true
  }
}

function pair() {
  const socket = new FakeSocket()
  const stream = new PassThrough()
  return { socket, stream, transport: new WsTransport(socket as unknown as WebSocket, stream as unknown as Socket) }
}

/** What is said is written at the end of the tick. */
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const deaf = { received: () => {}, receivedBytes: () => false, drained: () => {}, closed: () => {} }

afterEach(() => vi.useRealTimers())

test('all frames of a tick go to the stream in order and in one write, and what waits is counted', async () => {
  const { stream, transport } = pair()
  const writes: unknown[] = []
  stream.write = (chunk: unknown) => writes.push(chunk) > 0
  transport.send(new Frame(['one']))
  expect(writes).toEqual([])
  expect(transport.buffered).toBe(5)
  transport.send(new Frame(['two', 'three']))
  transport.send(new Frame(['four']))
  await tick()
  expect(writes).toEqual([Buffer.concat(['one', 'two', 'three', 'four'].map((text) => wireOf(new Frame([text]))))])
  expect(transport.buffered).toBe(0)
  const alone = new Frame(['five'])
  transport.send(alone)
  await tick()
  // The bytes that all others are told as well, not a copy.
  expect(writes[1]).toBe(wireOf(alone))
})

test('what was said before the goodbye is said, and nothing after it', async () => {
  const { socket, stream, transport } = pair()
  transport.send(new Frame(['one']))
  transport.close(1000, '')
  expect(stream.read()).toEqual(wireOf(new Frame(['one'])))
  expect(socket.readyState).toBe(WebSocket.CLOSING)
  transport.send(new Frame(['late']))
  await tick()
  expect([stream.read(), transport.buffered]).toEqual([null, 0])
})

test('what was said in the tick in which the other end went is forgotten', async () => {
  const { socket, stream, transport } = pair()
  transport.send(new Frame(['one']))
  socket.readyState = WebSocket.CLOSED
  await tick()
  expect([stream.read(), transport.buffered]).toEqual([null, 0])
})

test('[J6] the listener hears that all is written, however little it was that had to wait', async () => {
  const { stream, transport } = pair()
  let drained = 0
  transport.connect({
    received: () => undefined,
    receivedBytes: () => false,
    drained: () => (drained += 1),
    closed: () => undefined,
  })
  const written = (): Promise<unknown> => new Promise((resolve) => stream.write('', resolve))
  transport.send(new Frame(['at once']))
  await tick()
  await written()
  expect(drained).toBe(0)
  transport.send(new Frame(['seen to wait for the end of the tick']))
  expect(transport.buffered).toBeGreaterThan(0)
  await tick()
  expect(drained).toBe(1)
  drained = 0
  stream.cork()
  transport.send(new Frame(['one']))
  transport.send(new Frame(['two']))
  await tick()
  expect(drained).toBe(0)
  stream.uncork()
  await written()
  expect(drained).toBe(1)
})

test('[F4] a listener hears texts; a binary message closes with 1003 and is not heard', () => {
  const { socket, transport } = pair()
  const heard: unknown[] = []
  transport.connect({
    received: (text) => heard.push(text),
    receivedBytes: () => false,
    drained: () => heard.push('drained'),
    closed: (code, reason) => heard.push([code, reason]),
  })
  socket.emit('message', Buffer.from('héllo'), false)
  socket.emit('message', Buffer.from([1, 2]), true)
  socket.emit('error', new Error('a broken frame'))
  socket.emit('close', 1006, Buffer.from('gone'))
  expect(heard).toEqual(['héllo', [1006, 'gone']])
  expect(socket.closes).toEqual([[1003, expect.any(String)]])
})

test('[B11] of a file one piece is taken in each turn of the event loop, so that others come in between', async () => {
  const { socket, transport } = pair()
  transport.connect({
    received: () => undefined,
    receivedBytes: () => true,
    drained: () => undefined,
    closed: () => undefined,
  })
  socket.emit('message', Buffer.from('a text'), false)
  expect(socket.paused).toBe(false)
  socket.emit('message', Buffer.from([1, 2]), true)
  await Promise.resolve()
  expect(socket.paused).toBe(true)
  await new Promise((resolve) => setImmediate(resolve))
  expect(socket.paused).toBe(false)
})

test('who does not say goodbye within two seconds is cut off', () => {
  vi.useFakeTimers()
  const { socket, transport } = pair()
  transport.close(4000, 'auth.invalid: no')
  expect(socket.closes).toEqual([[4000, 'auth.invalid: no']])
  vi.advanceTimersByTime(1_900)
  expect(socket.terminated).toBe(false)
  vi.advanceTimersByTime(200)
  expect(socket.terminated).toBe(true)
  const polite = pair()
  polite.transport.close(1000, '')
  polite.socket.emit('close', 1000, Buffer.alloc(0))
  vi.advanceTimersByTime(5_000)
  expect(polite.socket.terminated).toBe(false)
})

test('a reason is as long as a goodbye may be, and no character is cut in two', () => {
  for (const reason of [
    'x'.repeat(300),
    'é'.repeat(100),
    `x${'é'.repeat(100)}`,
    '💬'.repeat(60),
    `xx${'💬'.repeat(60)}`,
  ]) {
    const { socket, transport } = pair()
    transport.close(4000, reason)
    const [[, said] = [0, '']] = socket.closes
    expect(Buffer.byteLength(said)).toBeLessThanOrEqual(123)
    expect(Buffer.byteLength(said)).toBeGreaterThan(118)
    expect(reason.startsWith(said)).toBe(true)
  }
})

test('[C5] everybody is pinged in turn, and who leaves two pings unanswered is cut off', () => {
  vi.useFakeTimers()
  const both = [pair(), pair()] as const
  const [lively, dead] = both.map(({ socket }) => socket) as [FakeSocket, FakeSocket]
  for (const { transport } of both) transport.connect(deaf)
  const stop = watchHeartbeats(new Set(both.map(({ transport }) => transport)), 1_000)
  for (let round = 0; round < 5; round += 1) {
    vi.advanceTimersByTime(1_000)
    lively.emit('pong')
  }
  expect([lively.pings, lively.terminated]).toEqual([5, false])
  expect([dead.pings, dead.terminated]).toEqual([2, true])
  stop()
  vi.advanceTimersByTime(5_000)
  expect(lively.pings).toBe(5)
})

test('the time until an answer, how much it changes, and what was not answered tell of the quality of a line', () => {
  vi.useFakeTimers()
  const { socket, transport } = pair()
  transport.connect(deaf)
  const told: unknown[] = []
  const quality = {
    sent: () => told.push('sent'),
    answered: (...measured: readonly unknown[]) => told.push(measured),
    lost: () => told.push('lost'),
  }
  const stop = watchHeartbeats(new Set([transport]), 1_000, quality)
  const answerAfter = (ms: number): void => {
    vi.advanceTimersByTime(ms)
    socket.emit('pong')
    vi.advanceTimersByTime(1_000 - ms)
  }
  vi.advanceTimersByTime(1_000)
  answerAfter(40)
  answerAfter(70)
  vi.advanceTimersByTime(1_000)
  // Nobody knows which of the two pings this answers, so it says nothing about time.
  answerAfter(5)
  socket.emit('pong')
  socket.emit('pong')
  stop()
  expect(told).toEqual(['sent', [40, undefined], 'sent', [70, 40], 'sent', 'lost', 'sent', 'sent', [0, 70]])
})

/** A transport on a real socket, and the other end as bare TCP that does not hang up by itself. */
async function bare() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const peer = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  onTestFinished(() => void peer.destroy())
  onTestFinished(() => void server.close())
  const key = Buffer.alloc(16).toString('base64')
  peer.write(
    `GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  const [socket, { socket: stream }] = await once(server, 'connection')
  const transport = new WsTransport(socket, stream)
  const closed = new Promise<[number, string]>((resolve) => {
    transport.connect({ ...deaf, closed: (...how: [number, string]) => resolve(how) })
  })
  await once(peer, 'data')
  return { peer, stream, transport, closed }
}

/** A masked goodbye, with a mask of zeros. */
const goodbye = (code: number): Buffer => Buffer.from([0x88, 0x82, 0, 0, 0, 0, code >> 8, code & 0xff])

test('who says goodbye is answered and let go, whether or not they hang up', async () => {
  const { peer, transport, closed } = await bare()
  transport.send(new Frame(['last words']))
  await tick()
  const heard: Buffer[] = []
  peer.on('data', (data: Buffer) => heard.push(data))
  peer.write(goodbye(1000))
  expect(await closed).toEqual([1000, ''])
  if (!peer.readableEnded) await once(peer, 'end')
  expect(Buffer.concat(heard)).toEqual(
    Buffer.concat([wireOf(new Frame(['last words'])), Buffer.from([0x88, 2, 0x03, 0xe8])]),
  )
})

test('whoever is told goodbye may end what they were saying before they answer', async () => {
  const { peer, stream, transport, closed } = await bare()
  transport.close(1000, '')
  await once(peer, 'data')
  // Half of it before the answer: a line that was cut would be reset.
  peer.write(Buffer.from([0x81, 0x80, 0, 0, 0, 0]))
  await tick()
  expect(stream.destroyed).toBe(false)
  peer.write(goodbye(1000))
  await once(peer, 'end')
  peer.end()
  expect(await closed).toEqual([1000, ''])
})
