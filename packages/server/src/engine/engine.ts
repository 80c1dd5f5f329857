// The engine: connections, rooms and runs over a log. It composes the others and owns the one tick that looks at deadlines.
import {
  type Author,
  authorOf,
  type Dialect,
  type Event,
  type Notice,
  type Problem,
  problem,
  type RoomId,
  type Task,
} from '@parley/protocol'
import type { Access, Actor } from '../seams/access.ts'
import type { Broker, Stop } from '../seams/broker.ts'
import type { Chance, Clock } from '../seams/clock.ts'
import type { Journal } from '../seams/journal.ts'
import type { Log } from '../seams/log.ts'
import { type Meter, silentMeter } from '../seams/meter.ts'
import type { Accept, Hello, Listener, Transport } from '../seams/transport.ts'
import { Attachments, type AttachmentsParts, type FilesOptions } from './attachments.ts'
import type { Seat } from './callings.ts'
import { Commands } from './commands.ts'
import { Connection, type House } from './connection.ts'
import { isOpenTo } from './grants.ts'
import { inTurn } from './in-turn.ts'
import { type Bucket, type Limits, standardLimits, tooFast } from './limits.ts'
import { Recovery } from './recovery.ts'
import type { Room } from './room.ts'
import { Rooms } from './rooms.ts'
import { Runs } from './runs.ts'
import { type Speaker, type SpokenAs, speakerAs } from './speaker.ts'
import { SpeakerPosts } from './speaker-posts.ts'
import { SYSTEM } from './tool-call.ts'
import { Usage } from './usage.ts'
import { Vitals } from './vitals.ts'
import { type Hear, Watches } from './watch.ts'
import { WritingPace } from './writing-pace.ts'

export interface EngineOptions {
  readonly log: Log
  readonly broker: Broker
  readonly access: Access
  readonly clock: Clock
  readonly chance: Chance
  readonly journal: Journal
  /** By the names that a transport's hello gives. */
  readonly dialects: readonly Dialect[]
  readonly agents?: readonly Seat[]
  readonly limits?: Partial<Limits>
  /** This process's name among those that share the log. Default: a random one. */
  readonly node?: string
  /** How often a client should make sure that the connection lives. Default 25,000 ms. */
  readonly heartbeatMs?: number
  /** Where it is counted what happens. Default: nowhere. */
  readonly meter?: Meter
  /** Mean delay of the event loop since it was asked last, ms. Default: none. */
  readonly lag?: () => number
  /** Whether somebody may know how the server is. Default: nobody. */
  readonly operates?: (actor: Actor) => boolean | Promise<boolean>
  /** Where files go. Default: none are taken. */
  readonly files?: FilesOptions
}

export interface Engine {
  readonly node: string
  /** The files beside the log; undefined where none are taken. */
  readonly files: Attachments | undefined
  readonly accept: Accept
  /** Somebody for the app's own code to speak as; `kind` is `user` unless said otherwise. */
  as(author: SpokenAs): Speaker
  /**
   * Hears the events of a room, growth included, as they become known to this process: in order, each once, from now on. A room
   * that is named is kept open here, and made when it does not exist (but for sessions); `*` hears those that are open here
   * anyway, which are all in which this process writes.
   */
  watch(room: RoomId | '*', hear: Hear): Stop
  /** Ends what dead processes left open, then says that this one lives. Rejects when the log cannot be used. */
  start(): Promise<void>
  /**
   * What somebody may do has changed: asks the access again about every room that this user (or everybody) hears, and
   * takes away what is not allowed any more. Resolves when it is done.
   */
  recheck(user?: string): Promise<void>
  /** No new connections or runs; lets runs end for up to `graceMs`, interrupts the rest, then closes every connection. */
  drain(graceMs: number): Promise<void>
  /** Stops every timer and forgets every connection, without a word to anybody. */
  stop(): Promise<void>
  /** It is about to stop, and takes nobody in any more. */
  readonly leaving: boolean
  readonly counts: { readonly connections: number; readonly rooms: number; readonly runs: number }
}

const TICK_MS = 1_000
/** So many connections are looked after in one tick of the event loop. */
const FEW = 500
const RECOVERY_MS = 5_000
/** Clients of a server that leaves come back within this time, each at its own moment. */
const SPREAD_MS = 3_000

type FilesParts = Pick<AttachmentsParts, 'limits' | 'measures' | 'node' | 'spend' | 'failed'>

function filesOf({ files, log, access, clock, chance }: EngineOptions, parts: FilesParts): Attachments | undefined {
  if (files === undefined) return undefined
  return new Attachments({ ...files, ...parts, log, access, clock, uuid: () => chance.uuid() })
}

export function createEngine(options: EngineOptions): Engine {
  return new RunningEngine(options)
}

class RunningEngine implements Engine, House {
  readonly node: string
  readonly files: Attachments | undefined
  readonly limits: Limits
  readonly #options: EngineOptions
  readonly #dialects: ReadonlyMap<string, Dialect>
  readonly #connections = new Set<Connection>()
  readonly #usage: Usage
  readonly #rooms: Rooms
  readonly #runs: Runs
  readonly #commands: Commands
  readonly #recovery: Recovery
  readonly #watches: Watches
  readonly #posts: SpeakerPosts
  readonly #vitals: Vitals
  #stopTick: Stop = () => undefined
  #recoveredAt = 0
  #leaving = false

