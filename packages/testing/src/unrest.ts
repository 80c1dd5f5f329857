// What is still going on in a world, in words, so that a test that waits in vain says for what.
import type { Device } from './device.ts'
import type { WorldNode } from './node.ts'
import type { Witness } from './witness.ts'

export interface Restless {
  /** Those that are not dead. */
  readonly living: readonly WorldNode[]
  readonly devices: readonly Device[]
  readonly witness: Witness
}

/** Empty when every server is up, every run is over, and everybody shows all there is and has said all they wanted to say. */
export function unrestOf({ living, devices, witness }: Restless): readonly string[] {
  return [
    ...living.filter(({ state }) => state !== 'up').map(({ name, state }) => `${name} is ${state}`),
    ...[...witness.open].map((span) => `${span} is open`),
    ...devices.flatMap((device) => unrestOfDevice(device, witness)),
  ]
}

function unrestOfDevice(device: Device, witness: Witness): readonly string[] {
  if (!device.running) return []
  const { status } = device.client
  if (status !== 'connected') return [`${device.name} is ${status}`]
  const rooms = new Set([...witness.rooms, ...device.watching])
  return [...rooms].flatMap((room) => unrestInRoom(device, room, witness) ?? [])
}

function unrestInRoom(device: Device, room: string, witness: Witness): string | undefined {
  const { joined, problem, pending, position } = device.picture(room)
  const waiting = pending.filter(({ state }) => state !== 'refused').length
  const { epoch, seq } = witness.position(room)
  if (waiting > 0) return `${device.name} waits for ${waiting} posts in ${room}`
  if (!device.watching.includes(room)) return undefined
  if (!joined) return problem === undefined ? `${device.name} has not joined ${room}` : undefined
  if (position?.epoch === epoch && position.seq === seq) return undefined
  return `${device.name} is at ${position?.seq} of ${seq} in ${room}`
}
