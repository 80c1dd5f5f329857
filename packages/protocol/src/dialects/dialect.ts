// A dialect: one way to say commands, replies and pages on a wire. The core never names one.
import type { Asked, Command, Misread, Notice, Reply } from '../command.ts'
import type { Page } from '../page.ts'
import type { Signal } from '../signal.ts'
import type { RoomId } from '../words.ts'

/** What a dialect may know when a connection begins. */
export interface Greeting {
  /** The query of the URL that was opened. */
  readonly params: ReadonlyMap<string, string>
  /** A fresh random UUID. */
  uuid(): string
  now(): number
}

/** To whom a page or signals are said, when they are not said to all alike. */
export interface Listener<Memory> {
  readonly memory: Memory
  /** Id of the actor who listens. */
  readonly actor: string
}

/**
 * How much was heard of each streaming message (by `author/id`), in UTF-16 units, before a page; the dialect keeps it
 * true as it speaks. Only dialects that do not resume need it.
 */
export type Heard = Map<string, number>

/**
 * Translates between one wire format and the core's words. Frames are texts; each becomes one WebSocket message.
 * Everything but `begin` and the memory it makes is pure.
 */
export interface Dialect<Memory = unknown> {
  readonly name: string
  /** Whether its clients keep a position and can resume from it. Where false, catching up tells every piece of text. */
  readonly resumes: boolean
  /** Whether a room is told to all readers alike. Where false, everything of it is said privately, with the listener's memory. */
  readonly shares: boolean
  /** Whether an author hears their own events from the room like everybody else. Where false, such pages are private. */
  readonly echoes: boolean
  /** Whether its clients may send files, as pieces in binary messages. */
  readonly takesPieces: boolean
  /** Whether a connection without any token may speak as a fresh guest, where guests are allowed. */
  readonly welcomesGuests: boolean
  begin(greeting: Greeting): Memory
  /** What a connection does by itself once it knows who speaks. */
  opening(memory: Memory): readonly Command[]
  /** What one frame asks for, in order; usually one thing. */
  decode(text: string, memory: Memory): readonly (Asked | Misread)[]
  reply(reply: Reply, memory: Memory): readonly string[]
  notice(notice: Notice, memory: Memory): readonly string[]
  /** To all readers of this dialect alike, or to one. */
  page(page: Page, heard: Heard, to?: Listener<Memory>): readonly string[]
  /** To all readers of this dialect alike, or to one. */
  signals(room: RoomId, signals: readonly Signal[], to?: Listener<Memory>): readonly string[]
  /** What the connection asks by itself, since it heard a reply, a page or signals; each is handed out once. */
  asks(memory: Memory): readonly Asked[]
}
