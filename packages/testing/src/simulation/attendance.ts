// Who is in a room when calm has come: everybody who hears it must show the same people.
import type { Device } from '../device.ts'
import type { Simulation } from './simulation.ts'

/** What is wrong with who is shown to be where; empty when everybody shows who is there. */
export function faultsOfAttendance({ world, bystander }: Simulation): string[] {
  const faults: string[] = []
  const present = world.devices.filter((device) => device.running)
  // A server may hold on to a line whose other end is gone; to notice that is its transport's part, which there is none of here.
  const lines = world.living.reduce((sum, { engine }) => sum + engine.counts.connections, 0)
  const haunted = lines > present.length + 1
  for (const room of new Set(present.flatMap((device) => [...device.watching]))) {
    const there = present.filter((device) => device.watching.includes(room) && device.picture(room).joined)
    const users = new Set(there.map(({ user }) => user))
    if (bystander.room === room) users.add(bystander.user)
    for (const device of there) {
      const shown = shownBy(device, room)
      for (const user of users) if (!shown.has(user)) faults.push(`${device.name} does not show ${user} in ${room}`)
      for (const user of haunted ? [] : shown)
        if (!users.has(user)) faults.push(`${device.name} still shows ${user} in ${room}`)
    }
  }
  return faults
}

function shownBy(device: Device, room: string): ReadonlySet<string> {
  const here = [...device.picture(room).members.values()].filter((member) => member.here && member.user.kind === 'user')
  return new Set(here.map(({ user }) => user.id))
}
