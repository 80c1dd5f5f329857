// Who takes part in a schedule, and where each of them may be.
import { memoryOutbox } from '@parley/client'
import type { Seeded } from '../chance.ts'
import type { Device } from '../device.ts'
import { idOf, type World } from '../world.ts'

export const LOBBY = 'lobby'
const GARDEN = 'garden'
/** Only alice and bob may enter it. */
const VAULT = 'vault'
const SESSIONS: { readonly [user: string]: string } = {
  alice: 'session:a11ce000-0000-4000-8000-000000000001',
  bob: 'session:b0b00000-0000-4000-8000-000000000002',
}
/** Somebody who may not see everything. */
const STRANGER = 'mallory'

/** Rooms where the device's user may be. */
export function openTo({ user }: Device): readonly string[] {
  const session = SESSIONS[user]
  const shared = user === STRANGER ? [LOBBY, GARDEN] : [LOBBY, GARDEN, VAULT]
  return session === undefined ? shared : [...shared, session]
}

/** Rooms where the device's user may not be. */
export function forbiddenTo(device: Device): readonly string[] {
  const open = openTo(device)
  return [VAULT, ...Object.values(SESSIONS)].filter((room) => !open.includes(room))
}

/** A room in which the device would say something. */
export function roomOf(device: Device, chance: Seeded): string {
  const open = openTo(device).filter((room) => device.watching.includes(room))
  return open.length === 0 || chance.odds(0.05) ? LOBBY : chance.pick(open)
}

/** A token that ends while a schedule goes on, and has to be renewed. */
const TOKEN_MS = 70_000

/** Everybody comes in, and whoever has a session of their own opens it before a stranger can. */
export async function gather(world: World, chance: Seeded, tokensEnd: boolean): Promise<void> {
  for (const action of ['read', 'write', 'run', 'manage'] as const) world.rights.deny(STRANGER, action, idOf(VAULT))
  for (const room of [LOBBY, GARDEN]) world.rights.deny(STRANGER, 'manage', idOf(room))
  for (let count = chance.int(1, 3); count > 0; count -= 1) world.addNode()
  const laptop = { outbox: memoryOutbox() }
  world.addDevice('alice', 'alice-laptop', laptop)
  world.addDevice('alice', 'alice-phone', { window: 1 })
  const token = (): string => world.rights.token('bob', world.clock.now() + TOKEN_MS)
  world.addDevice('bob', 'bob-phone', tokensEnd ? { token } : {})
  if (chance.odds(0.3)) world.addDevice('alice', 'alice-tab', laptop)
  for (const device of world.devices) {
    const session = SESSIONS[device.user]
    if (session !== undefined) device.watch(session)
    if (chance.odds(0.5)) device.watch(GARDEN)
    if (chance.odds(0.3)) device.watch(VAULT)
  }
  await world.calm()
  world.addDevice(STRANGER)
}
