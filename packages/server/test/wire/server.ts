// A real server and real sockets, closed when their test has ended.
import type { Duplex } from 'node:stream'
import type { Page } from '@parley/protocol'
import { expect, onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { issueToken } from '../../src/adapters/token-access.ts'
import { createServer, type ParleyServer } from '../../src/create-server.ts'
import type { ServerOptions } from '../../src/options.ts'
import { secret } from './secret.ts'

export { secret }

/** Starts a server on a free port, which ends with its test. */
export async function start(options: ServerOptions = {}): Promise<ParleyServer> {
  const fixed = { port: 0, host: '127.0.0.1', web: false, logLevel: 'silent' } as const
  const server = await createServer({ ...fixed, log: 'memory:', agent: 'echo', secret, ...options })
  onTestFinished(() => server.close(0))
  return server
}

export function tokenFor(user: string, more: Partial<Parameters<typeof issueToken>[0]> = {}): Promise<string> {
  return issueToken({ secret, user, expiresInMs: 600_000, ...more })
}

/** Expects of what changes by itself: as soon as it is so, and at the latest after a time that only a failure takes. */
export function eventually<T>(now: () => T) {
  return expect.poll(now, { timeout: 10_000, interval: 20 })
}

/** A message from the server; each kind has some of these. */
export interface Told {
  readonly type: string
  readonly ref?: string
  readonly payload?: { readonly [key: string]: unknown }
  readonly answer?: { readonly [key: string]: unknown }
  readonly problem?: { readonly code: string }
  readonly page?: Page
  readonly sessionId?: string
  readonly content?: string
  readonly error?: string
}

export interface Closed {
  readonly code: number
  readonly reason: string
}

/** What tells only of the moment; nobody knows in which order with the rest. */
const signals = new Set(['signals', 'presence', 'typing', 'messageRead'])

type Match = (told: Told) => boolean

/** A client's end of a WebSocket. */
export class Socket {
  readonly ws: WebSocket
  readonly closed: Promise<Closed>
  /** What is below: for what no WebSocket would ever send. */
  raw: Duplex | undefined
  /** What has been told and was not taken by `next`. */
  readonly inbox: Told[] = []
  #waiting: { readonly match: Match; readonly take: (told: Told) => void; readonly fail: (cause: Error) => void }[] = []

  private constructor(ws: WebSocket) {
    this.ws = ws
    ws.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString('utf8'))))
    ws.on('error', () => undefined)
    ws.once('upgrade', (response) => {
      this.raw = response.socket
    })
    this.closed = new Promise((resolve) => {
      ws.once('close', (code, reason) => {
        for (const { fail } of this.#waiting) fail(new Error(`closed with ${code} ${reason.toString()}`))
        this.#waiting = []
        resolve({ code, reason: reason.toString() })
      })
    })
  }

  /** Resolves when the handshake is complete, rejects where it is refused. `url` may begin with http. */
  static async open(url: string, protocols: readonly string[] = [], options: ClientOptions = {}): Promise<Socket> {
    const ws = new WebSocket(url.replace(/^http/, 'ws'), [...protocols], options)
    onTestFinished(() => ws.terminate())
    const socket = new Socket(ws)
    await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject))
    return socket
  }

  /** In the native dialect, as a user. */
  static async native(url: string, user: string, more: Parameters<typeof tokenFor>[1] = {}): Promise<Socket> {
    const socket = await Socket.open(`${url}/api/ws`, ['parley.v1', `bearer.${await tokenFor(user, more)}`])
    await socket.next('welcome')
    return socket
  }

  /** In the envelope dialect, as a user. */
  static async envelope(url: string, user: string): Promise<Socket> {
    return Socket.open(`${url}/api/ws?token=${await tokenFor(user)}`)
  }

  /** What has been told for good and was not taken by `next`. */
  get left(): readonly Told[] {
    return this.inbox.filter(({ type }) => !signals.has(type))
  }

  send(message: object | string): void {
    this.ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message))
  }

  /** The next message of this type, among those that were not taken yet; waits for it. */
  next(type: string, match: Match = () => true): Promise<Told> {
    const wanted: Match = (told) => told.type === type && match(told)
    const index = this.inbox.findIndex(wanted)
    const [found] = index < 0 ? [] : this.inbox.splice(index, 1)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((take, fail) => this.#waiting.push({ match: wanted, take, fail }))
  }

  /** The reply to a native command. */
  async ask(command: { readonly ref: string; readonly type: string; readonly [key: string]: unknown }): Promise<Told> {
    this.send(command)
    return this.next('reply', ({ ref }) => ref === command.ref)
  }

  #hear(told: Told): void {
    const waiting = this.#waiting.find(({ match }) => match(told))
    if (waiting === undefined) this.inbox.push(told)
    else {
      this.#waiting = this.#waiting.filter((one) => one !== waiting)
      waiting.take(told)
    }
  }
}

/** The status and body with which a handshake is refused. */
export function refused(url: string, options: ClientOptions): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url.replace(/^http/, 'ws'), options)
    ws.once('open', () => {
      ws.terminate()
      reject(new Error('the handshake was completed'))
    })
    ws.once('error', () => undefined)
    ws.once('unexpected-response', (_, response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (body += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
  })
}
