// One room in memory: its events in an array, and the same rules as everywhere.
import type { Event, Page, Position, ResetReason, RoomId } from '@parley/protocol'
import type { Appended, Draft, Found, Limit, OpenSpan, RoomInfo } from '../seams/log.ts'
import { admit, type State, type Verdict } from './admit.ts'
import { edited, wordsOf } from './content.ts'
import { entryOf } from './entry.ts'
import type { MemoryFiles } from './memory-files.ts'
import { blankRow, type Row, rowOf } from './memory-row.ts'
import { fill, forgettable, movedOn, type Past, resetReason, tailStart } from './pages.ts'
import { refuse } from './refuse.ts'
import { foldedWords, holds } from './search-words.ts'

/** What all rooms of a log share. */
interface Shared {
  /** Gives each event its place among those of all rooms. */
  place(): number
  readonly files: MemoryFiles
}

export class MemoryRoom {
  readonly #id: RoomId
  readonly #epoch: string
  readonly #owner: string | undefined
  readonly #shared: Shared
  readonly #ids = new Map<string, Row>()
  readonly #standing = new Map<string, Row>()
  readonly #marks = new Map<string, number>()
  /** Keys of messages whose content was removed, with the seq at which it was. */
  readonly #redacted = new Map<string, number>()
  #rows: Row[] = []
  #state: State = { head: 0, calm: 0, open: new Map() }
  #horizon = 0
  #at = 0

  constructor(id: RoomId, epoch: string, owner: string | undefined, shared: Shared) {
    this.#id = id
    this.#shared = shared
    this.#epoch = epoch
    this.#owner = owner
  }

