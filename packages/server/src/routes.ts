// The HTTP around the sockets: the web app, the docs, guests, tickets, health.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { isFields, Refusal } from '@parley/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GUEST, issueToken } from './adapters/token-access.ts'
import { attachmentsRoute } from './attachments-route.ts'
import { bearerOf } from './bearer.ts'
import { type Doorkeeper, TICKET_MS } from './doorkeeper.ts'
import type { Attachments } from './engine/attachments.ts'
import { type MetricsRouteOptions, metricsRoute } from './metrics-route.ts'
import type { Access } from './seams/access.ts'
import type { Agent } from './seams/agent.ts'
import type { Chance } from './seams/clock.ts'

export interface RoutesOptions {
  readonly access: Access
  readonly chance: Chance
  readonly doorkeeper: Doorkeeper
  /** Secret of guest tokens; absent: no guests. */
  readonly guestSecret: string | undefined
  readonly agents: readonly Pick<Agent, 'id' | 'name' | 'steers'>[]
  readonly version: string
  /** The files beside the log; absent: none are taken. */
  readonly files?: Attachments | undefined
  /** Resolves when messages can be taken; rejects with why not. */
  ready(): Promise<void>
  /** What `/metrics` tells, and whom; absent: nothing. */
  readonly operations?: Omit<MetricsRouteOptions, 'access'>
  /** Whether this server is about to stop. */
  readonly leaving?: () => boolean
  /** Folder of the built web app; absent: none is served. */
  readonly web: string | undefined
  /** Folder with the documentation, for the links of the guide. */
  readonly docs: string | undefined
}

const GUEST_MS = 30 * 24 * 3600 * 1000

/** What pages of this server may do: nothing from elsewhere, no inline script. */
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ')

/** What every answer tells browsers. */
export const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}

export async function routes(fastify: FastifyInstance, options: RoutesOptions): Promise<void> {
  const { access, doorkeeper, files, operations, web, docs } = options
  fastify.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS)
    // Refused before it is a socket: what would be closed afterwards leaves its URL in the log, perhaps with a token.
    if (request.ws) await reply.code(404).send({ code: 'message.invalid', message: 'no WebSocket is spoken here' })
    else if (request.url.startsWith('/api/')) await checkOrigin(doorkeeper, request, reply)
  })
  health(fastify, options)
  if (files !== undefined) await attachmentsRoute(fastify, { files, access })
  if (operations !== undefined) metricsRoute(fastify, { access, ...operations })
  people(fastify, options)
  if (docs !== undefined) await serveDocs(fastify, docs, web !== undefined)
  if (web !== undefined) await serveApp(fastify, web)
}

/** The same rule as for sockets. Origins of the list may read what they get; nobody else's page may. */
async function checkOrigin(doorkeeper: Doorkeeper, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { origin, host } = request.headers
  if (!doorkeeper.allows(origin, host)) {
    await reply.code(403).send({ code: 'access.denied', message: 'this origin may not use this server' })
    return
  }
  if (origin === undefined) return
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'content-disposition, content-range, etag, retry-after',
    vary: 'origin',
  })
  if (request.method !== 'OPTIONS') return
  reply.headers({
    'access-control-allow-headers': 'authorization, content-type, if-none-match, if-range, range',
    'access-control-allow-methods': 'GET, HEAD, POST',
  })
  await reply.code(204).send()
}

function health(fastify: FastifyInstance, { ready, leaving }: RoutesOptions): void {
  fastify.get('/healthz', async () => ({ status: 'ok' }))
  fastify.get('/readyz', async (_, reply) => {
    if (leaving?.() === true) return reply.code(503).send({ status: 'leaving' })
    try {
      await ready()
      return { status: 'ready' }
    } catch {
      return reply.code(503).send({ status: 'not ready' })
    }
  })
}

