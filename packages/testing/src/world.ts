// A whole Parley in one process, without sockets or clocks: nodes over one log, people with their devices, and the weather.
import { memoryOutbox } from '@parley/client'
import { type RoomId, roomId, textOf } from '@parley/protocol'
import {
  type BlobStore,
  type Clock,
  type Limits,
  type Log,
  memoryBlobs,
  memoryLog,
  type Seat,
  type Turn,
} from '@parley/server'
import { type Seeded, seeded } from './chance.ts'
import { VirtualTime } from './clock.ts'
import { Device, type DeviceOptions } from './device.ts'
import { Host } from './network.ts'
import { WorldNode } from './node.ts'
import { type Note, notebook } from './notes.ts'
import { Rights } from './rights.ts'
import { Rumours } from './rumours.ts'
import { type Script, scripted } from './script.ts'
import { unrestOf } from './unrest.ts'
import { type Online, Weather } from './weather.ts'
import { Witness } from './witness.ts'

export interface WorldOptions {
  /** The same seed gives the same world and the same weather. Default 1. */
  readonly seed?: number | string
  /** How many servers share the log. Default 1. */
  readonly nodes?: number
  /** The room that everybody shows, and talks in unless they say otherwise. Default `lobby`. */
  readonly room?: string
  /** What the agent `guide` says in session rooms and when mentioned. Default: what it was told, word by word. */
  readonly script?: (turn: Turn) => Script
  /** Who answers on a server process, where that is not `guide`. */
  readonly seats?: (clock: Clock, node: string) => readonly Seat[]
  /** Default: the engine's own, but answers may take 30 s at most. */
  readonly limits?: Partial<Limits>
  readonly overheard?: NonNullable<DeviceOptions['overheard']>
  readonly shown?: NonNullable<DeviceOptions['shown']>
}

/** A minute is ample for whatever a test waits for. */
const PATIENCE_MS = 60_000
/** Calm may have to wait for leases to end, backoffs to pass, and answers to run out of time. */
const CALM_MS = 600_000
const LOOK_EVERY_MS = 200
const RUN_MS = 30_000

