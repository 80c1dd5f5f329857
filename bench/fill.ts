// A log that has a past, filled through its own interface before a server is started on it.
import { statfsSync } from 'node:fs'
import { roomId } from '@parley/protocol'
import { type Draft, sqliteLog } from '@parley/server'
import { stamped } from './generator/stamp.ts'

/** Events of one append. */
const TOGETHER = 500
/** What an event takes on the disk beside its text, at most. */
const AROUND = 400
/** The file is not all: its WAL, and room for others. */
const SPARE = 2e9

export interface Past {
  readonly folder: string
  /** Names of the rooms. */
  readonly rooms: readonly string[]
  /** In each room. */
  readonly events: number
  /** Characters of an event's text, which begins with a stamp. Default 120. */
  readonly text?: number
}

/** Resolves with the epoch of each room. */
export async function fill({ folder, rooms, events, text = 120 }: Past): Promise<readonly string[]> {
  mustFit(folder, rooms.length * events * (text + AROUND))
  const journal = { info() {}, warn: console.warn, error: console.error }
  const log = await sqliteLog({ folder, durability: 'normal', now: Date.now, uuid: () => crypto.randomUUID(), journal })
  const parts = [{ type: 'text', text: stamped(0, text) }] as const
  const draft = (number: number): Draft => ({
    by: { id: `user-${number % 50}`, kind: 'user' },
    id: number.toString(36).padStart(36, '0'),
    fact: { type: 'message.posted', parts },
  })
  const epochs: string[] = []
  for (const name of rooms) {
    const room = roomId(name)
    if (room === undefined) throw new Error(`${name} is no room's name`)
    epochs.push((await log.open(room)).epoch)
    for (let done = 0; done < events; done += TOGETHER) {
      const count = Math.min(TOGETHER, events - done)
      await log.append(
        room,
        Array.from({ length: count }, (_, index) => draft(done + index)),
      )
    }
  }
  await log.close()
  return epochs
}

function mustFit(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  if (free < bytes + SPARE)
    throw new Error(`it needs ${Math.ceil((bytes + SPARE) / 1e9)} GB of disk; ${Math.floor(free / 1e9)} are free`)
}
