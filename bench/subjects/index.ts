// All servers that are measured.
import type { Scale } from '../work.ts'
import { floor } from './floor.ts'
import { parley } from './parley.ts'
import { bun, fastifyWebsocket, socketIo, ws } from './relay.ts'
import type { Subject } from './subject.ts'

/** A quick run leaves out those that are like others: Fastify's sockets are of `ws`, and Bun is near the floor. */
export function subjectsFor({ name }: Scale): readonly Subject[] {
  return name === 'quick' ? [parley, ws, socketIo, floor] : [parley, ws, fastifyWebsocket, socketIo, bun, floor]
}
