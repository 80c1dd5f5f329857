// Puts the parts together: log, access, agents, engine and gateway, as one Fastify plugin.
import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aiSdk, envelope, flat, native } from '@parley/protocol'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { eventLoopLag } from './adapters/event-loop-lag.ts'
import { fileBlobs } from './adapters/file-blobs.ts'
import { fileInspector } from './adapters/file-inspector.ts'
import { memoryBlobs } from './adapters/memory-blobs.ts'
import { memoryBroker } from './adapters/memory-broker.ts'
import { memoryLog } from './adapters/memory-log.ts'
import { promMetrics } from './adapters/prom-metrics.ts'
import { sqliteLog } from './adapters/sqlite-log.ts'
import { systemChance, systemClock } from './adapters/system-clock.ts'
import { tokenAccess } from './adapters/token-access.ts'
import { claude } from './agents/claude.ts'
import { echo } from './agents/echo.ts'
import { guide } from './agents/guide.ts'
import { openai } from './agents/openai.ts'
import { Doorkeeper, isLoopbackHost } from './doorkeeper.ts'
import type { FilesOptions } from './engine/attachments.ts'
import type { Seat } from './engine/callings.ts'
import { createEngine, type Engine } from './engine/engine.ts'
import { standardLimits } from './engine/limits.ts'
import { gateway } from './gateway.ts'
import { mayOperate } from './operators.ts'
import { guestsAllowed, type ParleyOptions } from './options.ts'
import { routes } from './routes.ts'
import type { Access } from './seams/access.ts'
import type { Journal } from './seams/journal.ts'
import type { Log } from './seams/log.ts'
import { startWebhooks } from './webhooks.ts'
import { hooksOf } from './webhooks-hook.ts'
import { sendByHttp } from './webhooks-request.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The running session layer. */
    parley: Engine
  }
}

/** Options of the plugin: those of Parley, and the host that the app listens on, which decides about guests. */
export interface PluginOptions extends ParleyOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** How long runs may go on when the app closes. Default 5,000 ms. */
  readonly graceMs?: number
}

const GUIDE_PACE_MS = 8
const RETENTION_EVERY_MS = 3_600_000
const DAY_MS = 86_400_000
/** How long webhooks may be told of what came last when the app closes. */
const LAST_NEWS_MS = 2_000

