// Whether anything becomes dearer as a room becomes older.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fill } from '../fill.ts'
import { crowd } from '../generator/crowd.ts'
import { Histogram } from '../generator/histogram.ts'
import { echoes } from '../generator/loads.ts'
import { Native } from '../generator/native.ts'
import { micros } from '../generator/stamp.ts'
import { Tally } from '../generator/tally.ts'
import { observeLoad } from '../observe.ts'
import type { Server } from '../server.ts'
import { parley } from '../subjects/parley.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const POSTERS = 50
/** Events of a page. */
const PAGE = 50
const TIMES = { quick: 100, standard: 500, large: 500 }
const sizes: Readonly<Record<Scale['name'], readonly number[]>> = {
  quick: [1_000, 20_000],
  standard: [1_000, 10_000, 100_000, 1_000_000],
  large: [1_000, 10_000, 100_000, 1_000_000, 10_000_000],
}

async function measure(events: number, { subject: { tongue }, scale, folder, start }: Stage): Promise<Figures> {
  const data = join(folder, 'past')
  mkdirSync(data)
  await fill({ folder: data, rooms: ['room'], events })
  const server = await start({ data })
  const reader = await Native.enter(server, 'reader')
  const times = TIMES[scale.name]
  // Once for the compiler.
  await repeat(server, times, () => reader.join('room', { history: PAGE }))
  const joining = await repeat(server, times, () => reader.join('room', { history: PAGE }))
  const paging = await repeat(server, times, () => {
    const before = 1 + Math.ceil(Math.random() * events)
    return reader.ask({ type: 'older', room: 'room', before, limit: PAGE })
  })
  await reader.ask({ type: 'leave', room: 'room' })
  const posters = await crowd(server, tongue, POSTERS)
  const tally = new Tally()
  const posting = await observeLoad(server, tally, scale, echoes(posters, tongue, 1, tally))
  return {
    joinMicros: joining.micros,
    joinP50Ms: joining.p50Ms,
    pageMicros: paging.micros,
    pageP50Ms: paging.p50Ms,
    postMicros: posting.cpuMicros ?? Number.NaN,
    postP50Ms: posting.p50Ms ?? Number.NaN,
  }
}

/** CPU microseconds of the server each time, and how long it took in the middle. */
async function repeat(server: Server, times: number, act: () => Promise<unknown>) {
  const took = new Histogram()
  const cpu = server.cpuMicros()
  for (let time = 0; time < times; time += 1) {
    const begun = micros()
    await act()
    took.add(micros() - begun)
  }
  return { micros: (server.cpuMicros() - cpu) / times, p50Ms: took.quantile(0.5) / 1e3 }
}

export const work: Work = {
  name: 'growth-log',
  title: 'A longer log',
  about: `A room has so many events. One client joins it again and again and is told the last ${PAGE}; then it asks for pages of ${PAGE} from anywhere in its past; then ${POSTERS} clients post, one outstanding each. CPU µs each, and how long it took in the middle.`,
  columns: [
    { figure: 'joinMicros', title: 'join CPU µs', digits: 0 },
    { figure: 'joinP50Ms', title: 'join ms', digits: 2 },
    { figure: 'pageMicros', title: 'page CPU µs', digits: 0 },
    { figure: 'pageP50Ms', title: 'page ms', digits: 2 },
    { figure: 'postMicros', title: 'post CPU µs', digits: 1 },
    { figure: 'postP50Ms', title: 'post ms', digits: 2 },
  ],
  cases: ({ name }) =>
    sizes[name].map((events) => ({
      title: `${events.toLocaleString('en')} events`,
      subjects: [parley],
      rounds: 1,
      measure: (stage) => measure(events, stage),
    })),
}
