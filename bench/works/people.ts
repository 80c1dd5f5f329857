// What people cost a server beside what they say: those who come, and those who write.
import { setTimeout as pause } from 'node:timers/promises'
import { crowd } from '../generator/crowd.ts'
import { Native } from '../generator/native.ts'
import type { Server } from '../server.ts'
import { parley } from '../subjects/parley.ts'
import type { Figures, Scale, Stage, Work } from '../work.ts'

const WRITERS = 100
const room = 'bench'
const membersOf = ({ name }: Scale): number => (name === 'quick' ? 200 : 1_000)
const secondsOf = ({ name }: Scale): number => (name === 'quick' ? 0.8 : 6)

/** People whose signals are counted. */
class Crowd {
  readonly people: readonly Native[]
  heard = 0

  private constructor(people: readonly Native[]) {
    this.people = people
    for (const person of people)
      person.onSignals = () => {
        this.heard += 1
      }
  }

  static async connect(server: Server, name: string, count: number): Promise<Crowd> {
    const wires = await crowd(server, parley.tongue, count, { name })
    return new Crowd(wires.map((wire) => new Native(wire)))
  }

  /** One of them asks. */
  ask(index: number, command: object): Promise<unknown> | undefined {
    return this.people[index % this.people.length]?.ask(command)
  }
}

async function measure({ scale, start }: Stage): Promise<Figures> {
  const server = await start()
  const [count, seconds] = [membersOf(scale), secondsOf(scale)]
  const members = await Crowd.connect(server, 'member', count)
  const guests = await Crowd.connect(server, 'guest', count)
  /** Per cent of a core while `times` things are done, evenly over the time. */
  const costOf = async (times: number, act: (index: number) => unknown): Promise<number> => {
    const [cpu, begun] = [server.cpuMicros(), performance.now()]
    const until = (ms: number): Promise<void> => pause(Math.max(0, begun + ms - performance.now()))
    for (let index = 0; index < times; index += 1) {
      await until((index * seconds * 1e3) / times)
      act(index)
    }
    await until(seconds * 1e3)
    return (server.cpuMicros() - cpu) / (performance.now() - begun) / 10
  }
  const join = { type: 'join', room, history: 0 }
  const write = (index: number, on: boolean) => members.ask(index % WRITERS, { type: 'typing', room, on })
  // Each says something about it every two seconds.
  const writes = (WRITERS * seconds) / 2

  for (const [index] of members.people.entries()) await members.ask(index, join)
  const idlePct = await costOf(0, () => undefined)
  // So that it is not the compiler that is measured; all of them have stopped in the end.
  for (let index = 0; index < 20 * WRITERS; index += 1) await write(index, Math.floor(index / WRITERS) % 2 === 0)
  const pingPct = await costOf(writes, (index) => members.ask(index % WRITERS, { type: 'ping' }))
  const heard = members.heard
  const writePct = await costOf(writes, (index) => write(index, Math.floor(index / WRITERS) % 2 === 0))
  const frames = (members.heard - heard) / count / seconds
  const alonePct = await costOf(count, (index) => guests.ask(index, { ...join, room: `alone-${index}` }))
  const comingPct = await costOf(count, (index) => guests.ask(index, join))
  return { idlePct, pingPct, writePct, frames, alonePct, comingPct }
}

const percent = (figure: string, title: string) => ({ figure, title, digits: 1 })

export const work: Work = {
  name: 'people',
  title: 'People who come and who write',
  about: `What of a core is used while nothing happens in a room; while ${WRITERS} of its members ping, and while they say instead that they write or have stopped, each every two seconds; while as many people as are in it join rooms of their own, and then while they join it.`,
  columns: [
    percent('writePct', 'writing %'),
    percent('pingPct', 'pinging %'),
    percent('idlePct', 'idle %'),
    percent('comingPct', 'coming %'),
    percent('alonePct', 'coming alone %'),
    { figure: 'frames', title: 'frames/s each', digits: 2 },
  ],
  cases: (scale) => [
    { title: `a room of ${membersOf(scale).toLocaleString('en')}`, subjects: [parley], rounds: 1, measure },
  ],
}
