// A WebSocket of the `ws` library as a transport: prebuilt frames go straight to the TCP socket, in one write each.
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Frame, Listener, Transport } from '../seams/transport.ts'
import type { LineQuality } from './line-quality.ts'

/** How long the other side may take to say goodbye. */
const GOODBYE_MS = 2_000
const GOODBYE_BYTES = 123
const TEXT = 0x81
const NOTHING = Buffer.alloc(0)

/** All texts of a frame as unmasked WebSocket text messages, headers included, in one buffer. */
export function wireOf(frame: Frame): Uint8Array {
  frame.wire ??= encode(frame.texts)
  return frame.wire
}

function encode(texts: readonly string[]): Uint8Array {
  const lengths = texts.map((text) => Buffer.byteLength(text))
  const wire = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerLength(length) + length, 0))
  let at = 0
  for (const [index, text] of texts.entries()) {
    const length = lengths[index] ?? 0
    at = writeHeader(wire, at, length)
    at += wire.write(text, at, length, 'utf8')
  }
  return wire
}

function headerLength(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10
}

function writeHeader(wire: Buffer, at: number, length: number): number {
  wire[at] = TEXT
  if (length < 126) {
    wire[at + 1] = length
    return at + 2
  }
  if (length < 65_536) {
    wire[at + 1] = 126
    return wire.writeUInt16BE(length, at + 2)
  }
  wire[at + 1] = 127
  return wire.writeBigUInt64BE(BigInt(length), at + 2)
}

export class WsTransport implements Transport {
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #most: number
  #listener: Listener | undefined
  #watching = false

  /**
   * @param stream the TCP or TLS socket below, of which `ws` only reads; extensions must be off.
   * @param most bytes of a message that is not too large. Default: the socket's own limit.
   */
  constructor(socket: WebSocket, stream: Duplex, most = Number.POSITIVE_INFINITY) {
    this.#socket = socket
    this.#stream = stream
    this.#most = most
  }

  /** Tells the listener from now on. Must be called in the same tick in which the socket was opened. */
  connect(listener: Listener): void {
    this.#listener = listener
    const socket = this.#socket
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (data.length > this.#most) socket.close(1009, 'message.large: the message is too large')
      else if (!isBinary) listener.received(data.toString('utf8'))
      else if (listener.receivedBytes(data)) this.#yield()
      else socket.close(1003, 'message.invalid: binary messages are not understood here')
    })
    socket.on('error', () => undefined)
    this.#stream.on('drain', () => listener.drained())
    socket.once('close', (code: number, reason: Buffer) => listener.closed(code, reason.toString('utf8')))
  }

  /** A file takes no more than one piece of each turn of the event loop: everything else comes in between. */
  #yield(): void {
    const socket = this.#socket
    socket.pause()
    setImmediate(() => socket.resume())
  }

  get buffered(): number {
    return this.#stream.writableLength
  }

  send(frame: Frame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#stream.write(wireOf(frame))
    if (this.buffered > 0) this.#watch()
  }

  /** A stream tells of its draining only where much had to wait: an empty write tells of the rest. */
  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    this.#stream.write(NOTHING, (failure) => {
      this.#watching = false
      if (failure) return
      if (this.buffered > 0) this.#watch()
      else this.#listener?.drained()
    })
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, shortened(reason))
    const cut = setTimeout(() => this.#socket.terminate(), GOODBYE_MS)
    cut.unref()
    this.#socket.once('close', () => clearTimeout(cut))
  }
}

/** As much of a text as fits into a goodbye; a character that would be cut in two is left out. */
function shortened(reason: string): string {
  return new TextDecoder().decode(Buffer.from(reason).subarray(0, GOODBYE_BYTES), { stream: true })
}

/** Of one connection's pings. */
interface Pulse {
  /** In a row, unanswered. */
  missed: number
  /** When the last was sent, while it is open. */
  sentAt: number | undefined
  /** How long the last that was answered took. */
  roundTripMs: number | undefined
}

/** Finds connections whose other end is gone: pings all in turn and cuts those that leave two pings unanswered. */
export function watchHeartbeats(
  sockets: () => Iterable<WebSocket>,
  everyMs: number,
  quality?: LineQuality,
): () => void {
  const pulses = new WeakMap<WebSocket, Pulse>()
  const begin = (socket: WebSocket): Pulse => {
    const pulse: Pulse = { missed: 0, sentAt: undefined, roundTripMs: undefined }
    pulses.set(socket, pulse)
    socket.on('pong', () => heard(pulse, quality))
    return pulse
  }
  const timer = setInterval(() => {
    for (const socket of sockets()) {
      const pulse = pulses.get(socket) ?? begin(socket)
      if (pulse.missed > 0) quality?.lost()
      if (pulse.missed >= 2) socket.terminate()
      else if (socket.readyState === socket.OPEN) {
        pulse.missed += 1
        pulse.sentAt = performance.now()
        quality?.sent()
        socket.ping()
      }
    }
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** An answer to an earlier ping than the last looks quicker than it was: where one was missed, it is not measured. */
function heard(pulse: Pulse, quality: LineQuality | undefined): void {
  const { missed, sentAt, roundTripMs } = pulse
  pulse.missed = 0
  pulse.sentAt = undefined
  if (sentAt === undefined || missed !== 1) return
  pulse.roundTripMs = performance.now() - sentAt
  quality?.answered(pulse.roundTripMs, roundTripMs)
}
