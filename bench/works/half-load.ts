// How late a delivery is when there is neither too much nor too little to do.
import { crowd } from '../generator/crowd.ts'
import { publishesAtRate } from '../generator/loads.ts'
import { Tally } from '../generator/tally.ts'
import { cost, loadColumns, observeLoad, p50, p99 } from '../observe.ts'
import { subjectsFor } from '../subjects/index.ts'
import type { Figures, Stage, Work } from '../work.ts'

const ROOMS = 50
const MEMBERS = 10
const roomOf = (index: number): string => `room-${index % ROOMS}`

/** Publishes a second to begin with, and how often the rate is set right. */
const FIRST_GUESS = 500
const GUESSES = { quick: 2, standard: 3, large: 3 }
const GUESS_MS = 500
const HALF_PCT = 50
/** The cost of a message falls as there are more of them: no leap beyond that. */
const LEAP = 4

async function measure({ subject: { tongue }, scale, first, start }: Stage): Promise<Figures> {
  const server = await start()
  const wires = await crowd(server, tongue, ROOMS * MEMBERS, { room: roomOf })
  const tally = new Tally()
  const at = (perSecond: number, windowMs: number): Promise<Figures> => {
    const stop = publishesAtRate(wires, tongue, tally, { perSecond, roomOf, fan: MEMBERS })
    return observeLoad(server, tally, { warmMs: scale.warmMs / 2, windowMs }, stop)
  }
  if (first?.perSecond !== undefined) return at(first.perSecond / MEMBERS, scale.windowMs)
  let perSecond = FIRST_GUESS
  for (let guess = 0; guess < GUESSES[scale.name]; guess += 1) {
    const { serverPct = HALF_PCT } = await at(perSecond, GUESS_MS)
    perSecond *= Math.min(LEAP, HALF_PCT / serverPct)
  }
  return at(perSecond, scale.windowMs)
}

export const work: Work = {
  name: 'half-load',
  title: 'How late a delivery is at half load',
  about: `${ROOMS} rooms of ${MEMBERS}, everybody publishes: Parley at the rate at which it uses half of its core, the others at the same rate. The generator's own delay is in all figures; the floor shows how much that is at most.`,
  columns: [p50, p99, ...loadColumns.filter((column) => ![p50, p99, cost].includes(column))],
  compares: p99.figure,
  cases: (scale) => [{ title: `${ROOMS} × ${MEMBERS}`, subjects: subjectsFor(scale), measure }],
}
