// What people do with agents at work: stop, allow, deny, correct, and ask again. Each deed says in words what it did.
import { isToolOver, type Tool } from '@parley/protocol'
import type { Device } from '../device.ts'
import { roomOf } from './cast.ts'
import { withDevice } from './people.ts'
import type { Simulation } from './simulation.ts'

/** What was done, in words; nothing when it could not be done. */
type Done = string | undefined

const IN_VAIN = ['run.over', 'access.denied', 'storage.unavailable', 'room.unknown']

export function cancel(here: Simulation): Done {
  return withDevice(here, (device) => {
    const id = roomOf(device, here.chance)
    const runs = [...device.picture(id).runs.values()]
    if (runs.length === 0) return undefined
    const working = runs.filter(({ state }) => state === 'running')
    const run = here.chance.pick(working.length > 0 ? working : runs)
    here.expectRefusal(device.room(id).cancel(run.id), IN_VAIN)
    return `${device.name} cancels ${run.id} in ${id}`
  })
}

export function cancelTool(here: Simulation): Done {
  return withTool(
    here,
    (tool) => !isToolOver(tool) || here.chance.odds(0.02),
    (device, room, { run, call }) => {
      here.expectRefusal(device.room(room).cancel(run, call), IN_VAIN)
      return `${device.name} cancels ${call} in ${room}`
    },
  )
}

export function decide(here: Simulation): Done {
  const { chance, wishes } = here
  return withTool(here, isAsking, (device, room, tool) => wishes.decide(device, room, tool, chance.odds(0.7)))
}

/** Two people, or one with two devices, decide at the same time and not alike. */
export function disagree(here: Simulation): Done {
  return withTool(here, isAsking, (device, room, tool) => {
    const seeing = here.world.devices.filter((other) => other.running && other.picture(room).tools.has(tool.call))
    const other = here.chance.pick(seeing)
    const approved = here.chance.odds(0.5)
    return [
      here.wishes.decide(device, room, tool, approved),
      here.wishes.decide(other, room, tool, other === device ? approved : !approved),
    ].join(', ')
  })
}

export function steer(here: Simulation): Done {
  return withDevice(here, (device) => {
    const room = roomOf(device, here.chance)
    const runs = [...device.picture(room).runs.values()].filter(({ state }) => state === 'running')
    const own = runs.filter(({ cause }) => cause.startsWith(`${device.user}/`))
    if (runs.length === 0) return undefined
    return here.post(device, room, here.words(), { steers: here.chance.pick(own.length > 0 ? own : runs).id })
  })
}

export function regenerate(here: Simulation): Done {
  return withDevice(here, (device) => {
    const room = roomOf(device, here.chance)
    const runs = [...device.picture(room).runs.values()]
    return runs.length === 0 ? undefined : here.wishes.regenerate(device, room, here.chance.pick(runs).id)
  })
}

/** Says better what was said before. */
export function edit(here: Simulation): Done {
  return withDevice(here, (device) => {
    const room = roomOf(device, here.chance)
    const own = device.picture(room).messages.filter(({ by }) => by.id === device.user)
    if (own.length === 0) return undefined
    return here.post(device, room, here.words(), { supersedes: here.chance.pick(own).id })
  })
}

function isAsking({ state }: Tool): boolean {
  return state === 'asking'
}

/** Somebody does something about a tool call that they see. */
function withTool(
  here: Simulation,
  fits: (tool: Tool) => boolean,
  act: (device: Device, room: string, tool: Tool) => Done,
): Done {
  return withDevice(here, (device) => {
    const calls = device.watching.flatMap((room) =>
      [...device.picture(room).tools.values()].filter(fits).map((tool) => ({ room, tool })),
    )
    if (calls.length === 0) return undefined
    const { room, tool } = here.chance.pick(calls)
    return act(device, room, tool)
  })
}
