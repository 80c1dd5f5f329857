// What people do in a schedule. Each deed says in words what it did, or nothing when it could not be done.
import type { Device } from '../device.ts'
import { forbiddenTo, openTo, roomOf } from './cast.ts'
import type { Simulation } from './simulation.ts'

/** What was done, in words. */
type Done = string | undefined

export function withDevice(here: Simulation, act: (device: Device) => Done): Done {
  const running = here.world.devices.filter((device) => device.running)
  return running.length === 0 ? undefined : act(here.chance.pick(running))
}

export function post(here: Simulation): Done {
  return withDevice(here, (device) => here.post(device, roomOf(device, here.chance), here.words()))
}

/** Many posts in a row, faster than they can be answered. */
export function burst(here: Simulation): Done {
  return withDevice(here, (device) => {
    const room = roomOf(device, here.chance)
    return Array.from({ length: here.chance.int(3, 12) }, () => here.post(device, room, here.words())).join(', ')
  })
}

/** Somebody without positions says some things in a row. */
export function chatter(here: Simulation): Done {
  return here.chatter()
}

/** Says something with an id that was used before: by the same user or another, with the same words or others. */
export function again(here: Simulation): Done {
  const { attempts, chance } = here
  if (attempts.length === 0) return undefined
  const { room, id, text, steers, supersedes } = chance.pick(attempts)
  const more = { ...(steers === undefined ? {} : { steers }), ...(supersedes === undefined ? {} : { supersedes }) }
  return withDevice(here, (device) =>
    chance.odds(0.5) ? here.post(device, room, text, { id, ...more }) : here.post(device, room, here.words(), { id }),
  )
}

export function older(here: Simulation): Done {
  return withDevice(here, (device) => {
    const id = roomOf(device, here.chance)
    here.expectRefusal(device.room(id).older(here.chance.int(1, 30)), ['access.denied', 'storage.unavailable'])
    return `${device.name} looks back in ${id}`
  })
}

export function refresh(here: Simulation): Done {
  return withDevice(here, (device) => {
    device.refresh()
    return `refresh ${device.name}`
  })
}

export function quit(here: Simulation): Done {
  return withDevice(here, (device) => {
    const battery = here.chance.odds(0.5)
    device.quit(battery)
    return battery ? `the battery of ${device.name} is empty` : `${device.name} quits`
  })
}

export function close(here: Simulation): Done {
  return withDevice(here, (device) => {
    here.expectRefusal(device.close(), [])
    return `${device.name} closes`
  })
}

export function open(here: Simulation): Done {
  const off = here.world.devices.filter((device) => !device.running)
  if (off.length === 0) return undefined
  const device = here.chance.pick(off)
  device.open()
  return `open ${device.name}`
}

export function leave(here: Simulation): Done {
  return withDevice(here, (device) => {
    const room = roomOf(device, here.chance)
    device.leave(room)
    return `${device.name} leaves ${room}`
  })
}

export function watch(here: Simulation): Done {
  return withDevice(here, (device) => {
    const room = here.chance.pick(openTo(device))
    if (device.watching.includes(room)) return undefined
    device.watch(room)
    return `${device.name} watches ${room}`
  })
}

/** Somebody tries to read, write and stop where they may not. */
export function intrude(here: Simulation): Done {
  const { world, chance } = here
  const intruder = world.devices.find((device) => device.running && forbiddenTo(device).length > 0)
  if (intruder === undefined) return undefined
  const room = chance.pick(forbiddenTo(intruder))
  const way = chance.pick(['reads', 'writes', 'stops'])
  if (way === 'reads') intruder.watch(room)
  else if (way === 'writes') return here.post(intruder, room, here.words())
  else here.expectRefusal(intruder.room(room).cancel('run-1'), ['access.denied', 'room.unknown', 'storage.unavailable'])
  return `${intruder.name} ${way} in ${room}`
}