  constructor(options: EngineOptions) {
    const { log, broker, access, clock, chance, journal, dialects, agents = [], node } = options
    this.#options = options
    this.node = node ?? chance.uuid()
    this.limits = { ...standardLimits, ...options.limits }
    this.#dialects = new Map(dialects.map((dialect) => [dialect.name, dialect]))
    this.#usage = new Usage(this.limits, clock)
    this.#vitals = this.#vitalsOf(options)
    const { measures, load } = this.#vitals
    const failed = (what: string, cause: unknown): void => this.failed(what, cause)
    const spend = (user: string, cost: number): Problem | undefined => this.#spend(user, cost)
    this.files = filesOf(options, { limits: this.limits, measures, node: this.node, spend, failed })
    const { runMs, answerLength, toolCalls, queue, rooms: maxRooms } = this.limits
    const { files } = this
    const pace = new WritingPace(clock)
    this.#runs = new Runs(agents, {
      clock,
      journal,
      files,
      pace,
      node: this.node,
      runMs,
      answerLength,
      toolCalls,
      queue,
    })
    const noticed = (room: Room, event: Event): void => {
      this.#runs.noticed(room, event)
      this.#watches.noticed(room, event)
    }
    this.#rooms = new Rooms({
      log,
      broker,
      clock,
      journal,
      measures,
      noticed,
      node: this.node,
      agents: this.#runs.agents,
    })
    const assigned = (room: Room, task: Task, by: Author): void => this.#assigned(room, task, by)
    const { rooms, runs } = { rooms: this.#rooms, runs: this.#runs }
    this.#commands = new Commands({ access, rooms, runs, log, clock, load, maxRooms, files, assigned, failed })
    this.#watches = new Watches({ rooms: this.#rooms, failed })
    this.#posts = new SpeakerPosts(this.#rooms, this.#runs)
    this.#recovery = new Recovery({ log, rooms: this.#rooms, runs: this.#runs, clock, journal, node: this.node })
  }

  #vitalsOf({ log, clock, meter = silentMeter, lag = () => 0, operates = () => false }: EngineOptions): Vitals {
    return new Vitals({
      log,
      clock,
      meter,
      lag,
      operates,
      limits: this.limits,
      connections: this.#connections,
      counts: () => this.counts,
      failed: (what, cause) => this.failed(what, cause),
    })
  }

  get leaving(): boolean {
    return this.#leaving
  }

  as(author: SpokenAs): Speaker {
    const { chance } = this.#options
    const assigned = (room: Room, task: Task, by: Author): void => this.#assigned(room, task, by)
    const { files } = this
    return speakerAs(author, { rooms: this.#rooms, posts: this.#posts, files, uuid: () => chance.uuid(), assigned })
  }

  watch(room: RoomId | '*', hear: Hear): Stop {
    return this.#watches.watch(room, hear)
  }

  get counts() {
    return { connections: this.#connections.size, rooms: this.#rooms.count, runs: this.#runs.count }
  }

  async start(): Promise<void> {
    await this.#recovery.round()
    this.#recoveredAt = this.steady()
    this.#tickLater()
  }

  accept = (transport: Transport, hello: Hello): Listener => {
    const { chance, access } = this.#options
    const dialect = this.#dialects.get(hello.dialect)
    if (dialect === undefined) throw new Error(`no dialect is called ${hello.dialect}`)
    const greeting = { params: hello.params, uuid: () => chance.uuid(), now: () => this.now() }
    const connection = new Connection(transport, hello.address, dialect, dialect.begin(greeting), this)
    const refused = this.#refusal(hello.address)
    if (refused !== undefined) {
      connection.end(refused)
      return connection
    }
    this.#connections.add(connection)
    if (hello.token !== undefined) connection.present(hello.token)
    else if (dialect.welcomesGuests) this.#welcomeGuest(connection, access.guest(chance.uuid()))
    return connection
  }

  /** Counts a connection in, or says why not. */
  #refusal(address: string): Problem | undefined {
    if (this.#leaving)
      return problem('server.leaving', 'this server is about to stop', { retryAfterMs: this.#spread() })
    if (this.#connections.size >= this.limits.connections)
      return problem('limit.exceeded', 'the server is full', { retryAfterMs: 5_000 })
    if (!this.#usage.comesFrom(address))
      return problem('limit.exceeded', 'too many connections from this address', { retryAfterMs: 5_000 })
    return undefined
  }

  #welcomeGuest(connection: Connection, guest: Actor | undefined): void {
    if (guest === undefined) connection.end(problem('auth.missing', 'this server wants a token'))
    else connection.become(guest)
  }

  now(): number {
    return this.#options.clock.now()
  }

  steady(): number {
    return this.#options.clock.steady()
  }

  async identify(token: string): Promise<Actor> {
    return this.#options.access.identify(token)
  }

  enter(connection: Connection, actor: Actor): Problem | { readonly shared: Bucket; readonly welcome: Notice } {
    // Whoever decides who people are may be somebody's own code: these ids are nobody's.
    if (actor.id === SYSTEM.id || this.#runs.agent(actor.id) !== undefined)
      return problem('access.denied', `the id ${actor.id} is reserved`)
    const shared = this.#usage.enter(actor.id, connection.address)
    if (shared === undefined)
      return problem('limit.exceeded', 'too many connections of this user', { retryAfterMs: 5_000 })
    const { expiresAt } = actor
    const welcome: Notice = {
      type: 'welcome',
      actor: authorOf(actor),
      node: this.node,
      now: this.now(),
      heartbeatMs: this.#options.heartbeatMs ?? 25_000,
      maxFrameBytes: this.limits.frameBytes,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    }
    return { shared, welcome }
  }

  /** From what all connections of a user share. */
  #spend(user: string, cost: number): Problem | undefined {
    const wait = this.#usage.bucketOf(user).take(cost, this.steady())
    return wait === 0 ? undefined : tooFast(wait)
  }

  async recheck(user?: string): Promise<void> {
    const concerned = [...this.#connections].filter(
      (connection) => connection.identified && (user === undefined || connection.actor.id === user),
    )
    await Promise.all(concerned.map((connection) => this.#recheck(connection)))
  }

  renewed(connection: Connection): void {
    this.#recheck(connection).catch((cause: unknown) => connection.broken(cause))
  }

  /** Rooms that the new proof does not grant are lost; the rest stays as it is. */
  async #recheck(connection: Connection): Promise<void> {
    for (const [room, reader] of connection.readers) {
      const { actor } = connection
      if (isOpenTo(actor, reader.room) && (await this.#options.access.permit(actor, 'read', room))) continue
      // A newer proof is being looked at by itself.
      if (connection.actor !== actor || connection.readers.get(room) !== reader) continue
      reader.leave()
      connection.readers.delete(room)
      const why = problem('access.denied', `reading ${room} is not allowed any more`)
      connection.notice({ type: 'removed', room, problem: why })
    }
  }

  /** Tells whoever was given a task, on every device that does not hear its room. */
  #assigned(room: Room, task: Task, by: Author): void {
    for (const connection of this.#connections) {
      if (!connection.identified || connection.actor.id !== task.assignee || connection.readers.has(room.id)) continue
      if (isOpenTo(connection.actor, room))
        void this.#tell(connection, { type: 'task.assigned', room: room.id, task, by })
    }
  }

  async #tell(connection: Connection, notice: Extract<Notice, { type: 'task.assigned' }>): Promise<void> {
    try {
      if (await this.#options.access.permit(connection.actor, 'read', notice.room)) connection.notice(notice)
    } catch (cause) {
      this.failed('could not tell somebody of a task', cause)
    }
  }

  execute: House['execute'] = (connection, asked) => {
    this.#vitals.measures.asked(asked.command)
    return this.#commands.execute(connection, asked)
  }

  piece(connection: Connection, bytes: Uint8Array): void {
    if (this.files !== undefined) this.files.uploads.received(connection, bytes)
    else connection.notice({ type: 'problem', problem: problem('attachment.type', 'this server takes no files') })
  }

  refused({ code }: Problem): void {
    this.#vitals.measures.refused(code)
  }

  left(connection: Connection): void {
    // Who was refused at the door was never in.
    if (!this.#connections.delete(connection)) return
    this.files?.uploads.left(connection)
    this.#usage.goesFrom(connection.address)
    if (connection.identified) this.#usage.leave(connection.actor.id)
  }

  failed(what: string, cause: unknown): void {
    this.#options.journal.error(what, cause)
  }

  #tickLater(): void {
    this.#stopTick = this.#options.clock.after(TICK_MS, () => {
      this.#tickLater()
      this.#tick()
    })
  }

  #tick(): void {
    const soon = (run: () => void): void => this.#options.clock.soon(run)
    inTurn(this.#connections.values(), FEW, soon, (connection) => connection.tick())
    this.#vitals.look()
    this.#rooms.sweep()
    this.#usage.sweep()
    this.files?.sweep()
    if (this.steady() - this.#recoveredAt < RECOVERY_MS) return
    this.#recoveredAt = this.steady()
    this.#recovery.round().catch((cause: unknown) => this.failed('could not look for abandoned runs', cause))
  }

  #spread(): number {
    return Math.round(this.#options.chance.float() * SPREAD_MS)
  }

  async drain(graceMs: number): Promise<void> {
    this.#leaving = true
    for (const connection of this.#connections) connection.notice({ type: 'leaving', retryAfterMs: this.#spread() })
    await this.#runs.leave(graceMs)
    await this.#recovery.leave()
    // The ends of the runs are told before the goodbye.
    this.#rooms.settle()
    for (const connection of this.#connections)
      connection.end(problem('server.leaving', 'the server stops', { retryAfterMs: this.#spread() }))
  }

  async stop(): Promise<void> {
    this.#stopTick()
    await this.#recovery.stop()
    await this.files?.stop()
    this.#rooms.close()
  }
}
