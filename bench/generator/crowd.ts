// Many connections to one server.
import type { Server } from '../server.ts'
import type { Tongue } from '../subjects/subject.ts'
import { Wire } from './wire.ts'

/** Handshakes under way at once. */
const AT_ONCE = 64

export interface CrowdOptions {
  /** How their names begin. Default `user`. */
  readonly name?: string
  /** The room that each joins. Default: none. */
  readonly room?: (index: number) => string
}

/** Opens a connection for each of `count` people. */
export async function crowd(
  server: Server,
  tongue: Tongue,
  count: number,
  { name = 'user', room }: CrowdOptions = {},
): Promise<readonly Wire[]> {
  const wires: Wire[] = []
  await inParallel(count, AT_ONCE, async (index) => {
    const wire = await enter(server, tongue, `${name}-${index}`)
    wires[index] = wire
    if (room !== undefined) await tongue.join(wire, room(index))
  })
  return wires
}

export async function enter({ port }: Server, tongue: Tongue, user: string, readBytes?: number): Promise<Wire> {
  const wire = await Wire.open({ port, ...tongue.door(user) }, readBytes)
  await tongue.greet(wire)
  return wire
}

/** Does `act` for 0 to `count` - 1, so many at once. */
export async function inParallel(count: number, atOnce: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1
      await act(next - 1)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
}
