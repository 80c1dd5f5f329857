// From the spawn of the process to the line that says that it is ready.
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fill } from '../fill.ts'
import { median } from '../report/results.ts'
import { parley } from '../subjects/parley.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const ROOMS = 100
const TEXT = 1_000
/** What an event of that text takes in the file. */
const EVENT = 1_260
const timesOf = ({ name }: Scale): number => (name === 'quick' ? 3 : 5)

const sizes: Readonly<Record<Scale['name'], readonly number[]>> = {
  quick: [100e6],
  standard: [0, 100e6, 1e9],
  large: [0, 100e6, 1e9, 5e9],
}

async function measure(bytes: number, { folder, scale, start }: Stage): Promise<Figures> {
  const data = join(folder, 'past')
  mkdirSync(data)
  const names = Array.from({ length: ROOMS }, (_, index) => `room-${index}`)
  const filling = performance.now()
  const events = Math.round(bytes / ROOMS / EVENT)
  await fill({ folder: data, rooms: names, events, text: TEXT })
  const fillS = (performance.now() - filling) / 1e3
  const times: number[] = []
  for (let time = 0; time < timesOf(scale); time += 1) {
    const server = await start({ data })
    times.push(server.startedMs)
    await server.stop()
  }
  const fileMb = statSync(join(data, 'parley.db')).size / 1e6
  return { readyMs: median(times), fileMb, fillS }
}

export const work: Work = {
  name: 'start',
  title: 'From nothing to ready',
  about: `\`parley serve\` from the spawn of the process to the line that says it is ready, the median of some starts, with a log of ${ROOMS} rooms that was closed properly.`,
  columns: [
    { figure: 'readyMs', title: 'ready after ms', digits: 0 },
    { figure: 'fileMb', title: 'log MB', digits: 0 },
    { figure: 'fillS', title: 'filled in s', digits: 1 },
  ],
  cases: ({ name }) =>
    sizes[name].map((bytes) => ({
      title: bytes === 0 ? 'an empty log' : `a log of ${bytes / 1e9} GB`,
      subjects: [parley],
      rounds: 1,
      measure: (stage) => measure(bytes, stage),
    })),
}
