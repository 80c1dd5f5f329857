// The rooms that are open in this process: opened when first needed, closed when nobody has needed them for a while.
import type { Author, Event, RoomId } from '@parley/protocol'
import type { Broker } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'
import type { Journal } from '../seams/journal.ts'
import type { Log } from '../seams/log.ts'
import { inTurn } from './in-turn.ts'
import type { Measures } from './measures.ts'
import { Room } from './room.ts'

const IDLE_MS = 60_000
/** How stale a room may be when every rumour of its news was lost. */
const POLL_MS = 5_000
/** So many rooms are looked after in one tick. */
const FEW = 200

export interface RoomsParts {
  readonly log: Log
  readonly broker: Broker
  readonly clock: Clock
  readonly journal: Journal
  readonly measures: Measures
  /** This process's name. */
  readonly node: string
  readonly agents: readonly Author[]
  noticed(room: Room, event: Event): void
}

export class Rooms {
  readonly #parts: RoomsParts
  readonly #open = new Map<RoomId, Room>()
  readonly #opening = new Map<RoomId, Promise<Room | undefined>>()
  #polledAt = 0

  constructor(parts: RoomsParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#open.size
  }

  /** The room if it is open here already. */
  get(id: RoomId): Room | undefined {
    return this.#open.get(id)
  }

  /** The room, or undefined when nobody ever opened it. */
  async find(id: RoomId): Promise<Room | undefined> {
    return this.#open.get(id) ?? this.#opening.get(id) ?? this.#begin(id, () => this.#parts.log.info(id))
  }

  /** The room, made when absent; then `owner` owns it. */
  async make(id: RoomId, owner: string | undefined): Promise<Room> {
    for (;;) {
      // Somebody else's search may end with nothing; then it is this one's turn, unless a third came first.
      const room = this.#open.get(id) ?? (await this.#opening.get(id))
      if (room !== undefined) return room
      if (this.#opening.has(id)) continue
      const made = await this.#begin(id, () => this.#parts.log.open(id, owner))
      if (made !== undefined) return made
    }
  }

  /** One opening at a time: two objects for one room would not hear each other. */
  #begin(id: RoomId, ask: () => ReturnType<Log['info']>): Promise<Room | undefined> {
    const opening = this.#load(id, ask).finally(() => this.#opening.delete(id))
    this.#opening.set(id, opening)
    return opening
  }

  async #load(id: RoomId, ask: () => ReturnType<Log['info']>): Promise<Room | undefined> {
    const { log, journal } = this.#parts
    const info = await ask()
    if (info === undefined) return undefined
    const window = await log.read(id, undefined, { events: 32, bytes: 64 * 1024 })
    const failed = (room: Room, cause: unknown): void =>
      journal.error('room could not read its log', cause, { room: room.id })
    const room = new Room(info, window, { ...this.#parts, failed })
    this.#open.set(id, room)
    return room
  }

  /** Called every second or so: closes what is idle, looks after what may have missed news, and after what ends by itself. */
  sweep(): void {
    const { clock, log } = this.#parts
    const now = clock.steady()
    // Where others write, too, their rumours may have been lost.
    const poll = log.alone !== true && now - this.#polledAt >= POLL_MS
    if (poll) this.#polledAt = now
    const soon = (run: () => void): void => clock.soon(run)
    inTurn(this.#open.values(), FEW, soon, (room) => this.#sweep(room, now, poll))
  }

  #sweep(room: Room, now: number, poll: boolean): void {
    room.sweep()
    const since = room.idleSince
    if (since === undefined) {
      if (poll)
        room.poll().catch((cause: unknown) => this.#parts.journal.error('poll failed', cause, { room: room.id }))
    } else if (now - since >= IDLE_MS) {
      this.#open.delete(room.id)
      room.close()
    }
  }

  /** Tells now what all of them would tell soon. */
  settle(): void {
    for (const room of this.#open.values()) room.settle()
  }

  close(): void {
    for (const room of this.#open.values()) room.close()
    this.#open.clear()
  }
}
