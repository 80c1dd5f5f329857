// Time that stands still until a test lets it pass, and then always passes in the same order.
import type { Clock, Stop } from '@parley/server'
import { Stall } from './stall.ts'

/** Where a world's clocks begin: ms since 1970, a day in November 2026. */
const EPOCH = Date.UTC(2026, 10, 20, 9)

/** After so many steps the real event loop gets a turn, so that a test's own time limit can strike. */
const STEPS_PER_TURN = 2048

/** After so many steps in one instant it is clear that somebody turns in a circle. */
const MOST_STEPS_AT_ONCE = 50_000

interface Timer {
  readonly at: number
  readonly order: number
  run: (() => void) | undefined
}

/** One participant's view of the time: it may be set wrong, and it ends with its owner. */
export interface VirtualClock extends Clock {
  /** Changes `now()` by `ms`, as when somebody sets the clock. Durations are not touched. */
  jump(ms: number): void
  /** The owner's process stalls: what is due within the next `ms` runs only then, in its order. */
  stall(ms: number): void
  /** The owner is gone: nothing that it scheduled runs any more, and nothing new can be. */
  stop(): void
}

/**
 * The one time line of a world. What is due first runs first; what is due together runs in the order of scheduling.
 * Between two timers every promise that can settle has settled.
 */
export class VirtualTime {
  #now = 0
  #orders = 0
  #steps = 0
  /** Steps since time moved last. */
  #standing = 0
  readonly #timers: Timer[] = []

  /** Milliseconds since this time began. */
  get now(): number {
    return this.#now
  }

  clock(): VirtualClock {
    let skew = 0
    let alive = true
    const stall = new Stall(this)
    const after = (ms: number, run: () => void): Stop => {
      let wanted = true
      const fire = (): void => {
        if (alive && wanted) run()
      }
      const forget = alive ? this.after(ms, () => stall.through(fire)) : () => {}
      return () => {
        wanted = false
        forget()
      }
    }
    return {
      now: () => Math.floor(EPOCH + this.#now + skew),
      steady: () => this.#now,
      after,
      soon: (run) => void after(0, run),
      jump(ms) {
        skew += ms
      },
      stall: (ms) => stall.begin(ms),
      stop() {
        alive = false
      },
    }
  }

  /** Runs once, `ms` from now. */
  after(ms: number, run: () => void): Stop {
    return this.at(this.#now + ms, run)
  }

  /** Runs once, at the given time or now. Two that name the same time run in this order. */
  at(time: number, run: () => void): Stop {
    const timer: Timer = { at: Math.max(this.#now, time), order: this.#orders++, run }
    push(this.#timers, timer)
    return () => {
      timer.run = undefined
    }
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.until(() => false, ms)
    this.#now = end
  }

  /**
   * Lets time pass until `done` says true, which is asked after each timer. Resolves with false when `withinMs` passed
   * before, or nothing is left that could happen. Rejects with what a timer throws.
   */
  async until(done: () => boolean, withinMs: number): Promise<boolean> {
    const end = this.#now + withinMs
    await this.#quiet()
    while (!done()) {
      const next = this.#timers[0]
      if (next === undefined || next.at > end) return false
      pop(this.#timers)
      const { run } = next
      if (run === undefined) continue
      this.#moveTo(next.at)
      run()
      await this.#quiet()
    }
    return true
  }

  /** Lets time pass until `promise` settles, and answers like it. */
  async settle<Value>(promise: Promise<Value>, withinMs: number, what = 'a promise'): Promise<Value> {
    let settled = false
    const note = (): void => {
      settled = true
    }
    promise.then(note, note)
    if (await this.until(() => settled, withinMs)) return promise
    throw new Error(`${what} did not settle within ${withinMs} ms of virtual time`)
  }

  #moveTo(at: number): void {
    this.#standing = at > this.#now ? 0 : this.#standing + 1
    if (this.#standing > MOST_STEPS_AT_ONCE)
      throw new Error(`time stands still at ${at} ms: something asks again and again for a turn at once`)
    this.#now = at
  }

  /** A tick callback runs when the microtask queue is empty, however long the chains of promises in it were. */
  #quiet(): Promise<void> {
    this.#steps += 1
    return this.#steps % STEPS_PER_TURN === 0
      ? new Promise((resolve) => setImmediate(resolve))
      : new Promise((resolve) => process.nextTick(resolve))
  }
}

function before(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

/** A binary heap: the next timer is at index 0. */
function push(heap: Timer[], timer: Timer): void {
  let index = heap.push(timer) - 1
  while (index > 0) {
    const above = (index - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !before(timer, parent)) break
    heap[index] = parent
    index = above
  }
  heap[index] = timer
}

function pop(heap: Timer[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    const left = heap[2 * index + 1]
    const right = heap[2 * index + 2]
    const least = right !== undefined && left !== undefined && before(right, left) ? right : left
    if (least === undefined || !before(least, last)) break
    heap[index] = least
    index = least === left ? 2 * index + 1 : 2 * index + 2
  }
  heap[index] = last
}
