// A WebSocket without any comfort, so that the generator costs less than what it measures: all read into one buffer, and frames
// are shown where they lie there.
import { connect, type Socket } from 'node:net'
import { eachFrame, masked, opcodes } from './frame.ts'
import { micros } from './stamp.ts'

const SHARED = 256 * 1024
/** Ends a search at the end of what was read, wherever that is. */
const SENTINEL = 0x7e

export interface Door {
  readonly port: number
  readonly path: string
  readonly protocols: readonly string[]
}

export interface Listener {
  /** A text lies in `bytes`, for as long as this call takes. */
  heard(bytes: Buffer, from: number, to: number, now: number): void
  /** All that came together has been heard. */
  rested?(): void
}

/** One byte longer than what is read into it. */
const shared = Buffer.alloc(SHARED + 1)

export class Wire {
  listener: Listener
  /** A heartbeat above that of WebSockets: a text that is answered at once. */
  heartbeat: { readonly asked: string; readonly answer: string } | undefined
  /** Resolves with why, when it is closed from whatever side. */
  readonly closed: Promise<string>
  readonly #socket: Socket
  readonly #buffer: Buffer
  /** The beginning of a frame that is not whole yet. */
  #rest: Buffer | undefined
  #open = false
  #reading = false
  #outbox: Buffer[] = []
  /** Texts that came while nobody listened. */
  #unheard: string[] = []
  #whyClosed = 'the socket ended'
  readonly #shaken = Promise.withResolvers<void>()

  private constructor(door: Door, buffer: Buffer) {
    this.#buffer = buffer
    const keep: Listener = { heard: (bytes, from, to) => this.#unheard.push(bytes.toString('latin1', from, to)) }
    this.listener = keep
    const socket = connect({
      host: '127.0.0.1',
      port: door.port,
      noDelay: true,
      onread: {
        buffer: buffer.subarray(0, -1),
        callback: (length) => {
          this.#read(length)
          return true
        },
      },
    })
    this.#socket = socket
    socket.once('connect', () => socket.write(handshake(door)))
    socket.on('error', (error) => {
      this.#whyClosed = error.message
    })
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#shaken.reject(new Error(`a connection could not be opened: ${this.#whyClosed}`))
        resolve(this.#whyClosed)
      })
    })
  }

  /** Resolves when the WebSocket is open. `readBytes`: a reader that takes no more than this at once. */
  static async open(door: Door, readBytes?: number): Promise<Wire> {
    const wire = new Wire(door, readBytes === undefined ? shared : Buffer.alloc(readBytes + 1))
    await wire.#shaken.promise
    return wire
  }

  /** What is sent while something is being heard goes out in one write. */
  send(text: string): void {
    this.#write(masked(opcodes.TEXT, text))
  }

  #write(frame: Buffer): void {
    if (this.#reading) this.#outbox.push(frame)
    else this.#socket.write(frame)
  }

  /** Resolves with the next text that contains `sign`; rejects with one that speaks of a problem. */
  async hear(sign: string): Promise<string> {
    for (;;) {
      const text = this.#unheard.shift() ?? (await this.#next())
      if (text.includes('"problem":')) throw new Error(text)
      if (text.includes(sign)) return text
    }
  }

  /** The next text, which comes while nobody listens. */
  #next(): Promise<string> {
    const keep = this.listener
    return new Promise((resolve, reject) => {
      this.listener = {
        heard: (bytes, from, to) => {
          this.listener = keep
          resolve(bytes.toString('latin1', from, to))
        },
      }
      this.closed.then((why) => reject(new Error(`the connection ended: ${why}`)))
    })
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Says goodbye, and waits until the other side has. */
  async close(): Promise<void> {
    this.#write(masked(opcodes.CLOSE, '\x03\xe8'))
    await this.closed
  }

  /** Ends without a word, and leaves nothing to wait for in the kernel. */
  cut(): void {
    this.#socket.resetAndDestroy()
  }

  #read(length: number): void {
    const now = micros()
    const { bytes, to } = this.#unread(length)
    bytes[to] = SENTINEL
    this.#reading = true
    const from = this.#open ? 0 : this.#shake(bytes, to)
    const show = (opcode: number, start: number, end: number): void => this.#frame(bytes, opcode, start, end, now)
    const end = from === undefined ? 0 : eachFrame(bytes, from, to, show)
    this.#rest = end < to ? Buffer.from(bytes.subarray(end, to)) : undefined
    this.listener.rested?.()
    this.#reading = false
    this.#flush()
  }

  /** What was read, behind what was left over before. */
  #unread(length: number): { readonly bytes: Buffer; readonly to: number } {
    const rest = this.#rest
    if (rest === undefined) return { bytes: this.#buffer, to: length }
    const bytes = Buffer.allocUnsafe(rest.length + length + 1)
    rest.copy(bytes)
    this.#buffer.copy(bytes, rest.length, 0, length)
    return { bytes, to: rest.length + length }
  }

  #frame(bytes: Buffer, opcode: number, from: number, to: number, now: number): void {
    if (opcode === opcodes.TEXT) this.#text(bytes, from, to, now)
    else if (opcode === opcodes.PING) this.#write(masked(opcodes.PONG, bytes.toString('latin1', from, to)))
    else if (opcode === opcodes.CLOSE) {
      this.#whyClosed = to - from < 2 ? 'closed' : `${bytes.readUInt16BE(from)} ${bytes.toString('utf8', from + 2, to)}`
      this.#write(masked(opcodes.CLOSE, bytes.toString('latin1', from, Math.min(to, from + 2))))
      this.#flush()
      this.#socket.end()
    }
  }

  #text(bytes: Buffer, from: number, to: number, now: number): void {
    const { heartbeat } = this
    if (to - from === heartbeat?.asked.length && bytes.toString('latin1', from, to) === heartbeat.asked)
      this.send(heartbeat.answer)
    else this.listener.heard(bytes, from, to, now)
  }

  #flush(): void {
    const [first, ...more] = this.#outbox
    if (first === undefined) return
    this.#outbox = []
    this.#socket.write(more.length === 0 ? first : Buffer.concat([first, ...more]))
  }

  /** Where the first frame begins behind the answer to the handshake; undefined while that is not whole. */
  #shake(bytes: Buffer, to: number): number | undefined {
    const answer = bytes.toString('latin1', 0, to)
    const end = answer.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    if (answer.startsWith('HTTP/1.1 101')) {
      this.#open = true
      this.#shaken.resolve()
    } else {
      this.#whyClosed = answer.split('\r\n', 1)[0] ?? ''
      this.#socket.destroy()
    }
    return end + 4
  }
}

function handshake({ port, path, protocols }: Door): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocols.length === 0 ? [] : [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`]),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}
