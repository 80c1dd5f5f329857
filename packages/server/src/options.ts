// Everything that can be set, and how the environment sets it.
import { isLoopbackHost } from './doorkeeper.ts'
import type { Overlap, Seat } from './engine/callings.ts'
import type { Limits } from './engine/limits.ts'
import type { Access } from './seams/access.ts'
import type { Agent } from './seams/agent.ts'
import type { BlobStore } from './seams/blob-store.ts'
import type { Broker } from './seams/broker.ts'
import type { Log } from './seams/log.ts'
import { isHookEvent } from './webhooks-events.ts'
import type { Webhook } from './webhooks-hook.ts'

export type AgentName = (typeof AGENTS)[number]

/** Where a model is; each field has the default of its agent. */
export interface ModelPlace {
  readonly apiKey?: string
  readonly baseURL?: string
  readonly model?: string
}

export interface ParleyOptions {
  /** Folder of the log and the guest secret. Default `./data`. */
  readonly data?: string
  /** `full`: acknowledged messages survive a power loss. `normal`: they survive a crash of the process. Default `full`. */
  readonly durability?: 'full' | 'normal'
  /** `sqlite` in the data folder, `memory:` for trials, or a log of your own. Default `sqlite`. */
  readonly log?: 'sqlite' | 'memory:' | Log
  /** Rumours between processes that share a log. Default: none, for one process. */
  readonly broker?: Broker
  /** HS256 secret of user tokens. */
  readonly secret?: string
  /** Where the issuer of user tokens publishes its keys. */
  readonly jwksUrl?: string
  readonly issuer?: string
  readonly audience?: string
  /** Who people are and what they may do, instead of the tokens above. */
  readonly access?: Access
  /** Whether anybody may come in without an account. Default: only without a secret, keys or access, on a loopback host. */
  readonly guests?: boolean
  /** Pages of these origins may connect. Default: the server's own pages. */
  readonly origins?: readonly string[]
  /** Who answers: one by name, one of your own, or several with their seats. Default `guide`. */
  readonly agent?: AgentName | Agent | readonly Seat[]
  /** What a message does that comes while the agent is at work in its room; for a single agent, seats say it themselves. Default `queue`. */
  readonly overlap?: Overlap
  /** Options of the `claude` agent. */
  readonly claude?: ModelPlace
  /** Options of the `openai` agent, for any server with an OpenAI-compatible API. */
  readonly openai?: ModelPlace
  /** Events older than this are forgotten, whole messages and runs at a time. Default: never. */
  readonly retentionDays?: number
  /** Where files go: the data folder, `memory:` for trials, a store of your own, or `none`. Default: memory where the log is in memory, else the folder. */
  readonly files?: 'folder' | 'memory:' | 'none' | BlobStore
  /** Types of files that are taken, such as `image/png`; `image/*` are all that begin so, `*` is any. Default: what people send each other, and nothing that runs. */
  readonly fileTypes?: readonly string[]
  readonly limits?: Partial<Limits>
  /** How often a client makes sure that its connection lives. Default 25,000 ms. */
  readonly heartbeatMs?: number
  /** Other servers that are told what happens in rooms. Default: none. */
  readonly webhooks?: readonly Webhook[]
  /** Whether the web app is served at `/`. Default true. */
  readonly web?: boolean
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
const OVERLAPS = ['queue', 'steer', 'interrupt', 'refuse'] as const
const AGENTS = ['guide', 'claude', 'openai', 'echo', 'none'] as const

export interface ServerOptions extends ParleyOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 3000; 0 is any free port. */
  readonly port?: number
  /** Whether, or from which proxies (addresses, subnets), the client's address is taken from `X-Forwarded-For`. Default: none. */
  readonly trustProxy?: boolean | string
  /** Least level of what is logged, on standard error. Default `info`. */
  readonly logLevel?: LogLevel
}

/** Settings that contradict each other or cannot be read; the text says which and what would do. */
export class SettingError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SettingError'
  }
}

type Environment = { readonly [name: string]: string | undefined }