function people(fastify: FastifyInstance, options: RoutesOptions): void {
  const { access, chance, doorkeeper, guestSecret, agents, version, files } = options
  fastify.options('/api/*', async (_, reply) => reply.code(204).send())
  fastify.get('/api/about', async () => {
    const [agent] = agents
    return {
      agent: agent === undefined ? null : { id: agent.id, name: agent.name, steers: agent.steers === true },
      guests: guestSecret !== undefined,
      files: files !== undefined,
      version,
    }
  })

  fastify.post('/api/guest', async (request, reply) => {
    if (guestSecret === undefined)
      return reply.code(404).send({ code: 'access.denied', message: 'this server has no guests; sign in with a token' })
    const guest = (await guestAgain(request)) ?? access.guest(chance.uuid())
    if (guest === undefined)
      return reply.code(404).send({ code: 'access.denied', message: 'this server has no guests' })
    const { id } = guest
    const name = wishedName(request.body) ?? guest.name ?? id
    const token = await issueToken({ secret: guestSecret, user: id, name, expiresInMs: GUEST_MS })
    return { token, user: { id, name }, expiresAt: Date.now() + GUEST_MS }
  })

  /** A guest who still has a good token stays who they are. */
  async function guestAgain(request: FastifyRequest) {
    const token = bearerOf(request)
    if (token === undefined) return undefined
    const actor = await access.identify(token).catch(() => undefined)
    return actor?.id.startsWith(GUEST) === true && actor.grants === undefined ? actor : undefined
  }

  fastify.post('/api/ticket', async (request, reply) => {
    const token = bearerOf(request)
    try {
      if (token === undefined) throw new Refusal('auth.missing', 'send the token as Authorization: Bearer')
      await access.identify(token)
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      return reply.code(401).header('www-authenticate', 'Bearer').send(cause.problem)
    }
    return { ticket: doorkeeper.issue(token, request.headers.origin), expiresInMs: TICKET_MS }
  })
}

/** `{name}`: how a guest would like to be called. */
function wishedName(body: unknown): string | undefined {
  if (!isFields(body) || typeof body.name !== 'string') return undefined
  const name = body.name.replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ').trim()
  return name === '' ? undefined : name.slice(0, 64).toWellFormed()
}

/** What may be read there: the texts at the top and those of the docs folder, with their pictures. */
const DOCUMENT = /^\/(?:[A-Z_]+|performance|guide\/[\w-]+|decisions\/[\w-]+)\.md$/u
const PICTURE = /^\/charts\/[\w-]+\.svg$/u

/**
 * `/docs/README.md` and its siblings, and the docs folder at `/docs/guide/…`: as text,
 * or in the web app, where one is served, for the browser that opens one.
 */
async function serveDocs(fastify: FastifyInstance, docs: string, hasApp: boolean): Promise<void> {
  await fastify.register(async (scope) => {
    if (hasApp) scope.addHook('onRequest', openInApp)
    await scope.register(fastifyStatic, {
      root: [docs, join(docs, 'docs')].filter((folder) => existsSync(folder)),
      prefix: '/docs/',
      decorateReply: false,
      index: false,
      allowedPath: (path) => DOCUMENT.test(path) || PICTURE.test(path),
      setHeaders(reply, path) {
        if (path.endsWith('.md')) reply.header('content-type', 'text/plain; charset=utf-8')
      },
    })
  })
}

async function openInApp({ url, headers }: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('vary', 'Accept')
  const [path = ''] = url.split('?')
  if (DOCUMENT.test(path.slice('/docs'.length)) && wantsPage(headers.accept)) await reply.sendFile('index.html')
}

/** Browsers name HTML and no other text. Who names plain text or Markdown, as agents do, is served better by that. */
function wantsPage(accept = ''): boolean {
  return /\btext\/html\b/iu.test(accept) && !/\btext\/(?:plain|markdown)\b/iu.test(accept)
}

async function serveApp(fastify: FastifyInstance, web: string): Promise<void> {
  await fastify.register(fastifyStatic, {
    root: web,
    wildcard: false,
    preCompressed: true,
    setHeaders(reply, path) {
      // Assets carry a hash of their content in their name; the page that names them must be fresh.
      const lasting = path.includes('/assets/')
      reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  fastify.get('/r/*', async (_, reply) => reply.sendFile('index.html'))
}
