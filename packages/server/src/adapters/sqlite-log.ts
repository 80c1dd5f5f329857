// A log in one SQLite file, for one process: durable when it says so, fast because many appends share one sync.
import { join } from 'node:path'
import { authorOf, type Event, isGrowth, type MessageEdited, type Page, type RoomId, roomId } from '@parley/protocol'
import type { Kept } from '../seams/inventory.ts'
import type { Journal } from '../seams/journal.ts'
import type { Appended, Draft, Found, Log, RoomInfo } from '../seams/log.ts'
import { blank, edited } from './content.ts'
import { entryOf } from './entry.ts'
import { leases } from './leases.ts'
import type { Earlier, Expired, FileRow, FoundRow, PageText, RoomRow, Settled } from './sqlite-calls.ts'
import { packed } from './sqlite-entries.ts'
import { SqliteThread } from './sqlite-thread.ts'

export type SqliteLogOptions = Place & {
  /**
   * What an acknowledged append survives. `full`: the loss of power. `normal`: the end of the process, however sudden;
   * after a loss of power the last moments may be missing, and all rooms begin a new epoch. Default: `full`.
   */
  readonly durability?: 'full' | 'normal'
  /** Milliseconds since 1970. */
  now(): number
  /** Names the epochs of new rooms. */
  uuid(): string
  readonly journal: Journal
  /** Checks the whole file at the start, however long that takes. Default: as thoroughly as its size allows without a delay. */
  readonly thorough?: boolean
  /** Opens a file even when its WAL, and with it the last writes, are lost; all rooms then begin a new epoch. Default: false. */
  readonly salvage?: boolean
  /** How large the file may grow; beyond that appends are refused. Default: as large as the disk. */
  readonly maxBytes?: number
}

/** A folder that keeps the log as `parley.db`, or the file itself; made when absent. */
type Place = { readonly folder: string } | { readonly file: string }

const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js', import.meta.url)

/** How many events are forgotten in one step, so that appends need not wait long. */
const STEP = 2_000

/**
 * Opens the log. Rejects with an error that says in one line what is wrong: damaged, in use by another process, not
 * a log, from a newer version. What is there is never taken for empty.
 */
export async function sqliteLog(options: SqliteLogOptions): Promise<Log> {
  const { durability = 'full', thorough = false, salvage = false, maxBytes, now, uuid, journal } = options
  const file = 'file' in options ? options.file : join(options.folder, 'parley.db')
  const choices = { file, durability, thorough, salvage, maxBytes, epoch: uuid() }
  const thread = await SqliteThread.start(PROGRAM, choices, journal)
  const lease = leases(now)

  return {
    alone: true,
    async open(room, owner) {
      return infoOf(await thread.ask('open', room, uuid(), owner))
    },
    async info(room) {
      const row = await thread.ask('info', room)
      return row === undefined ? undefined : infoOf(row)
    },
    async append(room, drafts, expect) {
      const at = now()
      const entries = drafts.map((draft) => packed(entryOf(draft)))
      return allAppended(drafts, at, await thread.ask('append', room, entries, at, expect))
    },
    async read(room, after, { events, bytes }) {
      const position = after === undefined ? undefined : { epoch: after.epoch, seq: after.seq }
      return pageOf(room, await thread.ask('read', room, position, { events, bytes }))
    },
    async find(room, author, id) {
      const earlier = await thread.ask('find', room, author, id)
      return earlier === undefined ? undefined : { ...eventOf(earlier), id }
    },
    async older(room, before, { events, bytes }) {
      const page = await thread.ask('older', room, before, { events, bytes })
      return pageOf(room, page)
    },
    async spans(prefix) {
      const rows = await thread.ask('spans', prefix)
      return rows.map(({ room, key, first }) => ({ room: brand(room), key, first }))
    },
    async standing(room, prefix, limit) {
      return JSON.parse(await thread.ask('standing', room, prefix, limit))
    },
    async search(words, room, limit, before) {
      while (await thread.ask('index', STEP));
      const rows = await thread.ask('search', [...words], room, limit, before?.place ?? Number.MAX_SAFE_INTEGER)
      return rows.map(foundOf)
    },
    mark(room, user, seq) {
      return thread.ask('mark', room, user, seq)
    },
    async marks(room) {
      return new Map(await thread.ask('marks', room))
    },
    unread(room, user, most) {
      return thread.ask('unread', room, user, most)
    },
    async rooms(owner, limit) {
      return (await thread.ask('rooms', owner, limit)).map(infoOf)
    },
    async attach({ attachment, room, owner, upload }) {
      const { id, sha256: content, size } = attachment
      const arrival = { id, content, size, room, owner, upload, at: now(), attachment: JSON.stringify(attachment) }
      return keptOf(await thread.ask('attach', arrival))
    },
    async attachment(id) {
      const row = await thread.ask('attachment', id)
      return row === undefined ? undefined : keptOf(row)
    },
    async uploaded(room, owner, upload) {
      const row = await thread.ask('uploaded', room, owner, upload)
      return row === undefined ? undefined : keptOf(row)
    },
    weigh(whose) {
      return 'owner' in whose ? thread.ask('weigh', whose.owner, undefined) : thread.ask('weigh', undefined, whose.room)
    },
    discard(before, most) {
      return thread.ask('discard', before, most)
    },
    loose(most) {
      return thread.ask('loose', most)
    },
    dropped(contents) {
      return thread.ask('dropped', [...contents])
    },
    holds(sha256) {
      return thread.ask('holds', sha256)
    },
    async trim(room, upTo) {
      for (;;) {
        const { horizon, more } = await thread.ask('trim', room, upTo, STEP)
        if (!more) return horizon
      }
    },
    async expire(before) {
      let total = 0
      let from: number | undefined = 0
      while (from !== undefined) {
        const step: Expired = await thread.ask('expire', before, from, STEP)
        total += step.count
        from = step.next
      }
      return total
    },
    async lease(name, holder, ttlMs) {
      thread.mustBeOpen()
      return lease(name, holder, ttlMs)
    },
    check() {
      return thread.ask('check', thread.outage.lasting)
    },
    close() {
      return thread.close()
    },
  }
}

