// A webhook as it is set, checked: where it is, what it wants to be told, and what it is called in the log.
import { createHash } from 'node:crypto'
import { type Event, type RoomId, roomId } from '@parley/protocol'
import { SettingError } from './options.ts'
import { type HookEvent, isHookEvent, STANDARD } from './webhooks-events.ts'

export interface Webhook {
  /** `https:` or `http:`. No two webhooks have the same one: it is what the log remembers them by. */
  readonly url: string
  /** Signs what is sent; at least 16 characters. */
  readonly secret: string
  /** Default: `message.posted`, `message.closed`, `run.ended` and `task.set`. */
  readonly events?: readonly HookEvent[]
  /** Room ids or `prefix*`. Default: all rooms. */
  readonly rooms?: readonly string[]
}

export interface Hook {
  readonly url: string
  readonly secret: string
  /** What the journal calls it: addresses may hold secrets. */
  readonly host: string
  /** What the log calls it: a reader by this name, and a room. */
  readonly name: RoomId
  wants(room: RoomId, event: Event): boolean
}

/** Throws a {@link SettingError} for what cannot be. */
export function hooksOf(webhooks: readonly Webhook[]): readonly Hook[] {
  if (new Set(webhooks.map(({ url }) => url)).size < webhooks.length)
    throw new SettingError('two webhooks have the same address; give one of them all events')
  return webhooks.map(hookOf)
}

function hookOf({ url, secret, events = STANDARD, rooms }: Webhook): Hook {
  const place = URL.parse(url)
  if (place === null || !/^https?:$/u.test(place.protocol) || place.username !== '' || place.password !== '')
    throw new SettingError('the address of a webhook begins with https:// or http:// and holds no password')
  if (secret.length < 16) throw new SettingError('the secret of a webhook has at least 16 characters')
  const unknown = events.find((name) => !isHookEvent(name))
  if (unknown !== undefined) throw new SettingError(`a webhook cannot be told of "${unknown}"`)
  const types = new Set<string>(events)
  return {
    url,
    secret,
    host: place.host,
    name: nameFor(url),
    wants: (room, { fact }) => types.has(fact.type) && (rooms === undefined || rooms.some((one) => covers(one, room))),
  }
}

function covers(pattern: string, room: RoomId): boolean {
  return pattern.endsWith('*') ? room.startsWith(pattern.slice(0, -1)) : room === pattern
}

function nameFor(url: string): RoomId {
  const id = roomId(`webhook:${createHash('sha256').update(url).digest('base64url').slice(0, 22)}`)
  if (id === undefined) throw new Error('a hash is part of a room id')
  return id
}
