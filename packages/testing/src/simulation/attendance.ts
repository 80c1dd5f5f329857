// Who is in a room when calm has come: everybody who hears it must show the same people.
import type { Device } from '../device.ts'
import type { Simulation } from './simulation.ts'

/** What is wrong with who is shown to be where; empty when everybody shows who is there. */
export function faultsOfAttendance({ world, bystander }: Simulation): string[] {
  const faults: string[] = []
  const present = world.devices.filter((device) => device.running)
  for (const room of new Set(present.flatMap((device) => [...device.watching]))) {
    const there = present.filter((device) => device.watching.includes(room) && device.picture(room).joined)
    const users = new Set(there.map(({ user }) => user))
    if (bystander.room === room) users.add(bystander.user)
    for (const device of there) {
      const shown = shownBy(device, room)
      for (const user of users) if (!shown.has(user)) faults.push(`${device.name} does not show ${user} in ${room}`)
      for (const user of shown) if (!users.has(user)) faults.push(`${device.name} still shows ${user} in ${room}`)
    }
  }
  return faults
}

function shownBy(device: Device, room: string): ReadonlySet<string> {
  const here = [...device.picture(room).members.values()].filter((member) => member.here && member.user.kind === 'user')
  return new Set(here.map(({ user }) => user.id))
}
