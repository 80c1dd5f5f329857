// The agents of a schedule: who answers, how they take interruptions and haste, and which tools they have.
import { isSession, type RoomId } from '@parley/protocol'
import type { Agent, Clock, Seat } from '@parley/server'
import { seeded } from '../chance.ts'
import { scripted } from '../script.ts'
import { wildScript } from './wild-agent.ts'
import { type ToolWorld, wildTools } from './wild-tools.ts'

/** Answers in session rooms and when mentioned. */
export const GUIDE = 'guide'
/** Answers when mentioned, in some schedules. */
const HELPER = 'helper'

export interface Temperament extends Pick<Agent, 'id'> {
  readonly steers: boolean
  readonly onInterrupted: NonNullable<Agent['onInterrupted']>
  readonly overlap: 'queue' | 'steer' | 'interrupt' | 'refuse'
}

/** A guide of no special temperament, as worlds have it. */
export const PLAIN: Temperament = { id: GUIDE, steers: false, onInterrupted: 'end', overlap: 'queue' }

export interface Workplace {
  readonly clock: Clock
  readonly used: ToolWorld['used']
  /** The agent, with somebody who listens to it. */
  readonly watched: (agent: Agent) => Agent
}

/** Whether the agent answers to this. */
export function isCalled(agent: string, room: RoomId, text: string): boolean {
  return text.includes(`@${agent}`) || (agent === GUIDE && isSession(room))
}

export class Workforce {
  readonly #seed: number
  readonly #staff: readonly Temperament[]

  constructor(seed: number) {
    this.#seed = seed
    const helped = seeded(`${seed}/workforce`).odds(0.3)
    this.#staff = (helped ? [GUIDE, HELPER] : [GUIDE]).map((id) => temperamentOf(seed, id))
  }

  get staff(): readonly Temperament[] {
    return this.#staff
  }

  /** Whether this may be refused because somebody is at work. */
  mayRefuse(room: RoomId, text: string): boolean {
    return this.#staff.some(({ id, overlap }) => overlap === 'refuse' && isCalled(id, room, text))
  }

  seats({ clock, used, watched }: Workplace): readonly Seat[] {
    const seed = this.#seed
    return this.#staff.map(({ overlap, ...traits }) => {
      const tools = wildTools({ clock, seed, used })
      const agent = scripted({ ...traits, clock, tools, script: (turn) => wildScript(seed, turn) })
      const answers = traits.id === GUIDE ? 'sessions and mentions' : 'mentions'
      return { agent: watched(agent), overlap, answers }
    })
  }
}

function temperamentOf(seed: number, id: string): Temperament {
  const chance = seeded(`${seed}/${id}`)
  return {
    id,
    steers: chance.odds(0.7),
    onInterrupted: chance.pick(['end', 'wait', 'wait', 'retry', 'retry'] as const),
    overlap: chance.pick(['queue', 'queue', 'steer', 'steer', 'interrupt', 'refuse'] as const),
  }
}
