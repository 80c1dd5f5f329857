// What it costs to come in.
import { enter } from '../generator/crowd.ts'
import { listen } from '../generator/loads.ts'
import { settled } from '../generator/settled.ts'
import { micros, stamped } from '../generator/stamp.ts'
import { Tally } from '../generator/tally.ts'
import { cost, observeLoad, p50, p99, rate, share } from '../observe.ts'
import type { Server } from '../server.ts'
import { subjectsFor } from '../subjects/index.ts'
import type { Tongue } from '../subjects/subject.ts'
import { type Figures, SELDOM, type Stage, type Work } from '../work.ts'

const AT_ONCE = 16
const ROOMS = 100
/** Messages that a room holds. */
const PAST = 20
const TEXT = 120

async function measure(joins: boolean, { subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const server = await start()
  if (joins) await talk(server, tongue)
  const tally = new Tally()
  let going = true
  let count = 0
  const lane = async (): Promise<void> => {
    while (going) {
      count += 1
      const begun = micros()
      const wire = await enter(server, tongue, `user-${count}`)
      if (joins) await tongue.join(wire, `room-${count % ROOMS}`)
      tally.add(begun, micros())
      await wire.close()
    }
  }
  const lanes = Promise.all(Array.from({ length: AT_ONCE }, lane))
  return observeLoad(server, tally, { ...scale, warmMs: scale.warmMs * SELDOM }, async () => {
    going = false
    await lanes
  })
}

/** Something was said in every room before. */
async function talk(server: Server, tongue: Tongue): Promise<void> {
  const speaker = await enter(server, tongue, 'speaker')
  for (let room = 0; room < ROOMS; room += 1) await tongue.join(speaker, `room-${room}`)
  const heard = new Tally()
  listen([speaker], heard)
  for (let number = 0; number < ROOMS * PAST; number += 1)
    speaker.send(tongue.publish(`room-${number % ROOMS}`, stamped(micros(), TEXT)))
  await settled(heard, ROOMS * PAST)
  await speaker.close()
}

export const work: Work = {
  name: 'handshake',
  title: 'Coming in',
  about: `${AT_ONCE} at a time come in and say goodbye. In Parley each has a token, which is checked, and is welcomed; with the peers it is the bare handshake, with Socket.IO its own on top. Then the same with a room: in Parley one of ${ROOMS} that hold ${PAST} messages each, and the page of them.`,
  columns: [cost, rate, p50, p99, share],
  compares: cost.figure,
  cases: (scale) =>
    (scale.name === 'quick' ? [true] : [false, true]).map((joins) => ({
      title: joins ? 'handshake and one room' : 'handshake',
      subjects: subjectsFor(scale),
      measure: (stage) => measure(joins, stage),
    })),
}
