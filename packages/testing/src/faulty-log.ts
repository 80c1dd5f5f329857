// A node's way to the log that all nodes share: it takes time, it fails, and it ends with the node, between any two steps.
import { Refusal, type RoomId } from '@parley/protocol'
import type { Clock, Log } from '@parley/server'
import type { Seeded } from './chance.ts'

/** How the store behaves towards one node. */
export interface Disk {
  /** From the call until it happens in the store: the least and the most. */
  readonly writeMs: readonly [number, number]
  /** From there until the node hears of it. */
  readonly answerMs: readonly [number, number]
  /** Share of the calls that are refused, without any effect, as `storage.unavailable`. */
  readonly refused: number
  /**
   * Share of the calls that take effect although the node hears that they failed: only of those that may be repeated,
   * for a log promises that growth was not appended when it says so.
   */
  readonly denied: number
}

export const goodDisk: Disk = { writeMs: [0, 2], answerMs: [0, 2], refused: 0, denied: 0 }

/** More than what is lost when times are added up. */
const STEP_MS = 0.001

/** When the latest step about each room takes place. */
type Turns = Map<RoomId, number>

export interface FaultyLogOptions {
  readonly log: Log
  /** The node's own clock: when it stops, no step happens any more, and no promise settles. */
  readonly clock: Clock
  readonly chance: Seeded
  /** Asked at each call. */
  readonly disk: () => Disk
}

/**
 * Calls about one room happen, and are answered, in the order in which they were made; reads come in between as it happens.
 * `close` lets go of nothing but this view.
 */
export function faultyLog({ log, clock, chance, disk }: FaultyLogOptions): Log {
  const calls: Turns = new Map()
  const answers: Turns = new Map()

  const step = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve))
  const within = ([least, most]: readonly [number, number]): number => least + chance.float() * (most - least)

  /** A step that takes so long, or a little longer than those about the room that were begun before. */
  const stepInTurn = (turns: Turns, room: RoomId | undefined, ms: number): Promise<void> => {
    if (room === undefined) return step(ms)
    const now = clock.steady()
    const at = Math.max(now + ms, (turns.get(room) ?? 0) + STEP_MS)
    turns.set(room, at)
    return step(at - now)
  }

  const call = async <Answer>(
    room: RoomId | undefined,
    act: () => Promise<Answer>,
    repeatable = true,
  ): Promise<Answer> => {
    const { writeMs, answerMs, refused, denied } = disk()
    await stepInTurn(calls, room, within(writeMs))
    if (chance.odds(refused)) throw unavailable()
    const outcome = await settled(act())
    await stepInTurn(answers, room, within(answerMs))
    if (chance.odds(denied) && repeatable) throw unavailable()
    return outcome()
  }

  return {
    open: (room, owner) => call(room, () => log.open(room, owner)),
    info: (room) => call(room, () => log.info(room)),
    append: (room, drafts, expect) =>
      call(
        room,
        () => log.append(room, drafts, expect),
        drafts.every(({ id }) => id !== undefined),
      ),
    read: (room, after, limit) => call(undefined, () => log.read(room, after, limit)),
    find: (room, author, id) => call(undefined, () => log.find(room, author, id)),
    older: (room, before, limit) => call(undefined, () => log.older(room, before, limit)),
    spans: (prefix) => call(undefined, () => log.spans(prefix)),
    standing: (room, prefix, limit) => call(undefined, () => log.standing(room, prefix, limit)),
    search: (words, room, limit, before) => call(undefined, () => log.search(words, room, limit, before)),
    mark: (room, user, seq) => call(undefined, () => log.mark(room, user, seq)),
    marks: (room) => call(undefined, () => log.marks(room)),
    unread: (room, user, most) => call(undefined, () => log.unread(room, user, most)),
    rooms: (owner, limit) => call(undefined, () => log.rooms(owner, limit)),
    attach: (arrival) => call(arrival.room, () => log.attach(arrival)),
    attachment: (id) => call(undefined, () => log.attachment(id)),
    uploaded: (room, owner, upload) => call(undefined, () => log.uploaded(room, owner, upload)),
    weigh: (whose) => call(undefined, () => log.weigh(whose)),
    discard: (before, most) => call(undefined, () => log.discard(before, most)),
    loose: (most) => call(undefined, () => log.loose(most)),
    dropped: (contents) => call(undefined, () => log.dropped(contents)),
    holds: (sha256) => call(undefined, () => log.holds(sha256)),
    trim: (room, upTo) => call(undefined, () => log.trim(room, upTo)),
    expire: (before) => call(undefined, () => log.expire(before)),
    lease: (name, holder, ttlMs) => call(undefined, () => log.lease(name, holder, ttlMs)),
    check: () => call(undefined, () => log.check()),
    close: () => Promise.resolve(),
  }
}

function unavailable(): Refusal {
  return new Refusal('storage.unavailable', 'the store does not answer', { retryAfterMs: 100 })
}

/** How a promise settled, to be told later. */
async function settled<Value>(promise: Promise<Value>): Promise<() => Value> {
  try {
    const value = await promise
    return () => value
  } catch (cause) {
    return () => {
      throw cause
    }
  }
}
