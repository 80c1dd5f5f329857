// What the SQLite log can take by itself: appends of 200 bytes, durable, a hundred at a time.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { roomId } from '@parley/protocol'
import { sqliteLog } from '@parley/server'
import { type Figures, spread } from './measure.ts'

const APPENDS = 100_000
const OUTSTANDING = 100
const TEXT = 'x'.repeat(200)

/** Ids that follow one another keep an index dense; random ones touch a page of it each. */
const ids = {
  'ids in order of time': (number: number) => number.toString(36).padStart(8, '0'),
  'random ids': () => crypto.randomUUID(),
}

async function loop(durability: 'full' | 'normal', rooms: number, order: keyof typeof ids): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  const journal = { info() {}, warn: console.warn, error: console.error }
  const log = await sqliteLog({ folder, durability, now: Date.now, uuid: () => crypto.randomUUID(), journal })
  const names = Array.from({ length: rooms }, (_, number) => roomId(`room-${number}`)).filter((id) => id !== undefined)
  for (const room of names) await log.open(room)
  const times: number[] = []
  let begun = 0
  const one = async (lane: number): Promise<void> => {
    const by = { id: `user-${lane}`, kind: 'user' } as const
    while (begun < APPENDS) {
      begun += 1
      const room = names[begun % names.length]
      if (room === undefined) return
      const sent = performance.now()
      const fact = { type: 'message.posted', parts: [{ type: 'text', text: TEXT }] } as const
      await log.append(room, [{ by, id: ids[order](begun), fact }])
      times.push(performance.now() - sent)
    }
  }
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await Promise.all(Array.from({ length: OUTSTANDING }, (_, lane) => one(lane)))
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  await log.close()
  rmSync(folder, { recursive: true })
  const rate = Math.round(APPENDS / seconds)
  const each = ((user + system) / APPENDS).toFixed(1)
  return `${durability}, ${rooms} rooms, ${order}: ${rate}/s   ${spread(times)}   ${each} CPU µs each`
}

export async function measureAppend(): Promise<Figures> {
  return [
    await loop('full', 1, 'ids in order of time'),
    await loop('full', 1, 'random ids'),
    await loop('full', 50, 'ids in order of time'),
    await loop('normal', 1, 'ids in order of time'),
  ]
}
