// One seed, one schedule: people, networks and machines do as chance has it; then calm comes, and all is judged.
import type { Room } from '@parley/client'
import { type Deed, deeds, type Trouble, troubles } from './deeds.ts'
import type { Device } from './device.ts'
import { faultsOfAnswers, faultsOfAttempts, faultsOfEnds, faultsOfLog, faultsOfTurnTaking } from './judge.ts'
import { isMistake } from './notes.ts'
import { Simulation } from './simulation.ts'
import { idOf } from './world.ts'

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
export async function simulate(seed: number, { trace = () => {} }: SimulateOptions = {}): Promise<Verdict> {
  const here = new Simulation(seed, trace)
  const unhandled = (cause: unknown): void => here.fault(`nobody handled: ${inWords(cause)}`)
  process.on('unhandledRejection', unhandled)
  try {
    await here.begin()
    await disturb(here)
    here.note('calm')
    await here.world.calm()
    await here.world.until(() => here.bystander?.missing.length === 0, 'everything')
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

function inWords(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

async function disturb(here: Simulation): Promise<void> {
  const { chance, world } = here
  const present = new Set<Trouble>(troubles.filter(() => chance.odds(0.5)))
  const possible = deeds.filter(
    ({ trouble, unless }) =>
      (trouble === undefined || present.has(trouble)) && !(unless !== undefined && present.has(unless)),
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

async function judge(here: Simulation): Promise<void> {
  const { world, attempts, spoken } = here
  for (const device of world.devices) judgeDevice(here, device)
  learn(here)
  await judgeReadBack(here)
  for (const room of world.witness.rooms) for (const fault of faultsOfLog(world.witness, room)) here.fault(fault)
  if (here.sound && world.nodes.length === 1)
    for (const room of world.witness.rooms)
      for (const fault of faultsOfTurnTaking(world.witness, room)) here.fault(fault)
  if (here.sound)
    for (const room of world.witness.rooms) for (const fault of faultsOfEnds(world.witness, room)) here.fault(fault)
  for (const fault of faultsOfAttempts(world.witness, attempts)) here.fault(fault)
  for (const fault of faultsOfAnswers(world.witness, spoken)) here.fault(fault)
  for (const note of world.notes)
    if (isMistake(note) && note.what !== 'an agent broke')
      here.fault(`${note.node}: ${note.what}: ${inWords(note.cause)}`)
}

/** Each picture is the fold of its log, and of what is forbidden there is no picture. */
function judgeDevice(here: Simulation, device: Device): void {
  for (const id of here.openTo(device)) here.judge(device, device.picture(id))
  for (const id of here.forbiddenTo(device))
    if (device.picture(id).position !== undefined) here.fault(`${device.name} has a picture of ${id}`)
}

/** What a device learned of its posts after their first hope had died with a refresh. */
function learn(here: Simulation): void {
  for (const attempt of here.attempts) {
    const device = here.world.devices.find(({ name }) => name === attempt.device)
    const pending = device?.picture(attempt.room).pending.find(({ id }) => id === attempt.id)
    if (attempt.outcome.type === 'unknown' && pending?.problem !== undefined)
      attempt.outcome = { type: 'refused', code: pending.problem.code }
  }
}

/** Somebody new pages back through every room to where the log begins, and sees all that is kept. */
async function judgeReadBack(here: Simulation): Promise<void> {
  const { world, chance } = here
  const reader = world.addDevice('alice', 'reader')
  for (const room of here.openTo(reader)) {
    reader.watch(room)
    await world.calm()
    await readBack(here, reader.room(room), chance.int(1, 20))
    here.judge(reader, reader.picture(room))
    const { horizon } = (await world.log.info(idOf(room))) ?? { horizon: 0 }
    if (reader.picture(room).start !== horizon)
      here.fault(`paging back in ${room} ended at ${reader.picture(room).start}, not at ${horizon}`)
  }
}

async function readBack(here: Simulation, room: Room, limit: number): Promise<void> {
  for (let pages = 0; pages < 1_000; pages += 1) if (!(await here.world.settle(room.older(limit)))) return
  here.fault(`paging back in ${room.id} never ends`)
}
