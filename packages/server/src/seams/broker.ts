// Rumours between the nodes that share a log. A rumour may be lost, doubled, late or reordered; nothing may depend on one.
import type { Event, RoomId, Signal } from '@parley/protocol'

export type Stop = () => void

/** Events that were appended, durable already; or signals, which are worth telling now or never. */
export interface News {
  readonly epoch: string
  readonly events: readonly Event[]
  readonly signals?: readonly Signal[]
}

export interface Broker {
  /** Tells all other listeners of the room. Never throws, never waits. */
  announce(room: RoomId, news: News): void
  /** Hears what others announce. */
  listen(room: RoomId, hear: (news: News) => void): Stop
  close(): Promise<void>
}
