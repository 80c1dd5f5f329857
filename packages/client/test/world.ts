// A client, a server and the time between them.
import type { Part } from '@parley/protocol'
import { type Chance, type Client, connect, type Options, type RoomPicture } from '../src/index.ts'
import { Server } from './server.ts'
import { Time } from './time.ts'

export interface World {
  readonly time: Time
  readonly server: Server
  readonly client: Client
  /** Another client of the same server and time. */
  another(options?: Options): Client
}

export function world(options: Options = {}): World {
  const time = new Time()
  const server = new Server(time)
  let ids = 0
  const chance: Chance = { float: () => 0.5, uuid: () => `id-${++ids}` }
  const another = (more: Options = {}): Client =>
    connect('ws://parley.test/api/ws', { dial: server.dial, clock: time, chance, ...more })
  return { time, server, another, client: another(options) }
}

export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** What a room shows: its messages, then what is pending as `state:text`. */
export function shown(picture: RoomPicture): string[] {
  return [
    ...picture.messages.map((message) => textOf(message.parts)),
    ...picture.pending.map((post) => `${post.state}:${textOf(post.parts)}`),
  ]
}
