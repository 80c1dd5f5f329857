// What hand-written tests begin with: a world with two people in it.
import type { Device } from './device.ts'
import type { Weather } from './weather.ts'
import { World, type WorldOptions } from './world.ts'

/** What {@link world} gives: a world, its people, and what tests do most. */
export interface Scene {
  readonly world: World
  readonly alice: Device
  readonly bob: Device
  readonly weather: Weather
  /** See {@link World.calm}. */
  readonly calm: () => Promise<void>
  /** See {@link World.pass}. */
  readonly pass: (ms: number) => Promise<void>
  /** See {@link World.until}. */
  readonly until: (done: () => boolean, what?: string) => Promise<void>
}

/** A world in which all servers have started, and alice and bob are there and show its room. */
export async function world(options: WorldOptions = {}): Promise<Scene> {
  const here = new World(options)
  const { nodes = 1 } = options
  for (let count = 0; count < nodes; count += 1) here.addNode()
  const alice = here.addDevice('alice')
  const bob = here.addDevice('bob')
  await here.calm()
  return {
    world: here,
    alice,
    bob,
    weather: here.weather,
    calm: () => here.calm(),
    pass: (ms) => here.pass(ms),
    until: (done, what) => here.until(done, what),
  }
}
