// One server process of a world: an engine with its own clock, its own way to the log, and an end of its own choosing.
import { envelope, flat, native } from '@parley/protocol'
import {
  type BlobStore,
  type Broker,
  type Clock,
  createEngine,
  type Engine,
  type Journal,
  type Limits,
  type Log,
  type Seat,
} from '@parley/server'
import type { Seeded } from './chance.ts'
import type { VirtualClock, VirtualTime } from './clock.ts'
import { faultyBlobs } from './faulty-blobs.ts'
import { type Disk, faultyLog, goodDisk } from './faulty-log.ts'
import { Host } from './network.ts'
import { plainInspector } from './plain-inspector.ts'
import type { Rights } from './rights.ts'

/** A process that was asked to stop gives its goodbyes so long to travel. */
const GOODBYE_MS = 2_000

export interface WorldNodeOptions {
  readonly name: string
  readonly time: VirtualTime
  readonly chance: Seeded
  /** The log that all nodes share, and the files. */
  readonly log: Log
  readonly blobs: BlobStore
  readonly broker: (clock: Clock) => Broker
  readonly rights: Rights
  readonly seats: (clock: Clock) => readonly Seat[]
  readonly limits: Partial<Limits>
  readonly journal: Journal
}

export class WorldNode {
  readonly name: string
  readonly clock: VirtualClock
  readonly host: Host
  readonly engine: Engine
  /** How the store behaves towards this node. */
  disk: Disk = goodDisk
  state: 'starting' | 'up' | 'draining' | 'dead' = 'starting'

  constructor({ name, time, chance, log, blobs, broker, rights, seats, limits, journal }: WorldNodeOptions) {
    this.name = name
    const clock = time.clock()
    this.clock = clock
    this.engine = createEngine({
      log: faultyLog({ log, clock, chance: chance.fork('disk'), disk: () => this.disk }),
      broker: broker(clock),
      access: rights.access(clock, chance.fork('access')),
      clock,
      chance: chance.fork('engine'),
      journal,
      dialects: [native, envelope, flat],
      agents: seats(clock),
      limits,
      node: name,
      files: {
        blobs: this.#files(blobs, chance),
        inspector: plainInspector,
        types: ['image/*', 'text/plain'],
        secret: 'a secret of all nodes',
      },
    })
    this.host = new Host(time)
  }

  #files(blobs: BlobStore, chance: Seeded): BlobStore {
    return faultyBlobs({ blobs, clock: this.clock, chance: chance.fork('files'), disk: () => this.disk })
  }

  /** Whether a client could connect. */
  get open(): boolean {
    return this.host.accept !== undefined
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    await this.engine.start()
    if (this.state !== 'starting') return
    this.state = 'up'
    this.host.accept = this.engine.accept
  }

  /** Its process does nothing for `ms`, as when its machine is paused; the others may take it for dead. */
  stall(ms: number): void {
    this.clock.stall(ms)
    this.host.stall(ms)
  }

  /** Its process dies between two steps of whatever it does; or its machine does, and nobody tells the clients. */
  crash(machine = false): void {
    this.state = 'dead'
    this.clock.stop()
    this.host.died(machine)
  }

  /** It is asked to stop, lets runs end for up to `graceMs`, and is gone. */
  async drain(graceMs: number): Promise<void> {
    this.state = 'draining'
    await this.engine.drain(graceMs)
    await new Promise<void>((resolve) => this.clock.after(GOODBYE_MS, resolve))
    await this.engine.stop()
    this.crash()
  }
}
