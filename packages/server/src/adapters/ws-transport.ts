// A WebSocket of the `ws` library as a transport: prebuilt frames go straight to the TCP socket, all of a tick in one write.
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Frame, Listener, Transport } from '../seams/transport.ts'
import type { LineQuality } from './line-quality.ts'
import { atEnd, type Last } from './tick.ts'

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
  let size = 0
  for (const text of texts) {
    const length = Buffer.byteLength(text)
    size += headerLength(length) + length
  }
  const wire = Buffer.allocUnsafe(size)
  let at = 0
  for (const text of texts) {
    // Counted again: a list of lengths would be one more thing to allocate for each frame.
    const length = Buffer.byteLength(text)
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

/** The transport of a socket, kept on the socket: all of them share the functions that hear it. */
const TRANSPORT = Symbol('transport')

interface Carried extends WebSocket {
  [TRANSPORT]?: WsTransport
}

export interface WsTransportOptions {
  /** Bytes of a message that is not too large. Default: the socket's own limit. */
  readonly most?: number
  /** Called when it has ended. */
  over?(transport: WsTransport): void
}

export class WsTransport implements Transport, Last {
  readonly #socket: Carried
  readonly #stream: Socket
  readonly #options: WsTransportOptions
  #listener: Listener | undefined
  /** What this tick has said so far: mostly one frame. */
  #said: Uint8Array | Uint8Array[] | undefined
  #saidBytes = 0
  /** Whether somebody saw that bytes wait. */
  #seen = false
  #watching = false
  /** Whether this side has said goodbye. */
  #parting = false
  /** Pings in a row that were not answered. */
  #missed = 0
  /** When the last ping was sent, while it is not answered. */
  #pingedAt: number | undefined
  /** How long the last ping took that was answered. */
  #roundTripMs: number | undefined
  #quality: LineQuality | undefined

  /**
   * @param stream the TCP or TLS socket below, of which `ws` only reads; extensions must be off.
   * @param options those that many have in common should be one object: it is kept.
   */
  constructor(socket: WebSocket, stream: Socket, options: WsTransportOptions = {}) {
    this.#socket = socket
    this.#stream = stream
    this.#options = options
  }

  /** Tells the listener from now on. Must be called in the same tick in which the socket was opened. */
  connect(listener: Listener): void {
    this.#listener = listener
    const socket = this.#socket
    socket[TRANSPORT] = this
    socket.close = onGoodbye
    socket.on('message', onMessage)
    socket.on('pong', onPong)
    socket.on('error', onError)
    socket.on('close', onClose)
  }

  /** Bytes that were written to the socket since it was opened, with what went before it became a WebSocket. */
  get bytesWritten(): number {
    return this.#stream.bytesWritten
  }

  get buffered(): number {
    const bytes = this.#stream.writableLength + this.#saidBytes
    if (bytes > 0) this.#seen = true
    return bytes
  }

  send(frame: Frame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const wire = wireOf(frame)
    this.#saidBytes += wire.length
    if (this.#said === undefined) {
      this.#said = wire
      atEnd(this)
    } else if (Array.isArray(this.#said)) this.#said.push(wire)
    else this.#said = [this.#said, wire]
  }

  /** Writes what was said in this tick. */
  end(): void {
    const said = this.#said
    if (said === undefined) return
    this.#said = undefined
    this.#saidBytes = 0
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#stream.write(Array.isArray(said) ? Buffer.concat(said) : said)
    if (this.#stream.writableLength > 0) this.#watch()
    else if (this.#seen) this.#drained()
  }

  #drained(): void {
    this.#seen = false
    this.#listener?.drained()
  }

  /** A stream tells of its draining only where much had to wait: an empty write tells of the rest. */
  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    this.#stream.write(NOTHING, (failure) => {
      this.#watching = false
      if (failure) return
      if (this.#stream.writableLength > 0) this.#watch()
      else this.#drained()
    })
  }

  close(code: number, reason: string): void {
    this.end()
    this.#goodbye(code, shortened(reason))
    const cut = setTimeout(() => this.#socket.terminate(), GOODBYE_MS)
    cut.unref()
    this.#socket.once('close', () => clearTimeout(cut))
  }

  #goodbye(code: number, reason: string): void {
    this.#parting = true
    this.#socket.close(code, reason)
  }

  /** The other side said goodbye, and was answered. Where this side was first, the other one may still be saying something. */
  answered(): void {
    if (!this.#parting) this.#stream.destroySoon()
  }

  heard(data: Buffer, isBinary: boolean): void {
    const { most = Number.POSITIVE_INFINITY } = this.#options
    if (data.length > most) this.#goodbye(1009, 'message.large: the message is too large')
    else if (!isBinary) this.#listener?.received(data.toString('utf8'))
    else if (this.#listener?.receivedBytes(data)) this.#yield()
    else this.#goodbye(1003, 'message.invalid: binary messages are not understood here')
  }

  closed(code: number, reason: string): void {
    this.#listener?.closed(code, reason)
    this.#options.over?.(this)
  }

  /** Asks whether the other end is there; cuts the line where it has not answered twice. */
  ping(quality?: LineQuality): void {
    const socket = this.#socket
    if (this.#missed > 0) quality?.lost()
    if (this.#missed >= 2) return socket.terminate()
    if (socket.readyState !== socket.OPEN) return
    this.#missed += 1
    this.#pingedAt = performance.now()
    this.#quality = quality
    quality?.sent()
    socket.ping()
  }

  /** An answer to an earlier ping than the last looks quicker than it was: where one was missed, it is not measured. */
  ponged(): void {
    const [missed, at, before] = [this.#missed, this.#pingedAt, this.#roundTripMs]
    this.#missed = 0
    this.#pingedAt = undefined
    if (at === undefined || missed !== 1) return
    this.#roundTripMs = performance.now() - at
    this.#quality?.answered(this.#roundTripMs, before)
  }

  /** A file takes no more than one piece of each turn of the event loop: everything else comes in between. */
  #yield(): void {
    const socket = this.#socket
    socket.pause()
    setImmediate(() => socket.resume())
  }
}

function onMessage(this: Carried, data: Buffer, isBinary: boolean): void {
  this[TRANSPORT]?.heard(data, isBinary)
}

/** Who means it so has nothing to say after it. */
const PLAIN_GOODBYES: ReadonlySet<number | undefined> = new Set([undefined, 1000, 1001])

/**
 * In place of `close`, by which `ws` answers a goodbye, too: after a plain one the line is cut as soon as the answer is out.
 * Until the other side has hung up as well, there would be nothing to hear but that.
 */
function onGoodbye(this: Carried, code?: number, reason?: string | Buffer): void {
  const { close }: WebSocket = Object.getPrototypeOf(this)
  close.call(this, code, reason)
  if (PLAIN_GOODBYES.has(code)) this[TRANSPORT]?.answered()
}

function onClose(this: Carried, code: number, reason: Buffer): void {
  this[TRANSPORT]?.closed(code, reason.toString('utf8'))
}

function onPong(this: Carried): void {
  this[TRANSPORT]?.ponged()
}

/** What breaks is followed by the close. */
function onError(): void {}

/** As much of a text as fits into a goodbye; a character that would be cut in two is left out. */
function shortened(reason: string): string {
  return new TextDecoder().decode(Buffer.from(reason).subarray(0, GOODBYE_BYTES), { stream: true })
}
