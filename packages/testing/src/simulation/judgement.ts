// The judgement of a schedule, when calm has come: what clients show, what they were told, and what is in the log must agree.
import type { Room } from '@parley/client'
import type { Device } from '../device.ts'
import { isMistake } from '../notes.ts'
import { idOf } from '../world.ts'
import { faultsOfAnswers } from './answer-faults.ts'
import { faultsOfAttempts } from './attempts.ts'
import { faultsOfAttendance } from './attendance.ts'
import { forbiddenTo, openTo } from './cast.ts'
import { faultsOfKept, faultsOfLog } from './log-faults.ts'
import { faultsOfEnds, faultsOfStops, faultsOfTurnTaking } from './run-faults.ts'
import type { Simulation } from './simulation.ts'

/** Some agents and tools break on purpose. */
const EXPECTED = ['an agent broke', 'a tool broke']

const ATTENDANCE_MS = 60_000
const ALL = { events: 1_000_000, bytes: 1_000_000_000 }

/** Finds every fault that is left to find. */
export async function judge(here: Simulation): Promise<void> {
  const { world, bystander, attempts, tellings, workforce, wishes, sound } = here
  const { witness } = world
  await world.until(() => bystander.missing.length === 0, 'that the bystander has heard everything')
  // It is told once more every ten seconds, and a server that died is forgotten after half a minute.
  await world.time.until(() => faultsOfAttendance(here).length === 0, ATTENDANCE_MS)
  const absent = faultsOfAttendance(here)
  for (const device of world.devices) judgeDevice(here, device)
  learn(here)
  await judgeReadBack(here)
  const faults = [
    ...witness.rooms.flatMap((room) => [
      ...faultsOfLog(witness, room, workforce.staff),
      ...faultsOfStops(witness, room, world.rights),
      ...(sound ? faultsOfEnds(witness, room, world.nodes.length === 1) : []),
      ...(sound && world.nodes.length === 1 ? faultsOfTurnTaking(witness, room) : []),
    ]),
    ...faultsOfAttempts(witness, attempts, ({ room, text }) => workforce.mayRefuse(room, text)),
    ...absent,
    ...wishes.faults(),
    ...faultsOfAnswers(witness, tellings),
    ...world.notes
      .filter((note) => isMistake(note) && !EXPECTED.includes(note.what))
      .map(({ node, what, cause }) => `${node}: ${what}: ${inWords(cause)}`),
  ]
  for (const fault of faults) here.fault(fault)
}

export function inWords(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

/** Each picture is the fold of its log, and of what is forbidden there is no picture. */
function judgeDevice(here: Simulation, device: Device): void {
  for (const id of openTo(device)) {
    here.judge(device, device.picture(id))
    const { joined, progress } = device.picture(id)
    if (joined && progress.size > 0) here.fault(`${device.name} shows progress in ${id} although all is over`)
  }
  for (const id of forbiddenTo(device))
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
  for (const room of openTo(reader)) {
    reader.watch(room)
    await world.calm()
    await readBack(here, reader.room(room), chance.int(1, 20))
    here.judge(reader, reader.picture(room))
    const kept = await world.log.read(idOf(room), undefined, ALL)
    for (const fault of faultsOfKept(kept)) here.fault(fault)
    const { horizon } = (await world.log.info(idOf(room))) ?? { horizon: 0 }
    if (reader.picture(room).start !== horizon)
      here.fault(`paging back in ${room} ended at ${reader.picture(room).start}, not at ${horizon}`)
  }
}

async function readBack(here: Simulation, room: Room, limit: number): Promise<void> {
  for (let pages = 0; pages < 1_000; pages += 1) if (!(await here.world.settle(room.older(limit)))) return
  here.fault(`paging back in ${room.id} never ends`)
}
