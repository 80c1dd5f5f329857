// Rumours between the nodes that share a log. A rumour may be lost, doubled, late or reordered; nothing may depend on one.
import type { Event, Member, RoomId, Signal } from '@parley/protocol'

export type Stop = () => void

/** Events that were appended, durable already; or signals, which are worth telling now or never; or who is here. */
export interface News {
  readonly epoch: string
  readonly events: readonly Event[]
  readonly signals?: readonly Signal[]
  readonly attendance?: Attendance
}

/** Who is in a room through the connections of one node: all of them. Said when it changes, and again every ten seconds. */
export interface Attendance {
  readonly node: string
  /** Grows with each that the node says of the room: an older one that comes late is not heard. */
  readonly number: number
  readonly members: readonly Attendant[]
}

export interface Attendant extends Member {
  /** When they said what they say of themselves, ms since 1970; 0 where they said nothing. */
  readonly since: number
}

export interface Broker {
  /** Tells all other listeners of the room. Never throws, never waits. */
  announce(room: RoomId, news: News): void
  /** Hears what others announce. */
  listen(room: RoomId, hear: (news: News) => void): Stop
  close(): Promise<void>
}
