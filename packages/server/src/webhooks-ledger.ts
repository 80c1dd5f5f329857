// How far a hook was told of each room: kept in the log, as if the hook were a reader there, so that it survives.
import { type Event, type RoomId, roomId } from '@parley/protocol'
import type { Log, RoomInfo } from './seams/log.ts'

/** Nobody can be this user, so nobody is shown the list. */
const OWNER = 'system'
const STEP = { events: 100, bytes: 256 * 1024 }
/** Shared rooms that are looked at besides those of the list, for what a crash kept from being listed. */
const LATEST = 1_000
/** An entry of the list that is no room: when the hook was set up, in ms since 1970. */
const SINCE = /^\(since (\d+)\)$/u

/**
 * In each room the hook's mark says how far it was told. A room of its own name lists the rooms that have such marks: they are
 * the names of the list's marks, because no log can be asked for the rooms of everybody.
 */
export class Ledger {
  readonly #log: Log
  readonly #hook: RoomId
  readonly #since: number

  private constructor(log: Log, hook: RoomId, since: number) {
    this.#log = log
    this.#hook = hook
    this.#since = since
  }

  /** A hook that is new is told of what happens from `now` on. */
  static async open(log: Log, hook: RoomId, now: number): Promise<Ledger> {
    await log.open(hook, OWNER)
    const said = [...(await log.marks(hook)).keys()].flatMap((name) => SINCE.exec(name)?.slice(1).map(Number) ?? [])
    const since = Math.min(now, ...said)
    if (said.length === 0) await log.mark(hook, `(since ${now})`, 0)
    return new Ledger(log, hook, since)
  }

  /** Rooms of which the hook lacks something: those of the list, and of the shared rooms the latest. */
  async *behind(): AsyncGenerator<RoomId, void, undefined> {
    const latest = await this.#log.rooms(undefined, LATEST)
    for (const info of latest) if (info.at >= this.#since && (await this.#lags(info))) yield info.room
    const seen = new Set<string>(latest.map(({ room }) => room))
    for (const name of (await this.#log.marks(this.#hook)).keys()) {
      const room = seen.has(name) ? undefined : roomId(name)
      const info = room === undefined ? undefined : await this.#log.info(room)
      if (info !== undefined && (await this.#lags(info))) yield info.room
    }
  }

  /** The seq up to which the hook was told, or need not be told. */
  async place({ room, head, horizon }: RoomInfo): Promise<number> {
    const told = await this.#log.mark(room, this.#hook, 0)
    if (told > 0) return Math.max(told, horizon)
    await this.#log.mark(this.#hook, room, 0)
    return this.#beginning(room, head)
  }

  async told(room: RoomId, upTo: number): Promise<void> {
    await this.#log.mark(room, this.#hook, upTo)
  }

  async #lags({ room, head }: RoomInfo): Promise<boolean> {
    return head > ((await this.#log.marks(room)).get(this.#hook) ?? 0)
  }

  /** In a room that the hook was never told of: the last event from before the hook was there, looking back from the head. */
  async #beginning(room: RoomId, head: number): Promise<number> {
    const isOld = ({ at }: Event): boolean => at < this.#since
    for (let before = head + 1; ; ) {
      const page = await this.#log.older(room, before, STEP)
      const old = page.events.findLast(isOld)
      if (old !== undefined) return old.seq
      if (page.earlier !== true || page.after + 1 >= before) return page.after
      before = page.after + 1
    }
  }
}
