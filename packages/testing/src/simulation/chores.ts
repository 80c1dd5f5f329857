// Tasks in a schedule: people make and change them on any device, and everybody shows them as they stand.
import { isDeepStrictEqual } from 'node:util'
import { type Event, isTaskOver, type Task, type Timeline } from '@parley/protocol'
import type { Witness } from '../witness.ts'
import { roomOf } from './cast.ts'
import { withDevice } from './people.ts'
import type { Simulation } from './simulation.ts'

const REFUSALS = ['access.denied', 'storage.unavailable', 'room.unknown', 'id.conflict', 'server.leaving']

/** Somebody makes a task or changes one. */
export function chore(here: Simulation): string | undefined {
  return withDevice(here, (device) => {
    const { chance } = here
    const room = roomOf(device, chance)
    const id = chance.pick(['t1', 't2', 't3'])
    const status = chance.pick(['open', 'in_progress', 'done'])
    const wish = device.room(room).setTask(id, { title: 'work', status, progress: chance.int(0, 100) })
    here.expectRefusal(wish, REFUSALS)
    return `${device.name} sets ${id} to ${status} in ${room}`
  })
}

/** What is wrong with the tasks of a picture; undefined when they stand as its log says at its position. */
export function faultOfTasks(witness: Witness, { room, position, tasks }: Timeline): string | undefined {
  if (position === undefined) return undefined
  const stand = standingAt(witness.of(room).events, position.seq)
  for (const [id, task] of tasks)
    if (!isDeepStrictEqual(task, stand.get(id))) return `${room}: ${said(task)} is shown, ${said(stand.get(id))} is so`
  for (const [id, task] of stand) if (!isTaskOver(task) && !tasks.has(id)) return `${room}: ${said(task)} is not shown`
  return undefined
}

function standingAt(events: readonly Event[], upTo: number): ReadonlyMap<string, Task> {
  const tasks = new Map<string, Task>()
  for (const { seq, fact } of events) if (fact.type === 'task.set' && seq <= upTo) tasks.set(fact.task.id, fact.task)
  return tasks
}

function said(task: Task | undefined): string {
  return JSON.stringify(task)
}
