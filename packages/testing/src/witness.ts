// Sees every event that enters the log, and forgets none: what clients saw is judged against it.
import { type Event, type Position, type RoomId, spanUse } from '@parley/protocol'
import type { Log } from '@parley/server'

export interface Witnessed {
  readonly epoch: string
  /** All events of the room, in the order of the log; also those that the log no longer keeps. */
  readonly events: readonly Event[]
}

/** Facts that came into a log together, and from where. */
export interface Breath {
  /** Name of the server process that appended them; undefined: none that is known. */
  readonly node: string | undefined
  readonly events: readonly Event[]
}

export class Witness {
  /** What was opened and not closed yet, as `room span`. */
  readonly open = new Set<string>()
  readonly #rooms = new Map<string, { readonly room: RoomId; readonly epoch: string; readonly events: Event[] }>()
  readonly #breaths = new WeakMap<Event, Breath>()

  get rooms(): readonly RoomId[] {
    return [...this.#rooms.values()].map(({ room }) => room)
  }

  /** Where the room's log ends. */
  position(room: string): Position {
    const { epoch, events } = this.of(room)
    return { epoch, seq: events.at(-1)?.seq ?? 0 }
  }

  of(room: string): Witnessed {
    return this.#rooms.get(room) ?? { epoch: '', events: [] }
  }

  /** With what else an event came into the log, and from where. */
  breathOf(event: Event): Breath {
    return this.#breaths.get(event) ?? { node: undefined, events: [event] }
  }

  /** A new log begins. */
  forget(): void {
    this.open.clear()
    this.#rooms.clear()
  }

  /** The log, with this witness beside it. */
  watch(log: Log): Log {
    return {
      ...log,
      open: async (room, owner) => {
        const info = await log.open(room, owner)
        if (!this.#rooms.has(room)) this.#rooms.set(room, { room, epoch: info.epoch, events: [] })
        return info
      },
      append: async (room, drafts, expect) => {
        const appended = await log.append(room, drafts, expect)
        for (const { event, repeated } of appended) if (!repeated) this.#saw(room, event)
        return appended
      },
    }
  }

  /** A log that is watched, as the server process `node` uses it. */
  watchAs(node: string, log: Log): Log {
    return {
      ...log,
      append: async (room, drafts, expect) => {
        const appended = await log.append(room, drafts, expect)
        const events = appended.flatMap(({ event, repeated }) => (repeated ? [] : [event]))
        for (const event of events) this.#breaths.set(event, { node, events })
        return appended
      },
    }
  }

  #saw(room: RoomId, event: Event): void {
    insert(this.#rooms.get(room)?.events ?? [], event)
    const { opens, closes } = spanUse(event.fact)
    if (opens !== undefined) this.open.add(`${room} ${opens}`)
    if (closes !== undefined) this.open.delete(`${room} ${closes}`)
  }
}

/** Answers of the log may overtake each other; its order may not. */
function insert(events: Event[], event: Event): void {
  let index = events.length
  while (index > 0 && (events[index - 1]?.seq ?? 0) > event.seq) index -= 1
  events.splice(index, 0, event)
}
