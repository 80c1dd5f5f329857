// What the log and the thread that owns its file say to each other. Events travel as JSON text, parsed once, by the log.
import type { Position, ResetReason } from '@parley/protocol'
import type { Limit } from '../seams/log.ts'
import type { Refused } from './admit.ts'
import type { PackedEntry } from './sqlite-entries.ts'

export interface RoomRow {
  readonly room: string
  readonly epoch: string
  readonly head: number
  readonly horizon: number
  readonly owner: string | undefined
  readonly at: number
}

export interface PageText {
  readonly epoch: string
  readonly after: number
  readonly upTo: number
  readonly reset: ResetReason | undefined
  readonly earlier: boolean | undefined
  /** The JSON of the events. */
  readonly events: string
  /** The JSON of those that tell how things stood before the page, where there are any. */
  readonly standing: string | undefined
}

export interface SpanRow {
  readonly room: string
  readonly key: string
  readonly first: number
}

/** An event that was appended earlier; `by` and `fact` are JSON. */
export interface Earlier {
  readonly seq: number
  readonly at: number
  readonly by: string
  readonly fact: string
}

/** A new event whose content is not kept: its message was redacted before. */
export interface Blanked {
  readonly blanked: number
}

/** Where an entry stands: a new one at this seq, an earlier one, or nowhere, for it was left out. */
export type Settled = number | Blanked | Earlier | null

export interface FoundRow {
  readonly room: string
  readonly place: number
  /** The JSON of the event, and of the fact that edited it last. */
  readonly event: string
  readonly edit: string | undefined
}

/** A file beside the log; `attachment` is JSON. */
export interface FileRow {
  readonly room: string
  readonly owner: string
  readonly upload: string
  readonly at: number
  readonly attachment: string
  readonly held: boolean
}

export interface ArrivalText extends Omit<FileRow, 'held'> {
  readonly id: string
  readonly content: string
  readonly size: number
}

export interface Expired {
  readonly count: number
  readonly next: number | undefined
}

/** What the thread can be asked. See `Log` for what each means. */
export interface Calls {
  open(room: string, epoch: string, owner: string | undefined): RoomRow
  info(room: string): RoomRow | undefined
  append(
    room: string,
    entries: readonly PackedEntry[],
    at: number,
    expect: number | undefined,
  ): readonly Settled[] | Refused
  read(room: string, after: Position | undefined, limit: Limit): PageText | Refused
  find(room: string, author: string, id: string): Earlier | undefined | Refused
  older(room: string, before: number, limit: Limit): PageText | Refused
  spans(prefix: string): readonly SpanRow[]
  /** The JSON of the events. */
  standing(room: string, prefix: string, limit: number): string | Refused
  /** Makes about `most` more events known to the search; false when it knows all. */
  index(most: number): boolean
  search(
    words: readonly string[],
    room: string | undefined,
    limit: number,
    before: number,
  ): readonly FoundRow[] | Refused
  mark(room: string, user: string, seq: number): number | Refused
  marks(room: string): readonly (readonly [string, number])[] | Refused
  unread(room: string, user: string, most: number): number | undefined | Refused
  rooms(owner: string | undefined, limit: number): readonly RoomRow[]
  attach(arrival: ArrivalText): FileRow | Refused
  attachment(id: string): FileRow | undefined
  uploaded(room: string, owner: string, upload: string): FileRow | undefined | Refused
  weigh(owner: string | undefined, room: string | undefined): number | Refused
  discard(before: number, most: number): number
  loose(most: number): readonly string[]
  dropped(contents: readonly string[]): void
  holds(content: string): boolean
  /** Forgets about `most` events at a time. */
  trim(room: string, upTo: number, most: number): { readonly horizon: number; readonly more: boolean } | Refused
  /** Forgets about `most` events at a time, from the room with the key `from` on; `next` is where to go on. */
  expire(before: number, from: number, most: number): Expired
  /** Looks into the file; with `writing` it stores as much as a few messages, which the next look without takes away. */
  check(writing: boolean): void
}

export type Call = keyof Calls

export type Ask = {
  [Name in Call]: { readonly ref: number; readonly call: Name; readonly args: Parameters<Calls[Name]> }
}[Call]

export type Answer<Name extends Call> = Exclude<ReturnType<Calls[Name]>, Refused>

export type Reply =
  | { readonly ref: number; readonly answer: unknown }
  | { readonly ref: number; readonly refused: Refused }
  /** `passing`: the store may be able to do it later. */
  | { readonly ref: number; readonly failed: unknown; readonly passing: boolean }

/** What the thread says, and nothing else: first how it opened, then replies. */
export type Told =
  | { readonly opened: readonly string[] }
  | { readonly unopened: unknown }
  /** `stored`: something new is on disk. */
  | { readonly replies: readonly Reply[]; readonly stored: boolean }

/** What the log says to the thread. `close` is the last. */
export type Said = readonly Ask[] | 'close'
