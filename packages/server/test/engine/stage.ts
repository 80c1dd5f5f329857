// An engine without sockets: a log in memory, time that passes by hand, and peers at the other end of its transports.
import {
  type Answer,
  type Author,
  applyPage,
  emptyTimeline,
  envelope,
  flat,
  native,
  type Page,
  type Problem,
  Refusal,
  type RoomId,
  roomId,
  type Signal,
  type Timeline,
  textOf,
  writePiece,
} from '@parley/protocol'
import { plainInspector } from '../../../testing/src/plain-inspector.ts'
import { memoryBlobs } from '../../src/adapters/memory-blobs.ts'
import { memoryBroker } from '../../src/adapters/memory-broker.ts'
import { memoryLog } from '../../src/adapters/memory-log.ts'
import { tokenAccess } from '../../src/adapters/token-access.ts'
import type { Seat } from '../../src/engine/callings.ts'
import { createEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts'
import type { Limits } from '../../src/engine/limits.ts'
import type { Access, Actor } from '../../src/seams/access.ts'
import type { BlobStore } from '../../src/seams/blob-store.ts'
import type { Broker } from '../../src/seams/broker.ts'
import type { Log } from '../../src/seams/log.ts'
import type { Frame, Hello, Listener, Transport } from '../../src/seams/transport.ts'
import { HandClock } from './hand-clock.ts'

export const lobby = room('lobby')
export const session = room('session:0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11')

export function room(name: string): RoomId {
  const id = roomId(name)
  if (id === undefined) throw new Error(`${name} is no room id`)
  return id
}

/** What is told to a peer; each kind of message has some of these. */
export interface Heard {
  readonly type: string
  readonly ref?: string
  readonly answer?: Answer
  readonly problem?: Problem
  readonly page?: Page
  readonly actor?: Author
  readonly expiresAt?: number
  readonly retryAfterMs?: number
  readonly room?: string
  readonly payload?: { readonly [key: string]: unknown }
  readonly sessionId?: string
  readonly content?: string
  readonly error?: string
  readonly signals?: readonly Signal[]
  readonly channel?: number
  readonly confirmed?: number
}

/** Somebody at the other end of a transport. */
export class Peer implements Transport {
  readonly heard: Heard[] = []
  ended: { readonly code: number; readonly reason: string } | undefined
  /** The line takes nothing any more: what is sent waits. */
  stuck = false
  buffered = 0
  readonly #clock: HandClock
  readonly #listener: Listener
  #refs = 0

  constructor(engine: Engine, clock: HandClock, hello: Hello) {
    this.#clock = clock
    this.#listener = engine.accept(this, hello)
  }

  send({ texts }: Frame): void {
    if (this.ended !== undefined) return
    for (const text of texts) {
      this.heard.push(JSON.parse(text))
      if (this.stuck) this.buffered += Buffer.byteLength(text)
    }
  }

  close(code: number, reason: string): void {
    if (this.ended !== undefined) return
    this.ended = { code, reason }
    this.#clock.soon(() => this.#listener.closed(code, reason))
  }

  /** Its line breaks. */
  vanish(): void {
    this.ended ??= { code: 1006, reason: '' }
    this.#listener.closed(1006, '')
  }

  /** The line has taken all that waited. */
  drain(): void {
    this.stuck = false
    this.buffered = 0
    this.#listener.drained()
  }

  /** Sends a piece of a file. */
  piece(channel: number, offset: number, bytes: Uint8Array | string): boolean {
    const piece = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
    return this.#listener.receivedBytes(writePiece({ channel, offset, bytes: piece }))
  }

  /** A binary message. */
  bytes(message: Uint8Array): boolean {
    return this.#listener.receivedBytes(message)
  }

  say(message: object | string): void {
    this.#listener.received(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** Asks and waits for the reply to that. */
  async ask(command: object): Promise<Heard> {
    this.#refs += 1
    const ref = `ref-${this.#refs}`
    this.say({ ref, ...command })
    await this.#clock.settle()
    const reply = this.heard.find((one) => one.ref === ref)
    if (reply === undefined) throw new Error(`no reply to ${JSON.stringify(command)}`)
    return reply
  }

  post(id: string, text: string, where: RoomId = lobby): Promise<Heard> {
    return this.ask({ type: 'post', room: where, id, parts: [{ type: 'text', text }] })
  }

  join(where: RoomId = lobby, more: object = {}): Promise<Heard> {
    return this.ask({ type: 'join', room: where, ...more })
  }

  of(type: string): Heard[] {
    return this.heard.filter((one) => one.type === type)
  }

  /** Each frame's signals of one type, oldest first; frames without any are left out. */
  frames<T extends Signal['type']>(type: T, where: RoomId = lobby): (readonly Extract<Signal, { type: T }>[])[] {
    const told = this.of('signals').filter(({ room: id }) => id === where)
    const ofType = told.map(({ signals = [] }) => signals.filter((one) => isOf(one, type)))
    return ofType.filter((signals) => signals.length > 0)
  }

  pages(where: RoomId = lobby): Page[] {
    return this.heard.flatMap(({ page }) => (page?.room === where ? [page] : []))
  }

  picture(where: RoomId = lobby): Timeline {
    return this.pages(where).reduce(applyPage, emptyTimeline(where))
  }

  texts(where: RoomId = lobby): string[] {
    return this.picture(where).messages.map(({ parts }) => textOf(parts))
  }

  /** The run that was told of last. */
  run(where: RoomId = lobby): string {
    const run = [...this.picture(where).runs.keys()].at(-1)
    if (run === undefined) throw new Error('there is no run')
    return run
  }
}

function isOf<T extends Signal['type']>(signal: Signal, type: T): signal is Extract<Signal, { type: T }> {
  return signal.type === type
}

export interface StageOptions {
  /** Where files go. Default: into memory. */
  readonly blobs?: BlobStore
  readonly agents?: readonly Seat[]
  readonly limits?: Partial<Limits>
  readonly access?: Partial<Access>
  /** What the engine sees of the log. */
  readonly through?: (log: Log) => Log
  readonly node?: string
  /** Who counts, feels and may know how the server is. */
  readonly vitals?: Pick<EngineOptions, 'meter' | 'lag' | 'operates'>
  /** Another node, on the log of this stage. */
  readonly beside?: Stage
}

export interface Stage {
  readonly engine: Engine
  readonly blobs: BlobStore
  readonly clock: HandClock
  readonly log: Log
  readonly broker: () => Broker
  /** Who a token stands for, beside `alice`, `bob` and `carol`, who are their own tokens. */
  readonly tokens: Map<string, Actor>
  /** What was written into the journal. */
  readonly journal: { readonly level: string; readonly what: string; readonly cause?: unknown }[]
  /** `name` may be a token; without any nobody says who they are. */
  connect(name?: string, hello?: Partial<Hello>): Promise<Peer>
}

export async function stage(options: StageOptions = {}): Promise<Stage> {
  const { agents = [], limits = {}, access = {}, through = (log) => log, node = 'n1', vitals = {}, beside } = options
  const clock = beside?.clock ?? new HandClock()
  let uuids = 0
  const uuid = (): string => {
    uuids += 1
    return `00000000-0000-4000-8000-${node === 'n1' ? '1' : '2'}${String(uuids).padStart(11, '0')}`
  }
  const log = beside?.log ?? memoryLog({ now: () => clock.now(), uuid })
  const blobs = options.blobs ?? beside?.blobs ?? memoryBlobs({ now: () => clock.now() })
  const hub = memoryBroker({ soon: (run) => clock.soon(run) })
  const broker = beside?.broker ?? (() => hub.node())
  const tokens = new Map<string, Actor>(['alice', 'bob', 'carol'].map((id) => [id, { id, kind: 'user' }]))
  const journal: Stage['journal'] = []
  let floats = 0
  const engine = createEngine({
    log: through(log),
    broker: broker(),
    access: { ...tokenAccess({ reserved: new Set() }), identify: async (token) => whois(tokens, token), ...access },
    clock,
    chance: { uuid, float: () => (floats++ % 10) / 10 },
    journal: {
      info: (what) => journal.push({ level: 'info', what }),
      warn: (what) => journal.push({ level: 'warn', what }),
      error: (what, cause) => journal.push({ level: 'error', what, cause }),
    },
    dialects: [native, envelope, flat],
    agents,
    limits,
    node,
    files: { blobs, inspector: plainInspector, types: ['image/*', 'text/plain'], secret: 'the secret of all stages' },
    ...vitals,
  })
  await engine.start()
  return {
    engine,
    blobs,
    clock,
    log,
    broker,
    tokens,
    journal,
    async connect(name, hello = {}) {
      const token = name === undefined ? {} : { token: name }
      const peer = new Peer(engine, clock, { dialect: 'native', params: new Map(), address: '::1', ...token, ...hello })
      await clock.settle()
      return peer
    },
  }
}

function whois(tokens: ReadonlyMap<string, Actor>, token: string): Actor {
  const actor = tokens.get(token)
  if (actor === undefined) throw new Refusal('auth.invalid', 'nobody has this token')
  return actor
}

/** A gate that is shut until it is opened. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { passed: promise, open: resolve }
}