export class World {
  readonly time = new VirtualTime()
  readonly chance: Seeded
  readonly home: string
  /** The clock of the log, which nobody sets. */
  readonly clock = this.time.clock()
  readonly witness = new Witness()
  readonly rights = new Rights()
  /** What the nodes noted, oldest first. */
  readonly notes: Note[] = []
  readonly nodes: WorldNode[] = []
  readonly devices: Device[] = []
  /** Devices and all others that have a line of their own. */
  readonly online: Online[] = []
  readonly weather: Weather
  readonly #options: WorldOptions
  readonly #rumours: Rumours
  readonly #epochs: Seeded
  /** The files that all nodes share, as they are without faults. */
  readonly blobs: BlobStore
  #log: Log
  #nodesEver = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.chance = seeded(options.seed ?? 1)
    this.home = options.room ?? 'lobby'
    this.#rumours = new Rumours(this.chance.fork('rumours'))
    this.#epochs = this.chance.fork('log')
    this.blobs = memoryBlobs({ now: this.clock.now })
    this.#log = this.#emptyLog()
    this.weather = new Weather({ online: this.online, nodes: this.nodes, rumours: this.#rumours })
  }

  /** One more server process. It takes connections as soon as it has started. */
  addNode(): WorldNode {
    this.#nodesEver += 1
    const name = `node-${this.#nodesEver}`
    const { seats, limits } = this.#options
    const node = new WorldNode({
      name,
      time: this.time,
      chance: this.chance.fork(name),
      log: this.witness.watchAs(name, this.log),
      blobs: this.blobs,
      broker: (clock) => this.#rumours.broker(clock),
      rights: this.rights,
      seats: (clock) => seats?.(clock, name) ?? [this.#seat(clock)],
      limits: { runMs: RUN_MS, ...limits },
      journal: notebook(name, (note) => this.notes.push(note)),
    })
    this.nodes.push(node)
    node.start().catch((cause: unknown) => {
      this.notes.push({ node: name, level: 'error', what: 'could not start', cause })
      node.crash()
    })
    return node
  }

  /**
   * One more device of a user. Default name: the user's own. It shows the world's room. Devices with one outbox are
   * tabs of one browser; by default each has its own.
   */
  addDevice(
    user: string,
    name = user,
    options: Partial<Pick<DeviceOptions, 'outbox' | 'token' | 'window'>> = {},
  ): Device {
    const { overheard, shown } = this.#options
    const calls = this.chance.fork(`calls of ${name}`)
    const device = new Device({
      time: this.time,
      chance: this.chance.fork(`device ${name}`),
      user,
      name,
      home: this.home,
      outbox: memoryOutbox(),
      ...options,
      settle: (promise, what) => this.settle(promise, what),
      server: () => this.anyHost(calls),
      ...(overheard === undefined ? {} : { overheard }),
      ...(shown === undefined ? {} : { shown }),
    })
    this.devices.push(device)
    this.online.push(device)
    device.open()
    device.watch()
    return device
  }

  /** The log that all nodes share, as it is without faults. */
  get log(): Log {
    return this.#log
  }

  /** The log is lost with all that was in it, and the servers with it; one starts on an empty log. */
  loseLog(): WorldNode {
    for (const node of this.living) node.crash()
    this.witness.forget()
    this.#log = this.#emptyLog()
    return this.addNode()
  }

  /** Nodes that live, whether or not they take connections. */
  get living(): readonly WorldNode[] {
    return this.nodes.filter(({ state }) => state !== 'dead')
  }

  /** The words of all messages in a room's log, oldest first. */
  async logged(room = this.home): Promise<readonly string[]> {
    const page = await this.log.read(idOf(room), undefined, { events: 1_000_000, bytes: 1_000_000_000 })
    return page.events.flatMap(({ fact }) =>
      fact.type === 'message.posted' || fact.type === 'message.closed' ? [textOf(fact.parts)] : [],
    )
  }

  /** Lets time pass until the promise settles, and answers like it. */
  settle<Value>(promise: Promise<Value>, what?: string): Promise<Value> {
    return this.time.settle(promise, PATIENCE_MS, what)
  }

  /** Lets time pass until `done` says true. */
  async until(done: () => boolean, what = 'what was waited for'): Promise<void> {
    if (!(await this.time.until(done, PATIENCE_MS))) throw new Error(`${what} did not happen within ${PATIENCE_MS} ms`)
  }

  /** Lets `ms` pass. */
  pass(ms: number): Promise<void> {
    return this.time.pass(ms)
  }

  /** Fine weather, a server at least, everybody's device on; then time passes until everybody has heard everything. */
  async calm(): Promise<void> {
    this.weather.clear()
    if (this.living.every(({ state }) => state === 'draining')) this.addNode()
    for (const device of this.devices) device.open()
    const end = this.time.now + CALM_MS
    while (this.unrest.length > 0) {
      if (this.time.now > end) throw new Error(`no calm within ${CALM_MS} ms: ${this.unrest.join('; ')}`)
      await this.pass(LOOK_EVERY_MS)
      if (this.living.every(({ state }) => state === 'draining')) this.addNode()
    }
  }

  /** What is still going on, in words; empty when nothing is. */
  get unrest(): readonly string[] {
    return unrestOf(this)
  }

  /** A server that takes calls, or one that does not answer. */
  anyHost(chance: Seeded): Host {
    const open = this.nodes.filter((node) => node.open)
    return open.length === 0 ? new Host(this.time) : chance.pick(open).host
  }

  #emptyLog(): Log {
    return this.witness.watch(memoryLog({ now: this.clock.now, uuid: this.#epochs.uuid }))
  }

  #seat(clock: Clock): Seat {
    const { script = repeat } = this.#options
    return { agent: scripted({ id: 'guide', clock, script }) }
  }
}

/** The default agent: it says again what it was told. */
function repeat({ message }: Turn): Script {
  const words = textOf(message.parts).split(/(?<= )/u)
  return { beats: words.map((word) => ({ say: word })) }
}

export function idOf(room: string): RoomId {
  const id = roomId(room)
  if (id === undefined) throw new Error(`not a room id: ${room}`)
  return id
}
