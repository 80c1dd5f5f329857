// Whether a delivery becomes dearer as a room becomes larger.
import { loadColumns } from '../observe.ts'
import { parley } from '../subjects/parley.ts'
import type { Scale, Work } from '../work.ts'
import { speakTo } from './fan-out.ts'

const sizes = ({ name }: Scale): readonly number[] => (name === 'quick' ? [10, 1_000] : [10, 100, 1_000, 10_000])

export const work: Work = {
  name: 'growth-members',
  title: 'More members of a room',
  about:
    'One of the members publishes the next message when all have heard the last. CPU is for one message to one member; in a small room, what a message costs by itself is shared by few.',
  columns: loadColumns,
  cases: (scale) =>
    sizes(scale).map((members) => ({
      title: `${members.toLocaleString('en')} members`,
      subjects: [parley],
      rounds: 1,
      measure: (stage) => speakTo(members, 1, stage),
    })),
}
