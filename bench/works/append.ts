// What the SQLite log takes by itself, without a server around it.
import { roomId } from '@parley/protocol'
import { sqliteLog } from '@parley/server'
import { micros } from '../generator/stamp.ts'
import { Tally } from '../generator/tally.ts'
import { cost, p50, p99, rate } from '../observe.ts'
import { parley } from '../subjects/parley.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const OUTSTANDING = 100
const TEXT = 'x'.repeat(200)
const appendsOf = ({ name }: Scale): number => (name === 'quick' ? 20_000 : 100_000)

interface Manner {
  readonly title: string
  readonly durability: 'full' | 'normal'
  readonly rooms: number
  /** Ids that follow one another keep an index dense; random ones touch a page of it each. */
  idOf(number: number): string
}

const inOrder = (number: number): string => number.toString(36).padStart(36, '0')

const manners: readonly Manner[] = [
  { title: '1 room, ids in order of time', durability: 'full', rooms: 1, idOf: inOrder },
  { title: '1 room, random ids', durability: 'full', rooms: 1, idOf: () => crypto.randomUUID() },
  { title: '50 rooms, ids in order of time', durability: 'full', rooms: 50, idOf: inOrder },
  { title: '1 room, durability `normal`', durability: 'normal', rooms: 1, idOf: inOrder },
]

async function measure({ durability, rooms, idOf }: Manner, { folder, scale }: Stage): Promise<Figures> {
  const journal = { info() {}, warn: console.warn, error: console.error }
  const log = await sqliteLog({ folder, durability, now: Date.now, uuid: () => crypto.randomUUID(), journal })
  const names = Array.from({ length: rooms }, (_, number) => roomId(`room-${number}`)).filter((id) => id !== undefined)
  for (const room of names) await log.open(room)
  const appends = appendsOf(scale)
  const tally = new Tally()
  let begun = 0
  const lane = async (index: number): Promise<void> => {
    const by = { id: `user-${index}`, kind: 'user' } as const
    for (;;) {
      const room = names[begun % rooms]
      if (begun >= appends || room === undefined) return
      begun += 1
      const sent = micros()
      const fact = { type: 'message.posted', parts: [{ type: 'text', text: TEXT }] } as const
      await log.append(room, [{ by, id: idOf(begun), fact }])
      tally.add(sent, micros())
    }
  }
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await Promise.all(Array.from({ length: OUTSTANDING }, (_, index) => lane(index)))
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  await log.close()
  return {
    cpuMicros: (user + system) / appends,
    perSecond: (appends * 1e3) / ms,
    p50Ms: tally.quantile(0.5),
    p99Ms: tally.quantile(0.99),
  }
}

export const work: Work = {
  name: 'append',
  title: 'The log alone',
  about: `Appends of ${TEXT.length} characters to the SQLite log, ${OUTSTANDING} outstanding, fsync before each is acknowledged where nothing else is said; all threads on one core.`,
  columns: [cost, rate, p50, p99],
  cases: ({ name }) =>
    (name === 'quick' ? manners.slice(0, 1) : manners).map((manner) => ({
      title: manner.title,
      subjects: [parley],
      rounds: 1,
      measure: (stage) => measure(manner, stage),
    })),
}
