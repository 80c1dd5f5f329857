// Where the pages of a log begin and end, and how far it may be forgotten; the same for every log. Pure.
import type { Position, ResetReason } from '@parley/protocol'
import type { Limit } from '../seams/log.ts'
import type { Refused } from './admit.ts'

/** Between which seqs a room's events are kept. */
export interface Extent {
  readonly epoch: string
  readonly head: number
  readonly horizon: number
}

/** Why what follows `after` can't be told; undefined when it can. */
export function resetReason(room: Extent, after: Position): ResetReason | undefined {
  if (after.epoch !== room.epoch) return 'epoch'
  if (after.seq > room.head) return 'future'
  if (after.seq < room.horizon) return 'retention'
  return undefined
}

/** The rows of a page that follows a position: at least one, where there are any. */
export function* fill<Row extends { readonly bytes: number }>(
  rows: Iterable<Row>,
  limit: Limit,
): Generator<Row, void, undefined> {
  let events = 0
  let bytes = 0
  for (const row of rows) {
    if (events > 0 && isFull(limit, events, bytes)) return
    yield row
    events += 1
    bytes += row.bytes
  }
}

/**
 * Where a page of the last events begins: so many events back, and from there to a seq at which no span was open.
 * `rows` are those that are not growth, latest first.
 */
export function tailStart(
  rows: Iterable<{ readonly calm: number; readonly bytes: number }>,
  limit: Limit,
  horizon: number,
): number {
  let events = 0
  let bytes = 0
  for (const row of rows) {
    if (isFull(limit, events, bytes)) return row.calm
    events += 1
    bytes += row.bytes
  }
  return horizon
}

function isFull(limit: Limit, events: number, bytes: number): boolean {
  return events >= limit.events || (events > 0 && bytes >= limit.bytes)
}

/** How far a room was, or may be, forgotten. */
export interface Forgotten {
  readonly horizon: number
  /** How many events lie between the old horizon and this one. */
  readonly count: number
  /** True when it stopped for having done enough at a time. */
  readonly more: boolean
}

/** What may be forgotten. */
export interface Past {
  /** Up to this seq … */
  readonly upTo: number
  /** … and older than this, ms since 1970. */
  readonly before: number
}

/** How far a room may be forgotten, in steps of about `most` events. `rows` come oldest first. */
export function forgettable(
  rows: Iterable<{ readonly seq: number; readonly at: number; readonly calm: number }>,
  past: Past,
  horizon: number,
  most = Number.POSITIVE_INFINITY,
): Forgotten {
  let seen = 0
  let forgotten: Forgotten = { horizon, count: 0, more: false }
  for (const { seq, at, calm } of rows) {
    if (seq > past.upTo || at >= past.before) break
    seen += 1
    if (calm < seq) continue
    forgotten = { horizon: seq, count: seen, more: seen >= most }
    if (forgotten.more) break
  }
  return forgotten
}

export function unknownRoom(room: string): Refused {
  return { refused: 'room.unknown', message: `there is no room ${room}` }
}

export function movedOn(room: string, head: number): Refused {
  return { refused: 'storage.unavailable', message: `the room ${room} has moved on to ${head}` }
}
