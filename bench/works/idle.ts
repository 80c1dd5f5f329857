// What a connection costs that does nothing.
import { setTimeout as pause } from 'node:timers/promises'
import { crowd } from '../generator/crowd.ts'
import { subjectsFor } from '../subjects/index.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const MEMBERS = 10
/** They come and go before, so that it is not the program that is counted. */
const FIRST = 200
const SETTLE_MS = { quick: 500, standard: 3_000, large: 3_000 }

const countOf = ({ name }: Scale): number => (name === 'quick' ? 1_000 : 10_000)

async function measure(inRooms: boolean, { subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const server = await start()
  const options = inRooms ? { room: (index: number) => `room-${Math.floor(index / MEMBERS)}` } : {}
  const first = await crowd(server, tongue, FIRST, { ...options, name: 'first' })
  await Promise.all(first.map((wire) => wire.close()))
  await pause(SETTLE_MS[scale.name])
  const [before, cpu] = [server.rss(), server.cpuMicros()]
  await crowd(server, tongue, countOf(scale), options)
  const used = server.cpuMicros() - cpu
  await pause(SETTLE_MS[scale.name])
  const rss = server.rss()
  return { bytes: (rss - before) / countOf(scale), rssMb: rss / 2 ** 20, cpuMicros: used / countOf(scale) }
}

export const work: Work = {
  name: 'idle',
  title: 'Connections that do nothing',
  about: `Resident memory that each connection adds, some seconds after the last has come. In rooms of ${MEMBERS}, or in none. Parley knows each of them by a token of its own.`,
  columns: [
    { figure: 'bytes', title: 'bytes each', digits: 0 },
    { figure: 'rssMb', title: 'server MB', digits: 0 },
    { figure: 'cpuMicros', title: 'CPU µs to come', digits: 0 },
  ],
  compares: 'bytes',
  cases: (scale) =>
    (scale.name === 'quick' ? [true] : [false, true]).map((inRooms) => ({
      title: `${countOf(scale).toLocaleString('en')} connections, ${inRooms ? `in rooms of ${MEMBERS}` : 'in no room'}`,
      subjects: subjectsFor(scale),
      rounds: 1,
      measure: (stage) => measure(inRooms, stage),
    })),
}
