// What may happen in a schedule, and how often.
import { chore } from './chores.ts'
import * as machines from './machines.ts'
import * as people from './people.ts'
import type { Simulation } from './simulation.ts'
import * as work from './work.ts'

/** Kinds of trouble. Each schedule has only some of them, so that one does not drown another. */
export const troubles = [
  'lines',
  'crashes',
  'refreshes',
  'disks',
  'rumours',
  'retention',
  'clocks',
  'rooms',
  'strangers',
  'stalls',
] as const
export type Trouble = (typeof troubles)[number]

export interface Deed {
  readonly weight: number
  /** Only done where there is this trouble. */
  readonly trouble?: Trouble
  /** Not done where there is this trouble. */
  readonly unless?: Trouble
  /** Does it and says in words what was done, for the trace; nothing when it could not be done. */
  readonly act: (simulation: Simulation) => string | undefined
}

const { line } = machines

export const deeds: readonly Deed[] = [
  { weight: 30, act: people.post },
  { weight: 4, act: people.burst },
  { weight: 2, act: people.chatter },
  // An id is remembered as long as its event.
  { weight: 3, unless: 'retention', act: people.again },
  { weight: 6, act: work.cancel },
  { weight: 4, act: work.cancelTool },
  { weight: 14, act: work.decide },
  { weight: 3, act: work.disagree },
  { weight: 8, act: work.steer },
  { weight: 3, act: work.regenerate },
  { weight: 3, act: work.edit },
  { weight: 5, act: chore },
  { weight: 3, act: people.older },
  { weight: 5, trouble: 'lines', act: line('drop', (weather, one) => weather.drop(one)) },
  { weight: 4, trouble: 'lines', act: line('cut', (weather, one) => weather.cut(one)) },
  { weight: 4, trouble: 'lines', act: line('freeze', (weather, one) => weather.freeze(one)) },
  {
    weight: 4,
    trouble: 'lines',
    act: line('slow', (weather, one, { chance }) => weather.slow(one, chance.pick([0.05, 1, 20]))),
  },
  {
    weight: 2,
    trouble: 'lines',
    act: line('distant', (weather, one, { chance }) => weather.distant(one, 10, chance.int(20, 3_000))),
  },
  { weight: 2, trouble: 'lines', act: line('refuse', (weather, one) => weather.refuse(one, 0.7)) },
  { weight: 9, trouble: 'lines', act: line('mend', (weather, one) => weather.mend(one)) },
  { weight: 5, trouble: 'refreshes', act: people.refresh },
  { weight: 2, trouble: 'refreshes', act: people.quit },
  { weight: 2, trouble: 'refreshes', act: people.close },
  { weight: 4, trouble: 'refreshes', act: people.open },
  { weight: 3, trouble: 'crashes', act: machines.crash },
  { weight: 2, trouble: 'crashes', act: machines.drain },
  { weight: 4, trouble: 'crashes', act: machines.addNode },
  { weight: 4, trouble: 'stalls', act: machines.stall },
  { weight: 4, trouble: 'disks', act: machines.spoilDisk },
  { weight: 3, trouble: 'disks', act: machines.mendDisk },
  { weight: 4, trouble: 'rumours', act: machines.spoilRumours },
  // What a stalled server has read and not done is done later; by then its id may be forgotten.
  { weight: 5, trouble: 'retention', unless: 'stalls', act: machines.trim },
  { weight: 2, trouble: 'clocks', act: machines.setClock },
  { weight: 3, trouble: 'rooms', act: people.leave },
  { weight: 4, trouble: 'rooms', act: people.watch },
  { weight: 3, trouble: 'strangers', act: people.intrude },
]
