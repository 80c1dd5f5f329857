// What people cost a server beside what they say: 1,000 who come to a room within ten seconds, then 100 of them who write at once.
import { setTimeout as pause } from 'node:timers/promises'
import { type Bench, type Figures, serverOnOneCore, tokenFor, Wire } from './measure.ts'

const MEMBERS = 1_000
const WRITERS = 100
const SECONDS = 10
const room = 'bench'

interface Cost {
  /** Of a core. */
  readonly share: number
  /** Frames of signals that a member hears a second, on average. */
  readonly frames: number
}

/** The members' connections, and the frames of signals that they heard so far. */
class Crowd {
  readonly wires: readonly Wire[]
  heard = 0

  private constructor(wires: readonly Wire[]) {
    this.wires = wires
    for (const wire of wires) wire.onSignals = () => (this.heard += 1)
  }

  static async connect({ url }: Bench): Promise<Crowd> {
    const wires: Wire[] = []
    for (let index = 0; index < MEMBERS; index += 1) wires.push(await Wire.open(url, await tokenFor(`user-${index}`)))
    return new Crowd(wires)
  }

  close(): void {
    for (const wire of this.wires) wire.close()
  }
}

/** What it costs while each of `times` things is done, evenly over ten seconds. */
async function costOf(running: Bench, crowd: Crowd, times: number, act: (index: number) => unknown): Promise<Cost> {
  const [cpu, heard, begun] = [running.cpuMs(), crowd.heard, performance.now()]
  for (let index = 0; index < times; index += 1) {
    await pause(begun + (index * SECONDS * 1_000) / times - performance.now())
    act(index)
  }
  await pause(begun + SECONDS * 1_000 - performance.now())
  const ms = performance.now() - begun
  return { share: (running.cpuMs() - cpu) / ms, frames: ((crowd.heard - heard) / MEMBERS / ms) * 1_000 }
}

function words({ share, frames }: Cost): string {
  return `${(share * 100).toFixed(1)} % of a core, ${frames.toFixed(2)} signal frames per member and second`
}

export async function measurePeople(): Promise<Figures> {
  const running = await serverOnOneCore()
  const crowd = await Crowd.connect(running)
  const wire = (index: number): Wire | undefined => crowd.wires[index % MEMBERS]
  const alone = (index: number) => wire(index)?.ask({ type: 'join', room: `alone-${index}`, history: 0 })
  const join = (index: number) => wire(index)?.ask({ type: 'join', room, history: 0 })
  const write = (on: (index: number) => boolean) => (index: number) =>
    wire(index % WRITERS)?.ask({ type: 'typing', room, on: on(index) })

  const apart = await costOf(running, crowd, MEMBERS, alone)
  const together = await costOf(running, crowd, MEMBERS, join)
  // Whoever joins anew is in the room already: it has all its members all the time.
  const anew = await costOf(running, crowd, MEMBERS, join)
  const idle = await costOf(running, crowd, 0, () => undefined)
  // Each says every two seconds that they write; or begins and stops in turn.
  const steady = await costOf(
    running,
    crowd,
    (WRITERS * SECONDS) / 2,
    write(() => true),
  )
  const restless = await costOf(
    running,
    crowd,
    (WRITERS * SECONDS) / 2,
    write((index) => Math.floor(index / WRITERS) % 2 === 1),
  )
  crowd.close()
  await running.stop()
  return [
    `${MEMBERS} join a room of their own each within ${SECONDS} s: ${words(apart)}`,
    `${MEMBERS} join one room within ${SECONDS} s: ${words(together)}`,
    `the same once more, into a room of ${MEMBERS}: ${words(anew)}`,
    `${MEMBERS} in the room, nothing happens: ${words(idle)}`,
    `${WRITERS} of them write all the time: ${words(steady)}`,
    `${WRITERS} of them begin and stop writing every two seconds: ${words(restless)}`,
  ]
}
