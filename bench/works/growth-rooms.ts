// Whether rooms that are open and in which nothing happens make anything else dearer.
import { setTimeout as pause } from 'node:timers/promises'
import { crowd, enter, inParallel } from '../generator/crowd.ts'
import { echoes } from '../generator/loads.ts'
import { Native } from '../generator/native.ts'
import { Tally } from '../generator/tally.ts'
import { cost, observeLoad, p50, p99 } from '../observe.ts'
import type { Server } from '../server.ts'
import { parley } from '../subjects/parley.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

/** Rooms of one connection. */
const PER_CONNECTION = 1_000
const AT_ONCE = 64
const POSTERS = 50
/** From so many on, what they hold together is more than what memory moves by itself. */
const WEIGHED = 1_000

const sizes = ({ name }: Scale): readonly number[] => (name === 'quick' ? [10, 1_000] : [10, 1_000, 10_000, 100_000])

async function measure(rooms: number, { subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const server = await start()
  const poster = await enter(server, tongue, 'opener')
  await tongue.join(poster, 'room')
  await poster.close()
  const posters = await crowd(server, tongue, POSTERS)
  const before = server.rss()
  const opening = performance.now()
  await open(server, rooms)
  const openMs = performance.now() - opening
  await pause(scale.warmMs)
  const rss = server.rss()
  const [cpu, begun] = [server.cpuMicros(), performance.now()]
  await pause(scale.windowMs)
  const idlePct = (server.cpuMicros() - cpu) / (performance.now() - begun) / 10
  const tally = new Tally()
  const figures = await observeLoad(server, tally, scale, echoes(posters, tongue, 1, tally))
  return {
    ...figures,
    bytes: rooms < WEIGHED ? Number.NaN : (rss - before) / rooms,
    idlePct,
    openMicros: (openMs * 1e3) / rooms,
  }
}

/** Each room has one reader. */
async function open(server: Server, rooms: number): Promise<void> {
  const connections = Math.ceil(rooms / PER_CONNECTION)
  const readers: Native[] = []
  await inParallel(connections, AT_ONCE, async (index) => {
    readers[index] = await Native.enter(server, `reader-${index}`)
  })
  await inParallel(rooms, AT_ONCE, async (room) => {
    await readers[room % connections]?.ask({ type: 'join', room: `room-${room}`, history: 0 })
  })
}

export const work: Work = {
  name: 'growth-rooms',
  title: 'More open rooms',
  about: `So many rooms are open, each with a reader, and nothing happens in them. What a post costs in another room (${POSTERS} clients, one outstanding each), what a room holds of memory, and what all of them use of a core while nothing happens.`,
  columns: [
    cost,
    p50,
    p99,
    { figure: 'bytes', title: 'bytes a room', digits: 0 },
    { figure: 'idlePct', title: 'core % idle', digits: 1 },
    { figure: 'openMicros', title: 'µs to open', digits: 0 },
  ],
  cases: (scale) =>
    sizes(scale).map((rooms) => ({
      title: `${rooms.toLocaleString('en')} rooms`,
      subjects: [parley],
      rounds: 1,
      measure: (stage) => measure(rooms, stage),
    })),
}
