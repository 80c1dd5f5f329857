// Where a server is: one URL as people write it, and the addresses that follow from it.
import { InvalidArgumentError } from 'commander'
import type { Environment } from './terminal.ts'

const LOCAL_SERVER = 'http://127.0.0.1:3000'

export interface ServerAddress {
  /** Where the socket opens: `ws://` or `wss://`. */
  readonly socket: string
  /** The server as people know it, without path, query or anything secret. */
  readonly origin: string
  /** The URL of something beside the socket: `about`, `guest`. */
  beside(name: string): URL
}

/** http(s) and ws(s) mean the same server; without a path the socket is at `/api/ws`. */
export function serverAddress(text: string): ServerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^(https?|wss?):$/.test(url.protocol))
    throw new InvalidArgumentError('A server is a URL that begins with http://, https://, ws:// or wss://.')
  if (url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('Put no password into the URL; use --token-file or PARLEY_TOKEN.')
  if (url.pathname === '/') url.pathname = '/api/ws'
  url.hash = ''
  const socket = new URL(url)
  socket.protocol = /^(https|wss):$/.test(url.protocol) ? 'wss:' : 'ws:'
  url.protocol = socket.protocol === 'wss:' ? 'https:' : 'http:'
  url.search = ''
  return { socket: socket.href, origin: url.origin, beside: (name) => new URL(name, url) }
}

export function addressFrom(asked: string | undefined, env: Environment): ServerAddress {
  return serverAddress(asked ?? (env.PARLEY_URL || LOCAL_SERVER))
}
