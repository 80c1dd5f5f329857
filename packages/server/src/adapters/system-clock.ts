// Time and chance as the machine has them.
import { randomUUID } from 'node:crypto'
import type { Chance, Clock } from '../seams/clock.ts'
import { soon } from './tick.ts'

/** The longest wait a timer knows; a longer one would end at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Its timers do not keep a process alive: open sockets do. */
export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  after(ms, run) {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      timer = setTimeout(() => (left > LONGEST_MS ? wait(left - LONGEST_MS) : run()), Math.min(left, LONGEST_MS))
      timer.unref()
    }
    wait(ms)
    return () => clearTimeout(timer)
  },
  soon,
}

export const systemChance: Chance = {
  float: () => Math.random(),
  uuid: () => randomUUID(),
}
