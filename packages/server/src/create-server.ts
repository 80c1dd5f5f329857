// The ready server: Parley alone on a Fastify of its own.
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { FILES } from './attachments-route.ts'
import type { Engine } from './engine/engine.ts'
import { culprit } from './engine/strays.ts'
import type { ServerOptions } from './options.ts'
import { parley } from './parley.ts'
import { HEADERS } from './routes.ts'

export interface ParleyServer {
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  readonly url: string
  readonly fastify: FastifyInstance
  /** The running session layer, for the app's own code. */
  readonly parley: Engine
  /** Drains and closes: running answers may go on for `graceMs`, then they are marked as interrupted. Default 5,000 ms. */
  close(graceMs?: number): Promise<void>
}

/** Starts a server; resolves when it is ready, rejects with a `SettingError` or the reason why it cannot start. */
export async function createServer(options: ServerOptions = {}): Promise<ParleyServer> {
  const { host = '127.0.0.1', port = 3000, trustProxy = false, logLevel = 'info', ...parleyOptions } = options
  const app: FastifyInstance = fastify({
    trustProxy,
    bodyLimit: 64 * 1024,
    logger: { level: logLevel, stream: process.stderr, serializers: { req: requestLine } },
    // What becomes a socket logs nothing as a request.
    childLoggerFactory: (log, bindings, options, { headers }) =>
      headers.upgrade === undefined ? log.child(bindings, options) : log,
    logController: new LogController({ disableRequestLogging: true }),
    // Half a handshake holds a socket no longer than this. Bodies have limits of their own, for a file may take long.
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 },
  })
  // Here all routes are Parley's, also those that do not exist.
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS)
    if (request.routeOptions.url !== FILES) limitBody(request, reply)
    done()
  })
  const stopCatching = catchStrays(app)
  app.addHook('onClose', async () => stopCatching())
  try {
    await app.register(parley, { host, ...parleyOptions })
    await app.listen({ host, port })
  } catch (cause) {
    await app.close()
    throw cause
  }
  return {
    url: urlOf(app, host),
    fastify: app,
    parley: app.parley,
    async close(graceMs) {
      if (graceMs !== undefined) await app.parley.drain(graceMs)
      await app.close()
    },
  }
}

const BODY_MS = 30_000

/** A body that drips in holds a socket no longer than this. */
function limitBody({ raw }: FastifyRequest, reply: FastifyReply): void {
  if (raw.headers['content-length'] === undefined && raw.headers['transfer-encoding'] === undefined) return
  const late = setTimeout(() => raw.destroy(), BODY_MS)
  reply.raw.once('close', () => clearTimeout(late))
}

/** Of each server in this process. */
const catching = new Set<(cause: unknown) => void>()

/**
 * An error that escapes from a tool or an agent, out of a timer or a forgotten promise, is logged and ends nothing. Any
 * other ends the process, as it would without this.
 */
function catchStrays({ log }: FastifyInstance): () => void {
  const caught = (cause: unknown): void => {
    const whose = culprit()
    if (whose !== undefined) return log.error({ err: cause, ...whose }, 'an error escaped from an agent or a tool')
    // Whoever listens beside Parley's servers decides.
    if (process.listenerCount('uncaughtException') > catching.size) return
    log.fatal({ err: cause }, 'the server broke')
    process.exit(1)
  }
  catching.add(caught)
  process.on('uncaughtException', caught)
  return () => {
    catching.delete(caught)
    process.off('uncaughtException', caught)
  }
}

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** What of a request may be logged: never the query, which may carry a token. */
function requestLine(request: { readonly method: string; readonly url: string; readonly ip: string }) {
  return { method: request.method, path: request.url.split('?', 1)[0], remoteAddress: request.ip }
}
