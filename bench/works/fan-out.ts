// One speaks, all in the room hear it.
import { crowd } from '../generator/crowd.ts'
import { publishes } from '../generator/loads.ts'
import { Tally } from '../generator/tally.ts'
import { cost, loadColumns, observeLoad } from '../observe.ts'
import { subjectsFor } from '../subjects/index.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

export async function speakTo(members: number, outstanding: number, stage: Stage): Promise<Figures> {
  const { tongue } = stage.subject
  const server = await stage.start()
  const wires = await crowd(server, tongue, members, { room: () => 'room' })
  const tally = new Tally()
  return observeLoad(server, tally, stage.scale, publishes(wires, tongue, outstanding, tally))
}

const sizes = ({ name }: Scale): readonly (readonly [members: number, outstanding: number])[] =>
  name === 'quick'
    ? [
        [1_000, 1],
        [1_000, 8],
      ]
    : [
        [1_000, 1],
        [1_000, 8],
        [5_000, 1],
      ]

export const work: Work = {
  name: 'fan-out',
  title: 'One speaks, all in the room hear it',
  about:
    'One of the members publishes the next message when the last, or all but so many, has been heard by everybody. CPU is for one message to one member.',
  columns: loadColumns,
  compares: cost.figure,
  cases: (scale) =>
    sizes(scale).map(([members, outstanding]) => ({
      title: `1 → ${members.toLocaleString('en')}, ${outstanding === 1 ? 'one at a time' : `${outstanding} outstanding`}`,
      subjects: subjectsFor(scale),
      measure: (stage) => speakTo(members, outstanding, stage),
    })),
}
