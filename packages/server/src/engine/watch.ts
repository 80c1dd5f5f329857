// Who else hears what happens in the rooms of this process: the app's own code.
import { type Event, isSession, type Position, type RoomId } from '@parley/protocol'
import type { Stop } from '../seams/broker.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'

/** Hears an event of a room. What it throws, or rejects with, is logged and disturbs nobody. */
export type Hear = (room: RoomId, event: Event) => void | Promise<void>

export interface WatchesParts {
  readonly rooms: Rooms
  failed(what: string, cause: unknown): void
}

export class Watches {
  readonly #parts: WatchesParts
  readonly #all = new Set<Hear>()
  readonly #ofRoom = new Map<RoomId, Set<Hear>>()
  readonly #told = new WeakMap<Room, Position>()

  constructor(parts: WatchesParts) {
    this.#parts = parts
  }

  /** See `Engine.watch`. */
  watch(which: RoomId | '*', hear: Hear): Stop {
    // Its own function, so that who watches twice hears twice and stops once.
    const own: Hear = (room, event) => hear(room, event)
    if (which === '*') {
      this.#all.add(own)
      return () => void this.#all.delete(own)
    }
    const hearers = this.#ofRoom.get(which) ?? new Set()
    this.#ofRoom.set(which, hearers.add(own))
    const release = this.#keep(which)
    return () => {
      hearers.delete(own)
      if (hearers.size === 0 && this.#ofRoom.get(which) === hearers) this.#ofRoom.delete(which)
      release()
    }
  }

  /** Each event of an open room, as it becomes known. */
  noticed(room: Room, event: Event): void {
    if (this.#all.size === 0 && this.#ofRoom.size === 0) return
    // What a room learns while it opens is past.
    if (this.#parts.rooms.get(room.id) !== room) return
    const { epoch } = room.position
    const told = this.#told.get(room)
    // A log that lost its end is read again from an earlier place.
    if (told?.epoch === epoch && event.seq <= told.seq) return
    this.#told.set(room, { epoch, seq: event.seq })
    for (const hear of this.#all) this.#tell(hear, room.id, event)
    for (const hear of this.#ofRoom.get(room.id) ?? []) this.#tell(hear, room.id, event)
  }

  #tell(hear: Hear, room: RoomId, event: Event): void {
    const broken = (cause: unknown): void => this.#parts.failed('who watches a room failed', cause)
    try {
      const done = hear(room, event)
      if (done instanceof Promise) done.catch(broken)
    } catch (cause) {
      broken(cause)
    }
  }

  /** Keeps the room open here, so that it is also heard of what other processes write. */
  #keep(id: RoomId): Stop {
    let stopped = false
    let release: Stop = () => undefined
    const { rooms } = this.#parts
    // A session belongs to the user who opens it.
    const opening = isSession(id) ? rooms.find(id) : rooms.make(id, undefined)
    opening.then(
      (room) => {
        if (!stopped && room !== undefined) release = room.hold()
      },
      (cause: unknown) => this.#parts.failed('could not open a room to watch it', cause),
    )
    return () => {
      stopped = true
      release()
    }
  }
}
