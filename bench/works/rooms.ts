// Many small rooms where everybody speaks.
import { crowd } from '../generator/crowd.ts'
import { publishesAtRate } from '../generator/loads.ts'
import { Tally } from '../generator/tally.ts'
import { cost, loadColumns, observeLoad } from '../observe.ts'
import { subjectsFor } from '../subjects/index.ts'
import { type Figures, SELDOM, type Stage, type Work } from '../work.ts'

const ROOMS = 200
const MEMBERS = 10
const PER_SECOND = 2_000
const roomOf = (index: number): string => `room-${index % ROOMS}`

/** Twice as long as others, for the server is not at its limit. */
const LONGER = 2

async function measure({ subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const server = await start()
  const wires = await crowd(server, tongue, ROOMS * MEMBERS, { room: roomOf })
  const tally = new Tally()
  const stop = publishesAtRate(wires, tongue, tally, { perSecond: PER_SECOND, roomOf, fan: MEMBERS })
  return observeLoad(server, tally, { warmMs: scale.warmMs * SELDOM, windowMs: scale.windowMs * LONGER }, stop)
}

export const work: Work = {
  name: 'rooms',
  title: 'Many small rooms where everybody speaks',
  about: `${ROOMS} rooms of ${MEMBERS}; all members publish in turn, ${PER_SECOND.toLocaleString('en')} messages a second in all, at the same rate for every server. CPU is for one message to one member.`,
  columns: loadColumns,
  compares: cost.figure,
  cases: (scale) => [{ title: `${ROOMS} × ${MEMBERS}`, subjects: subjectsFor(scale), measure }],
}
