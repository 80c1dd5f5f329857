// The truth: where rooms are kept.
import type { Author, Event, Fact, Page, Position, RoomId } from '@parley/protocol'
import type { Inventory } from './inventory.ts'

/** A fact that is to be appended. */
export interface Draft {
  readonly by: Author
  /** The author's own id for it. The same (room, by.id, id) is appended once for ever; growth has none. */
  readonly id?: string
  readonly fact: Fact
  /** Who holds a span says since when (the seq that opened or retook it): a holder from before is refused (`run.over`). */
  readonly holding?: Holding
  /** For a fact that tells how something stands (`standingOf`): the seq of the one it was made from, 0 for none. Refused (`id.conflict`) unless that is still the latest. */
  readonly after?: number
  /** Appended only if the draft before it that follows nothing is new: what a message sets going is set going once. */
  readonly follows?: boolean
}

export interface Holding {
  readonly span: string
  readonly since: number
}

export interface Appended {
  readonly event: Event
  /** True when the event was there before, from an earlier append with the same id and the same content. */
  readonly repeated: boolean
}

export interface RoomInfo {
  readonly room: RoomId
  readonly epoch: string
  /** Seq of the last event; 0 when empty. */
  readonly head: number
  /** Everything up to and including this seq is no longer kept. */
  readonly horizon: number
  /** Set when the room was opened with an owner; never changes. */
  readonly owner?: string
  /** `at` of the last event, 0 when empty. */
  readonly at: number
}

/** A message that was found; `place` grows with time over all rooms. */
export interface Found {
  readonly room: RoomId
  readonly place: number
  readonly event: Event
}

export interface Limit {
  /** At most about this many events; a page never ends so early that it would be empty. */
  readonly events: number
  /** A page ends after the event that passes this many bytes of JSON; a page of the last events begins with that event. */
  readonly bytes: number
}

/** A stretch that was opened and not closed yet. */
export interface OpenSpan {
  readonly room: RoomId
  readonly key: string
  /** Seq of the event that opened it, or retook it last. */
  readonly first: number
}

/**
 * A log of rooms. All adapters pass one contract suite. Rejections: `Refusal` for what a caller did wrong
 * (`room.unknown`, `id.conflict`, `run.over`, `storage.unavailable`), any other error for a broken store.
 */
export interface Log extends Inventory {
  /** Nobody but this process writes to it: what it has not answered has not happened. Default: false. */
  readonly alone?: boolean

  /** The room, made when absent. `owner` is kept only by the call that makes it. */
  open(room: RoomId, owner?: string): Promise<RoomInfo>

  /** The room, or undefined when nobody opened it. */
  info(room: RoomId): Promise<RoomInfo | undefined>

  /**
   * All drafts, in order and as one, or none. Resolves when they are durable. Seqs follow the head without gaps.
   * A draft whose (by.id, id) exists is not appended again: its first event is the answer. For a user the facts must be
   * equal, else the whole call is refused (`id.conflict`); of an agent's or the system's facts the first one stands, so that
   * two who close the same run do no harm. A draft within a span that is not open, or that closes or retakes one
   * (see `spanUse`), refuses the call (`run.over`), except where it is a repeat; so does one whose `holding` is not so any
   * more, and one that opens what is open (`id.conflict`). Drafts that follow a repeat are left out, of the answer too.
   * `message.redacted` removes the content of its message in the same step: of all facts that hold it, `parts` become empty
   * and `redacted` true, and neither a page nor a search shows it again. What its author sends again is a repeat even so.
   * What closes a span disposes of the growth within it in the same step.
   * With `expect`, the call is refused (`storage.unavailable`) unless the room's head is exactly that.
   */
  append(room: RoomId, drafts: readonly Draft[], expect?: number): Promise<readonly Appended[]>

  /**
   * What follows a position, or a reset page where that can't be said (`epoch`, `future`, `retention`): those and the
   * page for no position (`start`) tell in `standing` the live standing facts before them, and hold the last `limit.events` events other than growth, from a place where no span is open
   * that begins earlier (so they may hold more), and everything up to the head at that moment.
   */
  read(room: RoomId, after: Position | undefined, limit: Limit): Promise<Page>

  /** The latest facts of which `standingOf` has a key that begins with `prefix`, the latest first. They outlive the horizon. */
  standing(room: RoomId, prefix: string, limit: number): Promise<readonly Event[]>

  /** What this author appended under this id, or undefined. */
  find(room: RoomId, author: string, id: string): Promise<Event | undefined>

  /** About the last `limit.events` events other than growth with a seq below `before`, from a place where no span is open. */
  older(room: RoomId, before: number, limit: Limit): Promise<Page>

  /** Open spans whose key begins with `prefix`, in all rooms. */
  spans(prefix: string): Promise<readonly OpenSpan[]>

  /**
   * Events of whole messages (posted or closed, as they were edited last) that hold all of these words or words that begin
   * with them, latest first, `before` this place if given; in one room or in all. For whoever asks to see what may be seen.
   */
  search(words: readonly string[], room: RoomId | undefined, limit: number, before?: Found): Promise<readonly Found[]>

  /** `user` has read up to and including `seq`. Durable; never goes back. Resolves with where it stands now. */
  mark(room: RoomId, user: string, seq: number): Promise<number>

  /** How far each user has read. */
  marks(room: RoomId): Promise<ReadonlyMap<string, number>>

  /** How many messages of others lie beyond what this user has read, counted up to `most`; undefined where they have read nothing. */
  unread(room: RoomId, user: string, most: number): Promise<number | undefined>

  /** Rooms with this owner, or without any owner, latest event first. */
  rooms(owner: string | undefined, limit: number): Promise<readonly RoomInfo[]>

  /**
   * Forgets events up to `upTo` at most, stopping before the first event of any span that is open or crosses it.
   * Resolves with the new horizon.
   */
  trim(room: RoomId, upTo: number): Promise<number>

  /** Forgets, room by room, events older than `before` (ms since 1970), with the same care. Resolves with the number forgotten. */
  expire(before: number): Promise<number>

  /**
   * Takes or renews the lease `name` for `holder` until `ttlMs` from now. Resolves with false while another holds it.
   * A log that only one process can open forgets all leases when it is opened.
   */
  lease(name: string, holder: string, ttlMs: number): Promise<boolean>

  /** Resolves when the store answers; rejects with why it does not. */
  check(): Promise<void>

  /** Finishes what was accepted and lets go of the store. */
  close(): Promise<void>
}
