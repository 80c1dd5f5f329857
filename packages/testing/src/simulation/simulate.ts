// One seed, one schedule: people, networks and machines do as chance has it; then calm comes, and all is judged.
import { type Deed, deeds, type Trouble, troubles } from './deeds.ts'
import { inWords, judge } from './judgement.ts'
import { Simulation } from './simulation.ts'

export interface Verdict {
  readonly seed: number
  /** What was wrong, in words; empty when nothing was. */
  readonly faults: readonly string[]
}

export interface SimulateOptions {
  /** Called with each step that is taken. */
  readonly trace?: (line: string) => void
}

/** The same seed always takes the same steps. Never rejects: whatever happens is a fault. */
export async function simulate(seed: number, { trace }: SimulateOptions = {}): Promise<Verdict> {
  const here = new Simulation(seed, trace)
  const unhandled = (cause: unknown): void => here.fault(`nobody handled: ${inWords(cause)}`)
  process.on('unhandledRejection', unhandled)
  try {
    await here.begin()
    await disturb(here)
    here.note('calm')
    here.wishes.attend()
    await here.world.calm()
    await judge(here)
  } catch (cause) {
    here.fault(inWords(cause))
  } finally {
    // Rejections that nobody handled are told at the end of a turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
  }
  return { seed, faults: here.faults }
}

async function disturb(here: Simulation): Promise<void> {
  const { chance, world } = here
  const present = new Set<Trouble>(troubles.filter(() => chance.odds(0.5)))
  const possible = deeds.filter(
    ({ trouble, unless }) =>
      (trouble === undefined || present.has(trouble)) && (unless === undefined || !present.has(unless)),
  )
  const hurry = chance.pick([20, 200, 1_000])
  for (let count = chance.int(15, 60); count > 0; count -= 1) {
    const done = weighted(possible, chance.float()).act(here)
    if (done !== undefined) here.note(done)
    await world.pass(chance.odds(0.3) ? 0 : chance.float() * (chance.odds(0.03) ? 20_000 : hurry))
  }
}

/** The deed at `place`, 0 <= place < 1, where each is as wide as its weight. */
function weighted(possible: readonly Deed[], place: number): Deed {
  let left = place * possible.reduce((sum, { weight }) => sum + weight, 0)
  for (const deed of possible) {
    left -= deed.weight
    if (left < 0) return deed
  }
  throw new Error('nothing can be done')
}