/** The options that an environment sets. Throws a {@link SettingError} for values that cannot be read. */
export function configFromEnv(env: Environment): ServerOptions {
  const text = (name: string): string | undefined =>
    env[name] === undefined || env[name] === '' ? undefined : env[name]
  const one = <const T extends string>(name: string, allowed: readonly T[]): T | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const found = allowed.find((item) => item === value)
    if (found === undefined) throw new SettingError(`${name} is ${allowed.join(' or ')}, not "${value}"`)
    return found
  }
  const number = (name: string, least: number, most: number): number | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const read = Number(value)
    if (value.trim() === '' || !Number.isFinite(read) || read < least || read > most)
      throw new SettingError(`${name} is a number from ${least} to ${most}, not "${value}"`)
    return read
  }
  const whole = (name: string, least: number, most: number): number | undefined => {
    const read = number(name, least, most)
    if (read !== undefined && !Number.isInteger(read))
      throw new SettingError(`${name} is a whole number, not "${read}"`)
    return read
  }
  const flag = (name: string): boolean | undefined => {
    const value = one(name, ['on', 'off', 'true', 'false', '1', '0'])
    return value === undefined ? undefined : value === 'on' || value === 'true' || value === '1'
  }
  const list = (name: string): readonly string[] | undefined =>
    text(name)
      ?.split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  if (text('PARLEY_BROKER') !== undefined)
    throw new SettingError('PARLEY_BROKER is not supported by this version; one process serves all')
  const claude = present({
    apiKey: text('ANTHROPIC_API_KEY'),
    baseURL: text('ANTHROPIC_BASE_URL'),
    model: text('PARLEY_MODEL'),
  })
  const openai = present({
    apiKey: text('OPENAI_API_KEY'),
    baseURL: text('OPENAI_BASE_URL'),
    model: text('PARLEY_MODEL'),
  })
  const runMs = number('PARLEY_RUN_LIMIT_MS', 1, 86_400_000)
  const userRate = number('PARLEY_RATE', 0, 1_000_000)
  const limits = present({
    runMs,
    userRate,
    connectionRate: userRate,
    attachmentBytes: whole('PARLEY_FILE_BYTES', 1, Number.MAX_SAFE_INTEGER),
    userAttachmentBytes: whole('PARLEY_USER_BYTES', 1, Number.MAX_SAFE_INTEGER),
    roomAttachmentBytes: whole('PARLEY_ROOM_BYTES', 1, Number.MAX_SAFE_INTEGER),
    diskReserve: number('PARLEY_DISK_RESERVE', 0, 0.99),
  })
  return present({
    host: text('HOST'),
    port: whole('PORT', 0, 65_535),
    trustProxy: text('PARLEY_TRUST_PROXY') === 'on' ? true : text('PARLEY_TRUST_PROXY'),
    data: text('PARLEY_DATA'),
    durability: one('PARLEY_DURABILITY', ['full', 'normal']),
    log: one('PARLEY_LOG', ['sqlite', 'memory:']),
    secret: text('PARLEY_SECRET'),
    jwksUrl: text('PARLEY_JWKS_URL'),
    issuer: text('PARLEY_ISSUER'),
    audience: text('PARLEY_AUDIENCE'),
    guests: flag('PARLEY_GUESTS'),
    origins: list('PARLEY_ORIGINS'),
    agent: one('PARLEY_AGENT', AGENTS) ?? (claude.apiKey === undefined ? undefined : 'claude'),
    overlap: one('PARLEY_OVERLAP', OVERLAPS),
    claude: Object.keys(claude).length === 0 ? undefined : claude,
    openai: Object.keys(openai).length === 0 ? undefined : openai,
    files: one('PARLEY_FILES', ['folder', 'memory:', 'none']),
    fileTypes: list('PARLEY_FILE_TYPES'),
    retentionDays: number('PARLEY_RETENTION_DAYS', 0.01, 36_500),
    limits: Object.keys(limits).length === 0 ? undefined : limits,
    webhooks: webhooksFrom(text('PARLEY_WEBHOOK_URL'), text('PARLEY_WEBHOOK_SECRET'), list('PARLEY_WEBHOOK_EVENTS')),
    logLevel: one('PARLEY_LOG_LEVEL', LOG_LEVELS),
  })
}

/** One webhook can be set by the environment. */
function webhooksFrom(
  url: string | undefined,
  secret: string | undefined,
  names: readonly string[] | undefined,
): readonly Webhook[] | undefined {
  if (url === undefined && (secret ?? names) === undefined) return undefined
  if (url === undefined || secret === undefined)
    throw new SettingError('a webhook needs both PARLEY_WEBHOOK_URL and PARLEY_WEBHOOK_SECRET')
  const events = names?.filter(isHookEvent)
  if (events === undefined) return [{ url, secret }]
  const unknown = names?.find((name) => !isHookEvent(name))
  if (unknown !== undefined) throw new SettingError(`PARLEY_WEBHOOK_EVENTS names "${unknown}", which is no event`)
  return [{ url, secret, events }]
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The fields that have a value. */
function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>
}

/** Whether guests are welcome; refuses settings under which nobody could come in, or anybody could by mistake. */
export function guestsAllowed(options: ParleyOptions, host: string): boolean {
  const { guests, secret, jwksUrl, access } = options
  if (secret !== undefined && secret.length < 16)
    throw new SettingError('PARLEY_SECRET is too short; use at least 16 characters, better 32 random bytes')
  const known = secret !== undefined || jwksUrl !== undefined || access !== undefined
  if (guests !== undefined && (known || guests)) return guests
  if (known) return false
  if (guests === undefined && isLoopbackHost(host)) return true
  throw new SettingError(
    `nobody could sign in on ${host}: set PARLEY_SECRET or PARLEY_JWKS_URL for user tokens, or PARLEY_GUESTS=on to let everybody in`,
  )
}
