// A network without sockets: lines with weather, and the pipes that go through them.
import type { Accept, Hello } from '@parley/server'
import type { Seeded } from './chance.ts'
import type { VirtualTime } from './clock.ts'
import { type Call, type Caller, Pipe } from './pipe.ts'
import { clearSky, type Sky } from './sky.ts'
import { Stall } from './stall.ts'

/** Where pipes end: a node, as the network sees it. */
export class Host {
  readonly #pipes = new Set<Pipe>()
  readonly #stall: Stall
  /** Who answers calls; undefined: nobody does. Pipes that are open stay. */
  accept: Accept | undefined

  constructor(time: VirtualTime) {
    this.#stall = new Stall(time)
  }

  joined(pipe: Pipe): void {
    forgetEnded(this.#pipes)
    this.#pipes.add(pipe)
  }

  /** It reads nothing for `ms`. */
  stall(ms: number): void {
    this.#stall.begin(ms)
  }

  /** Runs at once, or when it reads again. */
  whenAwake(run: () => void): void {
    this.#stall.through(run)
  }

  /** Its process died, or its whole machine. */
  died(machine: boolean): void {
    this.accept = undefined
    for (const pipe of this.#pipes) pipe.serverDied(machine)
    this.#pipes.clear()
  }
}

/** Somebody's way into the network. All changes take effect at once, also for what is under way. */
export class Line {
  readonly #time: VirtualTime
  readonly #pipes = new Set<Pipe>()
  #sky: Sky

  constructor(time: VirtualTime, chance: Seeded) {
    this.#time = time
    this.#sky = clearSky(chance)
  }

  /** Calls a host. The caller hears how it went. */
  dial(host: Host, hello: Hello, caller: Caller): Call {
    const pipe = new Pipe({
      time: this.#time,
      sky: () => this.#sky,
      hello,
      caller,
      answers: () => host.accept,
      whenAwake: (run) => host.whenAwake(run),
    })
    forgetEnded(this.#pipes)
    this.#pipes.add(pipe)
    host.joined(pipe)
    return pipe.call()
  }

  /** Changes the weather, in part. */
  set(change: Partial<Omit<Sky, 'chance'>>): void {
    this.#sky = { ...this.#sky, ...change }
    for (const pipe of this.#pipes) pipe.stir()
  }

  /** All pipes break; new ones can be made at once. */
  cut(): void {
    for (const pipe of this.#pipes) pipe.cut()
    this.#pipes.clear()
  }

  /** The client's process died, or its whole device. */
  died(device: boolean): void {
    for (const pipe of this.#pipes) pipe.callerDied(device)
    this.#pipes.clear()
  }

  /** Fine weather. */
  clear(): void {
    this.set(clearSky(this.#sky.chance))
  }
}

function forgetEnded(pipes: Set<Pipe>): void {
  for (const pipe of pipes) if (pipe.over) pipes.delete(pipe)
}
