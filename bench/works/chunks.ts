// From the moment a model's server writes a piece to the moment a client's socket has it.
import { setTimeout as pause } from 'node:timers/promises'
import { fakeAnthropic } from '@parley/testing'
import { enter } from '../generator/crowd.ts'
import { eachStamp, micros, stampOf } from '../generator/stamp.ts'
import { Tally } from '../generator/tally.ts'
import { p50, p99 } from '../observe.ts'
import { parley, post } from '../subjects/parley.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const secondsOf = ({ name }: Scale): number => (name === 'quick' ? 1.5 : 5)

async function measure(paceMs: number, { subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const model = await fakeAnthropic()
  const env = { PARLEY_AGENT: 'claude', ANTHROPIC_API_KEY: 'bench', ANTHROPIC_BASE_URL: model.url }
  const server = await start({ env })
  const wire = await enter(server, tongue, 'reader')
  const count = (secondsOf(scale) * 1e3) / paceMs
  async function* pieces(): AsyncIterable<string> {
    for (let number = 0; number < count; number += 1) {
      await pause(paceMs)
      yield `${stampOf(micros())} `
    }
  }
  model.script({ blocks: [{ type: 'text', pieces: pieces() }] })
  const room = `session:${crypto.randomUUID()}`
  await tongue.join(wire, room)
  const tally = new Tally()
  const ended = new Promise<void>((resolve) => {
    const end = Buffer.from(tongue.streamEnd)
    wire.listener = {
      heard(bytes, from, to, now) {
        // The end tells all of it once more.
        if (bytes.subarray(from, to).includes(end)) resolve()
        else eachStamp(bytes, from, to, (at) => tally.add(at, now))
      },
    }
  })
  wire.send(post(room, 'ask', 'go'))
  await ended
  await model.close()
  return { p50Ms: tally.quantile(0.5), p99Ms: tally.quantile(0.99) }
}

export const work: Work = {
  name: 'chunks',
  title: "A model's piece on its way",
  about:
    "From a model's server through the `claude` agent to a client's socket, durable in between. Pieces that come fast are gathered for up to 20 ms.",
  columns: [p50, p99],
  cases: ({ name }) =>
    (name === 'quick' ? [5] : [40, 5]).map((paceMs) => ({
      title: `a piece every ${paceMs} ms`,
      subjects: [parley],
      measure: (stage) => measure(paceMs, stage),
    })),
}
