// Too much to do: how hard pressed the process is, and what it refuses first. Pure; it is looked at once a second.
import { type Command, type Priority, type Problem, problem } from '@parley/protocol'
import type { Limits } from './limits.ts'

/** What it feels, over the last second. */
export interface Strain {
  /** Mean delay of the event loop. */
  readonly lagMs: number
  /** How long appends take. */
  readonly appendMs: number
  /** How many appends wait for the log. */
  readonly appends: number
}

/** 0: all is well. 1 refuses background work (priority 4), 2 also what is low (3), 3 also what is normal (2). */
export type Level = 0 | 1 | 2 | 3

export type Bounds = Pick<Limits, 'busyLagMs' | 'busyAppendMs' | 'busyAppends'>

const RETRY_MS = 2_000
const NORMAL: Priority = 2
const BACKGROUND: Priority = 4

/** At which multiple of a bound each level begins. It ends at half of that, so that it does not flutter. */
const begins = { 0: 0, 1: 1, 2: 2, 3: 4 } as const

/** One step at a time, in both directions: a single bad second refuses nothing but background work. */
export function nextLevel(level: Level, strain: Strain, bounds: Bounds): Level {
  const { busyLagMs, busyAppendMs, busyAppends } = bounds
  const heat = Math.max(strain.lagMs / busyLagMs, strain.appendMs / busyAppendMs, strain.appends / busyAppends)
  const above = higher(level)
  if (above !== level && heat >= begins[above]) return above
  return heat < begins[level] / 2 ? lower(level) : level
}

function higher(level: Level): Level {
  return level === 0 ? 1 : level === 1 ? 2 : 3
}

function lower(level: Level): Level {
  return level === 3 ? 2 : level === 2 ? 1 : 0
}

/** How urgent a command is; undefined for those that are never refused for want of time. */
function urgencyOf(command: Command): Priority | undefined {
  switch (command.type) {
    case 'post':
      return command.priority ?? NORMAL
    case 'older':
    case 'search':
      return BACKGROUND
    default:
      return undefined
  }
}

export class Load {
  readonly #bounds: Bounds
  #level: Level = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  get level(): Level {
    return this.#level
  }

  look(strain: Strain): void {
    this.#level = nextLevel(this.#level, strain, this.#bounds)
  }

  /** Why a command has to wait for better times, if it has to. What is critical or high never has. */
  refusal(command: Command): Problem | undefined {
    if (this.#level === 0) return undefined
    const urgency = urgencyOf(command)
    if (urgency === undefined || urgency <= BACKGROUND - this.#level) return undefined
    const details = { priority: urgency }
    return problem('server.busy', 'the server has too much to do for this now', {
      details,
      retryAfterMs: RETRY_MS * this.#level,
    })
  }
}
