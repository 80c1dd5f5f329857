// What each rule about logs starts from: a log of its own and a clock that it can set.
import type { Event, Page, RoomId } from '@parley/protocol'
import type { Appended, Draft, Limit, Log } from '@parley/server'
import { lobby } from './drafts.ts'
import type { Rule } from './rule.ts'

export interface LogUnderTest {
  readonly log: Log
  /** Closes the log and opens what it left behind. Absent where nothing outlives a close. */
  reopen?(): Promise<Log>
  /** Lets go of all that was made. */
  done(): Promise<void>
}

/** Makes an empty log that reads this clock, in ms since 1970. */
export type MakeLog = (now: () => number) => Promise<LogUnderTest>

export interface LogWorld {
  readonly log: Log
  readonly clock: { now: number }
  readonly reopen: (() => Promise<Log>) | undefined
}

/** More than any rule appends. */
export const ALL: Limit = { events: 1_000_000, bytes: 1_000_000_000 }

export function rulesOf(
  make: MakeLog,
  stories: Readonly<Record<string, (world: LogWorld) => Promise<void>>>,
): readonly Rule[] {
  return Object.entries(stories).map(([name, story]) => ({
    name,
    async run() {
      const clock = { now: 1_700_000_000_000 }
      const { log, reopen, done } = await make(() => clock.now)
      try {
        await log.open(lobby)
        await story({ log, clock, reopen })
      } finally {
        await done()
      }
    },
  }))
}

/** One call per draft, in order. */
export async function appendAll(log: Log, room: RoomId, drafts: readonly Draft[]): Promise<readonly Appended[]> {
  const appended: Appended[] = []
  for (const draft of drafts) appended.push(...(await log.append(room, [draft])))
  return appended
}

export async function everything(log: Log, room: RoomId): Promise<readonly Event[]> {
  return (await log.read(room, undefined, ALL)).events
}

export function seqs(page: Page): readonly number[] {
  return page.events.map(({ seq }) => seq)
}

export function count(upTo: number, from = 1): readonly number[] {
  return Array.from({ length: upTo - from + 1 }, (_, index) => from + index)
}
