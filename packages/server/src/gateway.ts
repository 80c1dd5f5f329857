// The front door: sockets and the few HTTP routes around them. The only file that knows fastify and ws.
import type { IncomingMessage, ServerResponse } from 'node:http'
import websocket, { type WebsocketPluginOptions } from '@fastify/websocket'
import { SUBPROTOCOL } from '@parley/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { lineQuality } from './adapters/line-quality.ts'
import { atEnd, soon } from './adapters/tick.ts'
import { WsTransport, type WsTransportOptions } from './adapters/ws-transport.ts'
import { bearerOf } from './bearer.ts'
import type { Doorkeeper } from './doorkeeper.ts'
import type { Engine } from './engine/engine.ts'
import { watchHeartbeats } from './heartbeats.ts'
import type { Meter } from './seams/meter.ts'
import type { Hello } from './seams/transport.ts'

export interface GatewayOptions {
  readonly engine: Engine
  readonly doorkeeper: Doorkeeper
  readonly frameBytes: number
  readonly heartbeatMs: number
  readonly meter: Meter
}

/** What `ws` has and its types do not know yet: how long the other side may take to say goodbye, ms. */
interface Patience {
  readonly closeTimeout: number
}

/** What a request that is upgraded would have been answered by. */
const RESPONSE = Symbol('response')

/** Kept on the request: in a weak map it would outlive the socket until the next full collection of garbage. */
interface Upgraded extends IncomingMessage {
  [RESPONSE]?: ServerResponse
}

const BEARER = 'bearer.'
/** The AI SDK sends the whole conversation each time: so many times larger may its frames be than others. */
const CHAT_FRAMES = 16

/** Registers `/api/ws`, `/api/chat/ws` and `/ws`. */
export async function gateway(fastify: FastifyInstance, options: GatewayOptions): Promise<void> {
  const { engine, doorkeeper, frameBytes, heartbeatMs, meter } = options
  const transports = new Set<WsTransport>()
  /** Bytes of those that have ended. */
  let sentBefore = 0
  let empty: (() => void) | undefined
  const bounds: WebsocketPluginOptions['options'] & Patience = {
    // Of all routes; each has its own limit besides.
    maxPayload: frameBytes * CHAT_FRAMES,
    perMessageDeflate: false,
    maxFragments: 1_024,
    maxBufferedChunks: 4_096,
    // Also where it is `ws` that closes, for what it cannot read.
    closeTimeout: 2_000,
    clientTracking: false,
    handleProtocols: (offered: Set<string>) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
  }
  await fastify.register(websocket, {
    options: bounds,
    errorHandler: (error, socket) => {
      fastify.log.error({ err: error }, 'a socket could not be opened')
      socket.terminate()
    },
    // The engine has said goodbye already; each transport waits for the answer, but not without end.
    preClose: (done) => {
      if (transports.size === 0) done()
      else empty = done
    },
  })
  const stop = watchHeartbeats(transports, heartbeatMs, lineQuality(meter))
  meter.total({ name: 'parley_sent_bytes_total', help: 'Bytes written to WebSockets.' }, () =>
    transports.values().reduce((sum, { bytesWritten }) => sum + bytesWritten, sentBefore),
  )
  fastify.addHook('onClose', async () => stop())

  type Choice = (protocols: readonly string[]) => string

  const over = (transport: WsTransport): void => {
    sentBefore += transport.bytesWritten
    transports.delete(transport)
    if (transports.size === 0) empty?.()
  }

  const open = (dialect: Choice, most: number) => {
    const options: WsTransportOptions = { most, over }
    return (socket: WebSocket, request: FastifyRequest): void => {
      const raw: Upgraded = request.raw
      const stream = raw.socket
      // Open sockets hold nothing of the request that they were, which is larger than all the rest of them.
      raw[RESPONSE]?.detachSocket(stream)
      socket.removeAllListeners('error')
      const transport = new WsTransport(socket, stream, options)
      const protocols = protocolsOf(request)
      // Same tick as the upgrade: no frame can be lost.
      transport.connect(engine.accept(transport, helloOf(request, dialect(protocols), protocols)))
      transports.add(transport)
      // After what it is told at once.
      soon(() => atEnd({ end: () => stream.uncork() }))
    }
  }

  /** The answer to the request goes out together with the welcome: nothing else may be written in between. */
  const cork = (request: FastifyRequest, _: FastifyReply, done: () => void): void => {
    if (request.ws) request.raw.socket.cork()
    done()
  }

  function helloOf(request: FastifyRequest, dialect: string, protocols: readonly string[]): Hello {
    const query = queryOf(request.url)
    const token = tokenOf(request, protocols, query)
    const { origin } = request.headers
    return {
      dialect,
      params: new Map(query),
      address: request.ip,
      ...(token === undefined ? {} : { token }),
      ...(origin === undefined ? {} : { origin }),
    }
  }

  /** A ticket that is not good any more counts as a bad token, not as none. */
  function tokenOf(request: FastifyRequest, protocols: readonly string[], query: URLSearchParams): string | undefined {
    const header = bearerOf(request)
    const offered = protocols.find((protocol) => protocol.startsWith(BEARER))?.slice(BEARER.length)
    const ticket = query.get('ticket')
    if (ticket !== null) return doorkeeper.redeem(ticket, request.headers.origin) ?? ''
    return header ?? offered ?? query.get('token') ?? undefined
  }

  const checkOrigin = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (!doorkeeper.allows(request.headers.origin, request.headers.host)) {
      reply.code(403).send({ code: 'access.denied', message: 'this origin may not connect' })
      return
    }
    const raw: Upgraded = request.raw
    raw[RESPONSE] = reply.raw
    done()
  }
  const route = (url: string, dialect: Choice, most = frameBytes): void => {
    fastify.route({
      method: 'GET',
      url,
      exposeHeadRoute: false,
      preValidation: checkOrigin,
      preHandler: cork,
      handler: upgradeWanted,
      wsHandler: open(dialect, most),
    })
  }
  route('/api/ws', (protocols) => (protocols.includes(SUBPROTOCOL) ? 'native' : 'envelope'))
  route('/api/chat/ws', () => 'ai-sdk', frameBytes * CHAT_FRAMES)
  route('/ws', () => 'flat')
}

async function upgradeWanted(_: FastifyRequest, reply: FastifyReply): Promise<void> {
  await reply
    .code(426)
    .headers({ upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' })
    .send({ code: 'message.invalid', message: 'this is a WebSocket; connect with ws:// or wss://' })
}

const NO_QUERY = new URLSearchParams()

function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?')
  return at < 0 ? NO_QUERY : new URLSearchParams(url.slice(at + 1))
}

function protocolsOf(request: FastifyRequest): readonly string[] {
  const offered = request.headers['sec-websocket-protocol']
  return offered === undefined ? [] : offered.split(',').map((protocol) => protocol.trim())
}
