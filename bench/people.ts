// What people cost a server beside what they say: 1,000 who come within ten seconds to a room of 1,000, and 100 who write at once.
import { setTimeout as pause } from 'node:timers/promises'
import { type Bench, type Figures, serverOnOneCore, tokenFor, Wire } from './measure.ts'

const MEMBERS = 1_000
const WRITERS = 100
const SECONDS = 10
const room = 'bench'

interface Cost {
  /** Of a core. */
  readonly share: number
  /** Frames of signals that a member of the room hears a second, on average. */
  readonly frames: number
}

/** A thousand connections, and the frames of signals that they heard so far. */
class Crowd {
  readonly wires: readonly Wire[]
  heard = 0

  private constructor(wires: readonly Wire[]) {
    this.wires = wires
    for (const wire of wires) wire.onSignals = () => (this.heard += 1)
  }

  static async connect({ url }: Bench, name: string): Promise<Crowd> {
    const wires: Wire[] = []
    for (let index = 0; index < MEMBERS; index += 1)
      wires.push(await Wire.open(url, await tokenFor(`${name}-${index}`)))
    return new Crowd(wires)
  }

  /** One of them asks. */
  ask(index: number, command: object): Promise<unknown> | undefined {
    return this.wires[index % MEMBERS]?.ask(command)
  }

  close(): void {
    for (const wire of this.wires) wire.close()
  }
}

/** What it costs while `times` things are done, evenly over ten seconds. */
async function costOf(running: Bench, members: Crowd, times: number, act: (index: number) => unknown): Promise<Cost> {
  const [cpu, heard, begun] = [running.cpuMs(), members.heard, performance.now()]
  const until = (ms: number): Promise<void> => pause(Math.max(0, begun + ms - performance.now()))
  for (let index = 0; index < times; index += 1) {
    await until((index * SECONDS * 1_000) / times)
    act(index)
  }
  await until(SECONDS * 1_000)
  const ms = performance.now() - begun
  return { share: (running.cpuMs() - cpu) / ms, frames: ((members.heard - heard) / MEMBERS / ms) * 1_000 }
}

function words({ share, frames }: Cost): string {
  return `${(share * 100).toFixed(1)} % of a core, ${frames.toFixed(2)} signal frames per member and second`
}

export async function measurePeople(): Promise<Figures> {
  const running = await serverOnOneCore()
  const members = await Crowd.connect(running, 'member')
  const guests = await Crowd.connect(running, 'guest')
  const measure = (times: number, act: (index: number) => unknown): Promise<Cost> =>
    costOf(running, members, times, act)
  const join = { type: 'join', room, history: 0 }
  const write = (index: number, on: boolean) => members.ask(index % WRITERS, { type: 'typing', room, on })
  // Each says something about it every two seconds.
  const writes = (WRITERS * SECONDS) / 2

  const alone = await measure(MEMBERS, (index) => guests.ask(index, { ...join, room: `alone-${index}` }))
  for (const [index] of members.wires.entries()) await members.ask(index, join)
  const coming = await measure(MEMBERS, (index) => guests.ask(index, join))
  guests.close()
  // Until the last of them is gone.
  await pause(10_000)
  const idle = await measure(0, () => undefined)
  // So that it is not the compiler that is measured; all of them have stopped in the end.
  for (let index = 0; index < 20 * WRITERS; index += 1) await write(index, Math.floor(index / WRITERS) % 2 === 0)
  const pings = await measure(writes, (index) => members.ask(index % WRITERS, { type: 'ping' }))
  const steady = await measure(writes, (index) => write(index, true))
  const restless = await measure(writes, (index) => write(index, Math.floor(index / WRITERS) % 2 === 1))
  members.close()
  await running.stop()
  return [
    `${MEMBERS} join a room of their own each within ${SECONDS} s: ${words(alone)}`,
    `${MEMBERS} join a room of ${MEMBERS} within ${SECONDS} s: ${words(coming)}`,
    `a room of ${MEMBERS} in which nothing happens: ${words(idle)}`,
    `${WRITERS} of them ping as often as they will say that they write: ${words(pings)}`,
    `${WRITERS} of them write all the time: ${words(steady)}`,
    `${WRITERS} of them begin and stop every two seconds: ${words(restless)}`,
  ]
}