async function plugin(fastify: FastifyInstance, options: PluginOptions): Promise<void> {
  const { host = '127.0.0.1', data = './data', graceMs = 5_000, heartbeatMs = 25_000 } = options
  const guests = guestsAllowed(options, host)
  const hooks = hooksOf(options.webhooks ?? [])
  const keepsData = options.log === undefined || options.log === 'sqlite'
  if (keepsData) mkdirSync(data, { recursive: true })
  const guestSecret = guests ? secretIn(keepsData ? data : undefined, 'guest.secret') : undefined
  const journal = journalOf(fastify)
  const seats = seatsOf(options).map((seat) => withOverlap(seat, options))
  const agents = seats.map(({ agent }) => agent)
  const log = await logOf(options, data, journal)
  const broker = options.broker ?? memoryBroker({ soon: systemClock.soon }).node()
  const access =
    options.access ?? accessOf(options, guestSecret, new Set(['system', ...agents.map((agent) => agent.id)]))
  const loopback = isLoopbackHost(host)
  const operates = mayOperate(access, loopback)
  const files = await filesOf(options, data, journal)
  const metrics = promMetrics()
  const lag = eventLoopLag()
  const engine = createEngine({
    log,
    broker,
    access,
    clock: systemClock,
    chance: systemChance,
    journal,
    dialects: [native, envelope, flat, aiSdk],
    agents: seats,
    heartbeatMs,
    meter: metrics,
    lag: lag.read,
    operates,
    ...(files === undefined ? {} : { files }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  // Here, so that nothing stays behind where the rest fails.
  fastify.addHook('onClose', async () => {
    lag.stop()
    await engine.stop()
    await files?.inspector.close()
    await files?.blobs.close()
    await broker.close()
    if (options.log === undefined || typeof options.log === 'string') await log.close()
  })
  await engine.start()
  const webhooks = startWebhooks(hooks, {
    engine,
    log,
    clock: systemClock,
    chance: systemChance,
    journal,
    send: sendByHttp,
  })
  // Before the log is closed: what is hooked in last is called first.
  fastify.addHook('onClose', async () => webhooks.stop())
  const doorkeeper = new Doorkeeper({ origins: options.origins, loopback })
  const frameBytes = options.limits?.frameBytes ?? standardLimits.frameBytes

  fastify.decorate('parley', engine)
  // Before the gateway's own, which cuts what is left.
  fastify.addHook('preClose', async () => {
    await engine.drain(graceMs)
    await webhooks.leave(LAST_NEWS_MS)
  })
  await gateway(fastify, { engine, doorkeeper, frameBytes, heartbeatMs, meter: metrics })
  await fastify.register(routes, {
    access,
    chance: systemChance,
    doorkeeper,
    files: engine.files,
    guestSecret,
    agents,
    version: versionOf(),
    ready: () => log.check(),
    leaving: () => engine.leaving,
    operations: { metrics, operates },
    web: options.web === false ? undefined : folderOf('./web', '../../../apps/web/dist'),
    docs: folderOf('./docs', '../../..'),
  })
  const stopForgetting = forget(log, options.retentionDays, journal)
  fastify.addHook('onClose', async () => stopForgetting())
}

/** Parley as a Fastify plugin: `await fastify.register(parley, { secret })`. Its engine is `fastify.parley`. */
export const parley: FastifyPluginAsync<PluginOptions> = fastifyPlugin(plugin, { name: 'parley', fastify: '5.x' })

function logOf(
  { log = 'sqlite', durability = 'full' }: ParleyOptions,
  data: string,
  journal: Journal,
): Promise<Log> | Log {
  const { now } = systemClock
  const { uuid } = systemChance
  if (typeof log !== 'string') return log
  if (log === 'memory:') return memoryLog({ now, uuid })
  return sqliteLog({ folder: data, durability, now, uuid, journal })
}

/** What people send each other: pictures, sounds, films, documents, archives. Nothing that a browser or a shell would run. */
const FILE_TYPES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/heic',
  'audio/*',
  'video/*',
  'text/plain',
  'application/pdf',
  'application/rtf',
  'application/epub+zip',
  'application/vnd.openxmlformats-officedocument.*',
  'application/vnd.oasis.opendocument.*',
  'application/zip',
  'application/gzip',
  'application/x-tar',
  'application/x-7z-compressed',
  'application/zstd',
]

async function filesOf(options: PluginOptions, data: string, journal: Journal): Promise<FilesOptions | undefined> {
  const { log = 'sqlite', files = log === 'memory:' ? 'memory:' : 'folder', fileTypes: types = FILE_TYPES } = options
  if (files === 'none') return undefined
  const { durability = 'full', secret: shared } = options
  const blobs =
    files === 'memory:'
      ? memoryBlobs({ now: systemClock.now })
      : files === 'folder'
        ? await fileBlobs({ folder: join(data, 'files'), durability })
        : files
  // Of the tokens' secret, so that all nodes have the same; but not that itself.
  const secret = createHmac('sha256', shared ?? secretIn(files === 'folder' ? data : undefined, 'links.secret'))
  return { blobs, inspector: fileInspector(journal), types, secret: secret.update('links to files').digest('hex') }
}

function accessOf(
  { secret, jwksUrl, issuer, audience }: ParleyOptions,
  guestSecret: string | undefined,
  reserved: ReadonlySet<string>,
): Access {
  return tokenAccess({
    reserved,
    ...(secret === undefined ? {} : { secret }),
    ...(jwksUrl === undefined ? {} : { jwksUrl }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
    ...(guestSecret === undefined ? {} : { guestSecret }),
  })
}

function withOverlap(seat: Seat, { overlap }: ParleyOptions): Seat {
  return overlap === undefined || seat.overlap !== undefined ? seat : { ...seat, overlap }
}

function seatsOf(options: ParleyOptions): readonly Seat[] {
  const { agent = 'guide' } = options
  if (typeof agent !== 'string') return 'reply' in agent ? [{ agent }] : agent
  switch (agent) {
    case 'guide':
      // Fast, but at a pace that can be read along and stopped.
      return [{ agent: guide({ paceMs: GUIDE_PACE_MS, after: systemClock.after }) }]
    case 'claude':
      return [{ agent: claude(options.claude) }]
    case 'openai':
      return [{ agent: openai(options.openai) }]
    case 'echo':
      return [{ agent: echo() }]
    case 'none':
      return []
  }
}

/** Guests keep their names over a restart, and links stay good, so their secrets lie beside the log. */
function secretIn(data: string | undefined, name: string): string {
  const fresh = randomBytes(32).toString('base64url')
  if (data === undefined) return fresh
  const file = join(data, name)
  if (!existsSync(file)) writeFileSync(file, fresh, { mode: 0o600, flag: 'wx' })
  return readFileSync(file, 'utf8').trim()
}

/** The first of these folders that exists, relative to this file. */
function folderOf(...paths: readonly string[]): string | undefined {
  return paths.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path))
}

function versionOf(): string {
  const file: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return file.version
}

function journalOf({ log }: FastifyInstance): Journal {
  return {
    info: (what, more = {}) => log.info(more, what),
    warn: (what, more = {}) => log.warn(more, what),
    error: (what, cause, more = {}) => log.error({ ...more, err: cause }, what),
  }
}

function forget(log: Log, days: number | undefined, journal: Journal): () => void {
  if (days === undefined) return () => undefined
  const round = (): void => {
    log.expire(Date.now() - days * DAY_MS).then(
      (events) => events > 0 && journal.info('forgot what was too old', { events }),
      (cause: unknown) => journal.error('could not forget what was too old', cause),
    )
  }
  round()
  const timer = setInterval(round, RETENTION_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
