// What an application may choose when it connects.
import type { Backoff } from './backoff.ts'
import type { OutboxStore } from './outbox-store.ts'
import type { Chance, Clock, Dial, Token } from './seams.ts'

export interface Options {
  /** A user token, or a function that fetches one. Default: none. */
  readonly token?: Token
  /** How sockets are opened. Default: the platform's WebSocket; see `nodeDial` for headers and TLS options. */
  readonly dial?: Dial
  /** Where posts are kept until they have arrived. Default: the browser's `localStorage`, else memory. */
  readonly outbox?: OutboxStore
  /** Waits between attempts. Default: 1,000 ms, times 1.5, up to 30,000 ms, with full jitter. */
  readonly backoff?: Partial<Backoff>
  /** Posts of one room on the wire at once; none overtakes another all the same. Default: 64. */
  readonly window?: number
  /** True: connects when a room is first used or `reconnect` is called, not at once. Default: false. */
  readonly lazy?: boolean
  /** How files are downloaded. Default: the platform's `fetch`. */
  readonly fetch?: typeof fetch
  /** Default: the system's. */
  readonly clock?: Clock
  /** Default: the system's. */
  readonly chance?: Chance
}

/** Where the server's HTTP side is, seen from the address of its socket: without a slash at the end. */
export function httpBase(socket: string): string {
  const { protocol, host, pathname } = new URL(socket)
  // Behind a proxy everything may lie under a path of its own.
  return `${protocol === 'wss:' ? 'https' : 'http'}://${host}${pathname.replace(/\/api\/ws\/?$/u, '').replace(/\/$/u, '')}`
}

/** The address of the socket. Throws a `TypeError` when there can be none. */
export function socketUrl(url: string): string {
  const resolved = new URL(url, typeof location === 'undefined' ? undefined : location.href)
  if (resolved.protocol === 'http:') resolved.protocol = 'ws:'
  if (resolved.protocol === 'https:') resolved.protocol = 'wss:'
  if (resolved.protocol !== 'ws:' && resolved.protocol !== 'wss:') throw new TypeError(`not a socket's address: ${url}`)
  return resolved.href
}
