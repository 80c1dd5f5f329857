// How the process is: what it counts, how hard pressed it is, and who is told. Looked at once a second.
import type { Health } from '@parley/protocol'
import type { Clock } from '../seams/clock.ts'
import type { Log } from '../seams/log.ts'
import type { Meter } from '../seams/meter.ts'
import type { Connection } from './connection.ts'
import { Bulletin, type HealthParts } from './health.ts'
import type { Limits } from './limits.ts'
import { Load } from './load.ts'
import { Measures, readOut } from './measures.ts'

export interface VitalsParts extends HealthParts {
  readonly meter: Meter
  readonly clock: Clock
  readonly limits: Limits
  readonly log: Pick<Log, 'check'>
  readonly connections: ReadonlySet<Connection>
  counts(): { readonly connections: number; readonly rooms: number; readonly runs: number }
  /** Mean delay of the event loop since it was asked last, ms. */
  lag(): number
}

const CHECK_MS = 5_000
/** A log that does not answer for so long is as good as broken. */
const PATIENCE_MS = 10_000

export class Vitals {
  readonly measures: Measures
  readonly load: Load
  readonly #parts: VitalsParts
  readonly #bulletin: Bulletin
  readonly #bornAt: number
  #lagMs = 0
  /** Of the last question to the log. */
  #check: { readonly since: number; open: boolean }
  #logFails = false

  constructor(parts: VitalsParts) {
    const { meter, clock, limits } = parts
    this.#parts = parts
    this.#bornAt = clock.steady()
    this.#check = { since: this.#bornAt, open: false }
    this.measures = new Measures(meter, clock)
    this.load = new Load(limits)
    this.#bulletin = new Bulletin(parts)
    readOut(meter, {
      connections: () => parts.counts().connections,
      rooms: () => parts.counts().rooms,
      runs: () => parts.counts().runs,
      laggingReaders: () => sum(parts.connections, lagging),
      outboxBytes: () => sum(parts.connections, ({ outbox }) => outbox),
      loadLevel: () => this.load.level,
      lagMs: () => this.#lagMs,
    })
  }

  look(): void {
    const { clock, connections } = this.#parts
    const { appends } = this.measures
    this.#lagMs = this.#parts.lag()
    this.load.look({ lagMs: this.#lagMs, appendMs: appends.look(), appends: appends.underWay })
    const now = clock.steady()
    if (!this.#check.open && now - this.#check.since >= CHECK_MS) this.#askLog(now)
    this.#bulletin.tell(this.#health(now), connections, now)
  }

  #askLog(now: number): void {
    const check = { since: now, open: true }
    this.#check = check
    const answered = (fails: boolean): void => {
      check.open = false
      this.#logFails = fails
    }
    this.#parts.log.check().then(
      () => answered(false),
      () => answered(true),
    )
  }

  #health(now: number): Health {
    const { connections, rooms, runs } = this.#parts.counts()
    const metrics = {
      connections,
      rooms,
      runs,
      eventLoopLagMs: Math.round(this.#lagMs),
      appendP95Ms: Math.round(this.measures.appends.p95() * 10) / 10,
      uptimeS: Math.floor((now - this.#bornAt) / 1000),
    }
    return { type: 'health', status: this.#status(now), metrics }
  }

  #status(now: number): Health['status'] {
    const silent = this.#check.open && now - this.#check.since >= PATIENCE_MS
    if (this.#logFails || silent) return 'failing'
    return this.load.level > 0 ? 'busy' : 'ok'
  }
}

function lagging({ readers }: Connection): number {
  let count = 0
  for (const reader of readers.values()) if (!reader.live) count += 1
  return count
}

function sum(connections: Iterable<Connection>, of: (connection: Connection) => number): number {
  let total = 0
  for (const connection of connections) total += of(connection)
  return total
}
