// One room in memory: its events in an array, and the same rules as everywhere.
import type { Event, Page, Position, ResetReason, RoomId } from '@parley/protocol'
import type { Appended, Draft, Limit, OpenSpan, RoomInfo } from '../seams/log.ts'
import { admit, type New, type Standing, type Verdict } from './admit.ts'
import { entryOf } from './entry.ts'
import { fill, forgettable, movedOn, type Past, resetReason, tailStart } from './pages.ts'
import { refuse } from './refuse.ts'

interface Row {
  readonly event: Event
  readonly seq: number
  readonly at: number
  /** The JSON of the fact, and its length. */
  readonly fact: string
  readonly bytes: number
  readonly calm: number
  /** For growth: seq of the event that opened its span. */
  readonly growthOf: number | undefined
}

export class MemoryRoom {
  readonly #id: RoomId
  readonly #epoch: string
  readonly #owner: string | undefined
  readonly #ids = new Map<string, Row>()
  #rows: Row[] = []
  #standing: Standing = { head: 0, calm: 0, open: new Map() }
  #horizon = 0
  #at = 0

  constructor(id: RoomId, epoch: string, owner: string | undefined) {
    this.#id = id
    this.#epoch = epoch
    this.#owner = owner
  }

  get info(): RoomInfo {
    const { head } = this.#standing
    const info = { room: this.#id, epoch: this.#epoch, head, horizon: this.#horizon, at: this.#at }
    return this.#owner === undefined ? info : { ...info, owner: this.#owner }
  }

  append(drafts: readonly Draft[], at: number, expect: number | undefined): readonly Appended[] {
    const { head } = this.#standing
    if (expect !== undefined && expect !== head) return refuse(movedOn(this.#id, head))
    const plan = admit(drafts.map(entryOf), this.#standing, (entry) => this.#ids.get(idKey(entry.author, entry.id)))
    if ('refused' in plan) return refuse(plan)
    this.#standing = plan.standing
    return plan.verdicts.flatMap((verdict) =>
      verdict.is === 'left out' ? [] : [{ event: this.#settle(verdict, at).event, repeated: verdict.is !== 'new' }],
    )
  }

  find(author: string, id: string): Event | undefined {
    return this.#ids.get(idKey(author, id))?.event
  }

  read(after: Position | undefined, limit: Limit): Page {
    const reset = after === undefined ? 'start' : resetReason(this.info, after)
    if (after === undefined || reset !== undefined) return this.#tail(reset ?? 'start', limit)
    const rows = [...fill(this.#following(after.seq), limit)]
    return this.#page(after.seq, rows.at(-1)?.seq ?? after.seq, rows)
  }

  /** The last events, and everything up to the head. */
  #tail(reset: ResetReason, limit: Limit): Page {
    return { ...this.older(this.#standing.head + 1, limit), reset }
  }

  older(before: number, limit: Limit): Page {
    const upTo = Math.min(Math.max(before - 1, 0), this.#standing.head)
    const after = Math.min(upTo, tailStart(this.#latest(upTo), limit, this.#horizon))
    return { ...this.#page(after, upTo, this.#between(after, upTo)), earlier: after > this.#horizon }
  }

  spans(prefix: string): readonly OpenSpan[] {
    const open = [...this.#standing.open].filter(([key]) => key.startsWith(prefix))
    return open.map(([key, first]) => ({ room: this.#id, key, first }))
  }

  /** How many events it forgot. */
  forget(past: Past): number {
    const { horizon, count } = forgettable(this.#rows, past, this.#horizon)
    for (const { event } of this.#between(this.#horizon, horizon))
      if (event.id !== undefined) this.#ids.delete(idKey(event.by.id, event.id))
    this.#rows = this.#rows.slice(this.#indexAfter(horizon))
    this.#horizon = horizon
    return count
  }

  #settle(verdict: Exclude<Verdict<Row>, { readonly is: 'left out' }>, at: number): Row {
    if (verdict.is === 'repeat') return verdict.of
    if (verdict.is === 'twin') return rowOf(verdict.of, at)
    const { entry, span } = verdict
    if (entry.closes !== undefined && span !== undefined) this.#dispose(span)
    const row = rowOf(verdict, at)
    this.#rows.push(row)
    if (entry.id !== undefined) this.#ids.set(idKey(entry.author, entry.id), row)
    this.#at = at
    return row
  }

  /** Growth is no longer needed once its message is closed. */
  #dispose(span: number): void {
    const first = this.#indexAfter(span)
    const kept = this.#rows.slice(first).filter(({ growthOf }) => growthOf !== span)
    this.#rows.length = first
    for (const row of kept) this.#rows.push(row)
  }

  #page(after: number, upTo: number, rows: readonly Row[]): Page {
    return { room: this.#id, epoch: this.#epoch, after, upTo, events: rows.map(({ event }) => event) }
  }

  #between(after: number, upTo: number): readonly Row[] {
    return this.#rows.slice(this.#indexAfter(after), this.#indexAfter(upTo))
  }

  *#following(after: number): Generator<Row, void, undefined> {
    for (let index = this.#indexAfter(after); index < this.#rows.length; index += 1) {
      const row = this.#rows[index]
      if (row !== undefined) yield row
    }
  }

  /** What is not growth, from `upTo` backwards. */
  *#latest(upTo: number): Generator<Row, void, undefined> {
    for (let index = this.#indexAfter(upTo) - 1; index >= 0; index -= 1) {
      const row = this.#rows[index]
      if (row !== undefined && row.growthOf === undefined) yield row
    }
  }

  /** Index of the first row beyond `seq`. */
  #indexAfter(seq: number): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#rows[middle]?.seq ?? 0) <= seq) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** What was said is kept as a store would keep it: as JSON, so that nobody shares an object with the log. */
function rowOf({ entry, seq, calm, span }: New, at: number): Row {
  const { by, id, fact, growth } = entry
  const said = { seq, at, by: JSON.parse(by) }
  const event: Event = id === undefined ? { ...said, fact: JSON.parse(fact) } : { ...said, id, fact: JSON.parse(fact) }
  return { event, seq, at, fact, bytes: Buffer.byteLength(fact), calm, growthOf: growth ? span : undefined }
}

function idKey(author: string, id: string | undefined): string {
  return JSON.stringify([author, id])
}