/** The door back into {@link RoomId}: the file may have been changed by others. */
function brand(text: string): RoomId {
  const room = roomId(text)
  if (room === undefined) throw new Error(`the log holds a room with a name that is none: ${JSON.stringify(text)}`)
  return room
}

function infoOf({ room, epoch, head, horizon, owner, at }: RoomRow): RoomInfo {
  const info = { room: brand(room), epoch, head, horizon, at }
  return owner === undefined ? info : { ...info, owner }
}

function keptOf({ room, attachment, ...file }: FileRow): Kept {
  return { ...file, room: brand(room), attachment: JSON.parse(attachment) }
}

/** What became of each draft, but for those that were left out. */
function allAppended(drafts: readonly Draft[], at: number, settled: readonly Settled[]): readonly Appended[] {
  const appended: Appended[] = []
  for (const [index, draft] of drafts.entries()) {
    const one = settled[index]
    if (one === undefined) throw new Error('the log said nothing of a draft')
    if (one !== null) appended.push(appendedOf(draft, at, one))
  }
  return appended
}

function appendedOf({ by, id, fact }: Draft, at: number, settled: NonNullable<Settled>): Appended {
  const said = id === undefined || isGrowth(fact) ? undefined : { id }
  if (typeof settled === 'object' && 'seq' in settled)
    return { event: { ...eventOf(settled), ...said }, repeated: true }
  const blanked = typeof settled === 'object'
  const seq = blanked ? settled.blanked : settled
  return { event: { seq, fact: blanked ? blank(fact) : fact, at, by: authorOf(by), ...said }, repeated: false }
}

function eventOf({ seq, at, by, fact }: Earlier): Event {
  return { seq, at, by: JSON.parse(by), fact: JSON.parse(fact) }
}

function foundOf({ room, place, event, edit }: FoundRow): Found {
  const said: Event = JSON.parse(event)
  const better: MessageEdited | undefined = edit === undefined ? undefined : JSON.parse(edit)
  return { room: brand(room), place, event: better === undefined ? said : edited(said, better.parts) }
}

function pageOf(room: RoomId, { epoch, after, upTo, reset, earlier, events, standing }: PageText): Page {
  const page: Page = { room, epoch, after, upTo, events: JSON.parse(events) }
  if (earlier === undefined) return page
  if (reset === undefined) return { ...page, earlier }
  const anew: Page = { ...page, reset, earlier }
  return standing === undefined ? anew : { ...anew, standing: JSON.parse(standing) }
}
