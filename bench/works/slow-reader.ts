// What others notice of somebody with a very slow line.
import { setTimeout as pause } from 'node:timers/promises'
import { crowd, enter } from '../generator/crowd.ts'
import { type Pace, publishesAtRate } from '../generator/loads.ts'
import { Tally } from '../generator/tally.ts'
import type { Wire } from '../generator/wire.ts'
import { observeLoad, rate, share } from '../observe.ts'
import { medians } from '../report/results.ts'
import type { Server } from '../server.ts'
import { parley } from '../subjects/parley.ts'
import { socketIo, ws } from '../subjects/relay.ts'
import type { Tongue } from '../subjects/subject.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const MEMBERS = 999
const PER_SECOND = 20
/** The slow one takes so many bytes each second. */
const BYTES = 1_024
/** What fills the line before: in a room of its own, so that the others hear nothing of it. */
const FLOOD = { messages: 60, text: 100_000 }
const FLOOD_MS = 1_000
/** With and without take turns. */
const turnsOf = ({ name }: Scale): number => (name === 'quick' ? 1 : 3)

async function measure({ subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const server = await start()
  const wires = await crowd(server, tongue, MEMBERS, { room: () => 'room' })
  const window = async (): Promise<Figures> => {
    const tally = new Tally()
    const stop = publishesAtRate(wires, tongue, tally, pace)
    return observeLoad(server, tally, { warmMs: scale.warmMs / 2, windowMs: scale.windowMs }, stop)
  }
  const [without, beside]: [Figures[], Figures[]] = [[], []]
  for (let turn = 0; turn < turnsOf(scale); turn += 1) {
    without.push(await window())
    const slow = await slowReader(server, tongue)
    beside.push(await window())
    slow.cut()
    await pause(scale.warmMs / 2)
  }
  const { p99Ms = Number.NaN } = medians(without)
  const { p99Ms: besideP99Ms = Number.NaN, ...more } = medians(beside)
  return {
    ...more,
    moreP99Pct: (besideP99Ms / p99Ms - 1) * 100,
    p99Ms,
    besideP99Ms,
    rssMb: server.rss() / 2 ** 20,
  }
}

const pace: Pace = { perSecond: PER_SECOND, roomOf: () => 'room', fan: MEMBERS }

/** A member of the room whose line is full, and who reads a little each second. */
async function slowReader(server: Server, tongue: Tongue): Promise<Wire> {
  const slow = await enter(server, tongue, 'slow', BYTES)
  await tongue.join(slow, 'flood')
  await tongue.join(slow, 'room')
  slow.listener = { heard: () => undefined, rested: () => slow.pause() }
  const timer = setInterval(() => slow.resume(), 1_000)
  slow.closed.then(() => clearInterval(timer))
  const flooder = await enter(server, tongue, 'flooder')
  for (let number = 0; number < FLOOD.messages; number += 1)
    flooder.send(tongue.publish('flood', 'x'.repeat(FLOOD.text)))
  await pause(FLOOD_MS)
  flooder.cut()
  return slow
}

export const work: Work = {
  name: 'slow-reader',
  title: 'One slow reader among a thousand',
  about: `A room of ${MEMBERS} hears ${PER_SECOND} messages a second. Then one more joins whose line is full and who takes ${BYTES} bytes a second. How much later 99 % of the deliveries to all the others are, turn by turn with and without.`,
  columns: [
    { figure: 'moreP99Pct', title: 'p99 later by %', digits: 0 },
    { figure: 'p99Ms', title: 'p99 ms without', digits: 2 },
    { figure: 'besideP99Ms', title: 'p99 ms beside', digits: 2 },
    rate,
    share,
    { figure: 'rssMb', title: 'server MB', digits: 0 },
  ],
  cases: ({ name }) => [
    {
      title: `1 among ${MEMBERS + 1}`,
      subjects: name === 'quick' ? [parley] : [parley, ws, socketIo],
      rounds: 1,
      measure,
    },
  ],
}
