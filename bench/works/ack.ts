// A message and the word of the server that it has it: Parley's is durable by then, its peers only send it back.
import { crowd, enter } from '../generator/crowd.ts'
import { echoes } from '../generator/loads.ts'
import { Tally } from '../generator/tally.ts'
import { cost, loadColumns, observeLoad } from '../observe.ts'
import { subjectsFor } from '../subjects/index.ts'
import type { Figures, Stage, Work } from '../work.ts'

const CLIENTS = 50

async function measure(outstanding: number, { subject: { tongue }, scale, start }: Stage): Promise<Figures> {
  const server = await start()
  // A room where nobody listens: what is measured is the way to the disk, not the fan-out.
  const opener = await enter(server, tongue, 'opener')
  await tongue.join(opener, 'room')
  await opener.close()
  const wires = await crowd(server, tongue, CLIENTS)
  const tally = new Tally()
  return observeLoad(server, tally, scale, echoes(wires, tongue, outstanding, tally))
}

export const work: Work = {
  name: 'ack',
  title: 'From a post to its acknowledgement',
  about: `${CLIENTS} clients post, each the next when an earlier one was acknowledged. Parley's acknowledgement means that the message is on the disk, in its place in the room. The peers keep nothing: they send the same message back.`,
  columns: loadColumns,
  compares: cost.figure,
  cases: (scale) =>
    (scale.name === 'quick' ? [16] : [1, 16]).map((outstanding) => ({
      title: `${CLIENTS} clients, ${outstanding} outstanding each`,
      subjects: subjectsFor(scale),
      measure: (stage) => measure(outstanding, stage),
    })),
}
