// Sockets: the platform's own, and in Node those of `ws` where a connection needs headers or TLS of its own.
import type { Dial, SocketListener } from './seams.ts'

/** The platform's WebSocket: browsers, and Node 22 and later. */
export const dialWebSocket: Dial = (url, protocols, listener) => {
  const socket = new WebSocket(url, [...protocols])
  socket.onopen = () => listener.opened()
  // A server says everything in text; a binary message is not for us.
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') listener.received(data)
  }
  socket.onclose = ({ code, reason }) => listener.closed(code, reason)
  return {
    send: (message) => socket.send(message),
    close: (code, reason) => socket.close(code, reason),
  }
}

/** What the platform's WebSocket cannot be told. */
export interface NodeDialOptions {
  /** Sent with the handshake. */
  readonly headers?: Readonly<Record<string, string>>
  /** PEM of the authorities to trust instead of the usual ones. */
  readonly ca?: string | readonly string[]
  /** PEM of the client's own certificate, and its key. */
  readonly cert?: string
  readonly key?: string
  /** False accepts any certificate: for trials only. Default true. */
  readonly verify?: boolean
}

/** A server's message of more bytes than this is not read. */
const MOST_BYTES = 16 * 1024 * 1024

/** A server that does not answer a goodbye is cut off after so long. */
const CLOSE_WITHIN_MS = 2_000

/** A dial for Node with headers or TLS options. TLS 1.2 is the least. Needs the package `ws`, and rejects without it. */
export async function nodeDial({ headers, ca, cert, key, verify = true }: NodeDialOptions): Promise<Dial> {
  const { WebSocket: NodeSocket } = await loadWs()
  const options = {
    rejectUnauthorized: verify,
    minVersion: 'TLSv1.2',
    maxPayload: MOST_BYTES,
    closeTimeout: CLOSE_WITHIN_MS,
    perMessageDeflate: false,
    ...(headers === undefined ? {} : { headers }),
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  } as const
  return (url, protocols, listener) => {
    const socket = new NodeSocket(url, [...protocols], options)
    socket.on('open', () => listener.opened())
    socket.on('message', (data, isBinary) => {
      if (!isBinary) listener.received(data.toString())
    })
    listenForEnd(socket, listener)
    return {
      send: (message) => socket.send(message),
      close: (code, reason) => socket.close(code, reason),
    }
  }
}

/** A close follows each error; why it closed is told there, where the handshake did not tell. */
function listenForEnd(socket: InstanceType<Ws['WebSocket']>, listener: SocketListener): void {
  let why = ''
  socket.on('error', (error) => {
    why = error.message
  })
  socket.on('close', (code, reason) => listener.closed(code, reason.toString() || why))
}

type Ws = typeof import('ws')

/** The name is a variable, so that bundlers for browsers do not look for the package. */
async function loadWs(name = 'ws'): Promise<Ws> {
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ name)
  } catch (cause) {
    throw new Error('headers and TLS options need the package "ws": npm install ws', { cause })
  }
}