  get info(): RoomInfo {
    const { head } = this.#state
    const info = { room: this.#id, epoch: this.#epoch, head, horizon: this.#horizon, at: this.#at }
    return this.#owner === undefined ? info : { ...info, owner: this.#owner }
  }

  append(drafts: readonly Draft[], at: number, expect: number | undefined): readonly Appended[] {
    const { head } = this.#state
    if (expect !== undefined && expect !== head) return refuse(movedOn(this.#id, head))
    const plan = admit(drafts.map(entryOf), this.#state, {
      find: ({ author, id }) => this.#ids.get(idKey(author, id)),
      latest: (key) => this.#standing.get(key)?.seq ?? 0,
      hasFile: (id) => this.#shared.files.has(this.#id, id),
    })
    if ('refused' in plan) return refuse(plan)
    this.#state = plan.state
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
    const page = this.older(this.#state.head + 1, limit)
    const live = [...this.#standing.values()].filter(({ entry, seq }) => entry.standing?.live && seq <= page.after)
    if (live.length === 0) return { ...page, reset }
    return { ...page, reset, standing: live.sort((a, b) => a.seq - b.seq).map(({ event }) => event) }
  }

  older(before: number, limit: Limit): Page {
    const upTo = Math.min(Math.max(before - 1, 0), this.#state.head)
    const after = Math.min(upTo, tailStart(this.#latest(upTo), limit, this.#horizon))
    return { ...this.#page(after, upTo, this.#between(after, upTo)), earlier: after > this.#horizon }
  }

  spans(prefix: string): readonly OpenSpan[] {
    const open = [...this.#state.open].filter(([key]) => key.startsWith(prefix))
    return open.map(([key, first]) => ({ room: this.#id, key, first }))
  }

  standing(prefix: string, limit: number): readonly Event[] {
    const latest = [...this.#standing].filter(([key]) => key.startsWith(prefix)).map(([, row]) => row)
    return latest
      .sort((a, b) => b.seq - a.seq)
      .slice(0, limit)
      .map(({ event }) => event)
  }

  /** Messages that hold all phrases. */
  *search(phrases: readonly (readonly string[])[]): Generator<Found, void, undefined> {
    const edits = new Map<string, Event>()
    for (const { event, entry, place } of this.#rows.toReversed()) {
      const key = entry.content ?? ''
      if (event.fact.type === 'message.edited' && !edits.has(key)) edits.set(key, event)
      const edit = edits.get(key)?.fact
      const said = edit?.type === 'message.edited' ? edited(event, edit.parts) : event
      if (holds(foldedWords(wordsOf(said.fact) ?? ''), phrases)) yield { room: this.#id, place, event: said }
    }
  }

  mark(user: string, seq: number): number {
    const mark = Math.max(this.#marks.get(user) ?? 0, Math.min(seq, this.#state.head))
    this.#marks.set(user, mark)
    return mark
  }

  get marks(): ReadonlyMap<string, number> {
    return new Map(this.#marks)
  }

  unread(user: string, most: number): number | undefined {
    const mark = this.#marks.get(user)
    if (mark === undefined) return undefined
    let count = 0
    for (const { event } of this.#following(mark)) {
      if (count >= most) break
      if (event.by.id !== user && wordsOf(event.fact)) count += 1
    }
    return count
  }

  /** How many events it forgot. */
  forget(past: Past): number {
    const { horizon, count } = forgettable(this.#rows, past, this.#horizon)
    for (const row of this.#between(this.#horizon, horizon)) if (!this.#isLatest(row)) this.#forgetId(row)
    this.#rows = this.#rows.slice(this.#indexAfter(horizon))
    for (const [key, seq] of this.#redacted) if (seq <= horizon) this.#redacted.delete(key)
    this.#shared.files.letGo(this.#id, (seq) => seq <= horizon)
    this.#horizon = horizon
    return count
  }

  #isLatest({ entry, seq }: Row): boolean {
    return entry.standing !== undefined && this.#standing.get(entry.standing.key)?.seq === seq
  }

  #forgetId({ entry }: Row): void {
    if (entry.id !== undefined) this.#ids.delete(idKey(entry.author, entry.id))
  }

  #settle(verdict: Exclude<Verdict<Row>, { readonly is: 'left out' }>, at: number): Row {
    if (verdict.is === 'repeat') return verdict.of
    if (verdict.is === 'twin') return rowOf(verdict.of, at, 0)
    const { entry, span } = verdict
    if (entry.closes !== undefined && span !== undefined) this.#dispose(span)
    const said = rowOf(verdict, at, this.#shared.place())
    const row = this.#redacted.has(entry.content ?? '') && !entry.posts ? blankRow(said) : said
    this.#rows.push(row)
    if (entry.id !== undefined) this.#ids.set(idKey(entry.author, entry.id), row)
    if (entry.standing !== undefined) this.#stand(entry.standing.key, row)
    if (row === said) this.#shared.files.hold(row.seq, entry.files)
    if (entry.redacts !== undefined) this.#redact(entry.redacts, row.seq)
    this.#at = at
    return row
  }

  #stand(key: string, row: Row): void {
    const before = this.#standing.get(key)
    if (before !== undefined && before.seq <= this.#horizon) this.#forgetId(before)
    this.#standing.set(key, row)
  }

  /** Also what is still being written has no content any more. */
  #redact(key: string, seq: number): void {
    if (!this.#rows.some(({ entry }) => entry.content === key)) return
    this.#redacted.set(key, seq)
    const emptied = new Set(this.#rows.filter(({ entry }) => entry.content === key).map((row) => row.seq))
    this.#shared.files.letGo(this.#id, (one) => emptied.has(one))
    const kept = this.#rows.filter(({ entry }) => entry.content !== key || !entry.growth)
    this.#rows = kept.map((row) => (row.entry.content === key ? blankRow(row) : row))
    for (const row of this.#rows)
      if (row.entry.content === key && row.entry.id !== undefined)
        this.#ids.set(idKey(row.entry.author, row.entry.id), row)
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

function idKey(author: string, id: string | undefined): string {
  return JSON.stringify([author, id])
}
