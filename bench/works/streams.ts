// Many answers that stream at once.
import { crowd } from '../generator/crowd.ts'
import { eachStamp } from '../generator/stamp.ts'
import { Tally } from '../generator/tally.ts'
import type { Wire } from '../generator/wire.ts'
import { cost, loadColumns, observeLoad } from '../observe.ts'
import { subjectsFor } from '../subjects/index.ts'
import type { Tongue } from '../subjects/subject.ts'
import { type Figures, SELDOM, type Stage, type Work } from '../work.ts'

const STREAMS = 200
const EVERY_MS = 20
/** Two seconds, about 600 words: then the next question is asked. */
const PIECES = 100

async function measure({ subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const server = await start({ need: 'agent' })
  const rooms = Array.from({ length: STREAMS }, () => `session:${crypto.randomUUID()}`)
  const wires = await crowd(server, tongue, STREAMS, { room: (index) => rooms[index] ?? '' })
  const tally = new Tally()
  const stops = wires.map((wire, index) => converse(wire, tongue, rooms[index] ?? '', tally))
  // So long that every stream ends within it, and its end is part of the cost.
  const windowMs = Math.max(scale.windowMs * 2, EVERY_MS * PIECES)
  return observeLoad(server, tally, { warmMs: scale.warmMs * SELDOM, windowMs }, async () => {
    for (const stop of stops) stop()
  })
}

/** Asks, hears the answer, asks again. Each piece counts once, for the end of an answer may tell all of it. */
function converse(wire: Wire, tongue: Tongue, room: string, tally: Tally): () => void {
  const end = Buffer.from(tongue.streamEnd)
  const ask = (): void => wire.send(tongue.stream(room, EVERY_MS, PIECES))
  let latest = 0
  let going = true
  wire.listener = {
    heard(bytes, from, to, now) {
      eachStamp(bytes, from, to, (at) => {
        if (at <= latest) return
        latest = at
        tally.add(at, now)
      })
      if (going && bytes.subarray(from, to).includes(end)) ask()
    },
  }
  ask()
  return () => {
    going = false
  }
}

export const work: Work = {
  name: 'streams',
  title: 'Answers of agents that stream',
  about: `${STREAMS} connections are each told an answer of ${PIECES} pieces, one every ${EVERY_MS} ms, and ask again. A piece is late by the time since it was due. Parley gathers pieces, the longer the more answers there are, here for 200 ms, shows none that is not on the disk, and keeps the answer; the peers send each at once. CPU is for one piece, with the server's own timers.`,
  columns: loadColumns,
  compares: cost.figure,
  cases: (scale) => [
    { title: `${STREAMS} streams × ${1_000 / EVERY_MS} pieces/s`, subjects: subjectsFor(scale), measure },
  ],
}
