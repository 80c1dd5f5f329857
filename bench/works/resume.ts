// Everybody comes back at once.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fill } from '../fill.ts'
import { crowd } from '../generator/crowd.ts'
import { listen } from '../generator/loads.ts'
import { settled } from '../generator/settled.ts'
import { Tally } from '../generator/tally.ts'
import { cost } from '../observe.ts'
import { parley } from '../subjects/parley.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const MISSED = 100
/** Events of each room, of which the clients know the first half. */
const EVENTS = 2 * MISSED
const WITHIN_MS = 120_000

const clientsOf = ({ name }: Scale): number => (name === 'quick' ? 1_000 : 10_000)

async function measure(members: number, { scale, folder, start }: Stage): Promise<Figures> {
  const clients = clientsOf(scale)
  const names = Array.from({ length: Math.ceil(clients / members) }, (_, index) => `room-${index}`)
  const data = join(folder, 'past')
  mkdirSync(data)
  const epochs = await fill({ folder: data, rooms: names, events: EVENTS })
  const server = await start({ data })
  const came = performance.now()
  const wires = await crowd(server, parley.tongue, clients)
  const comingMs = performance.now() - came
  const tally = new Tally()
  listen(wires, tally)
  const [cpu, begun] = [server.cpuMicros(), performance.now()]
  for (const [index, wire] of wires.entries()) {
    const room = Math.floor(index / members)
    const at = { epoch: epochs[room], seq: EVENTS - MISSED }
    wire.send(JSON.stringify({ type: 'join', ref: 'join', room: names[room], at }))
  }
  await settled(tally, clients * MISSED, WITHIN_MS)
  const ms = performance.now() - begun
  const events = clients * MISSED
  return {
    perSecond: (events * 1e3) / ms,
    cpuMicros: (server.cpuMicros() - cpu) / events,
    resumeMs: ms,
    comingMs,
  }
}

export const work: Work = {
  name: 'resume',
  title: 'Everybody comes back at once',
  about: `Clients connect again after their server was gone, each with a token; then all of them ask at the same moment for what they missed, ${MISSED} events each. The time is from then until the last event has come.`,
  columns: [
    { figure: 'perSecond', title: 'events/s', digits: 0 },
    cost,
    { figure: 'resumeMs', title: 'all there after ms', digits: 0 },
    { figure: 'comingMs', title: 'all connected after ms', digits: 0 },
  ],
  cases: (scale) =>
    (scale.name === 'quick' ? [10] : [10, clientsOf(scale)]).map((members) => ({
      title: `${clientsOf(scale).toLocaleString('en')} clients, ${members === 10 ? 'in rooms of 10' : 'in one room'}`,
      subjects: [parley],
      measure: (stage) => measure(members, stage),
    })),
}
