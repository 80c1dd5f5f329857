// What people type after a flag, as the value it means. Each throws InvalidArgumentError in words for them.

import { isId, isSession, type Position, type RoomId, roomId } from '@parley/protocol'
import type { Action, Grant } from '@parley/server'
import { InvalidArgumentError } from 'commander'

const UNITS_MS = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** `250ms`, `30s`, `15m`, `1h`, `7d`, in milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text) ?? []
  const length = Number(amount) * (UNITS_MS.get(unit) ?? Number.NaN)
  if (Number.isFinite(length) && length > 0) return length
  throw new InvalidArgumentError('A duration is a number and a unit: 250ms, 30s, 15m, 1h or 7d.')
}

export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535; 0 takes any free one.')
}

/** How many of something, at least `least`. */
export function parseCount(least: number): (text: string) => number {
  return (text) => {
    const count = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= least) return count
    throw new InvalidArgumentError(`It must be a whole number, at least ${least}.`)
  }
}

export const ROOM_RULE = 'A room is named with 1 to 128 of the characters A-Z a-z 0-9 _ . : @ # * ~ + = ! $ -'

export function parseRoom(text: string): RoomId {
  const room = roomId(text)
  if (room !== undefined) return room
  throw new InvalidArgumentError(ROOM_RULE)
}

export function parseId(text: string): string {
  if (isId(text)) return text
  throw new InvalidArgumentError('An id has 1 to 128 of the characters A-Z a-z 0-9 _ . : -')
}

/** A new private conversation. */
export function newSession(uuid: string): RoomId {
  const room = roomId(`session:${uuid}`)
  if (room === undefined || !isSession(room)) throw new Error(`not the uuid of a session: ${uuid}`)
  return room
}

/** `Name: value`, gathered over several uses of the flag. */
export function parseHeader(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*?)\s*$/.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError("A header is written 'Name: value', in quotes.")
  return { ...before, [name]: value }
}

const ACTIONS: readonly Action[] = ['read', 'write', 'run', 'manage']

/** `lobby`, `team:*` (all actions) or `lobby:read,write`; gathered over several uses of the flag. */
export function parseGrant(text: string, before: readonly Grant[] = []): readonly Grant[] {
  const colon = text.lastIndexOf(':')
  const named = colon < 0 ? [] : text.slice(colon + 1).split(',')
  const some = named.length > 0 && named.some((name) => ACTIONS.some((action) => action === name))
  if (!some) return [...before, { room: parseRoom(text), can: ACTIONS }]
  const can = ACTIONS.filter((action) => named.includes(action))
  const strange = named.find((name) => !ACTIONS.some((action) => action === name))
  if (strange === undefined) return [...before, { room: parseRoom(text.slice(0, colon)), can }]
  throw new InvalidArgumentError(`'${strange}' is not an action; they are ${ACTIONS.join(', ')}.`)
}

/** `<epoch>/<seq>` */
export function parsePosition(text: string): Position {
  const [, epoch, seq] = /^(.{1,64})\/(\d{1,15})$/.exec(text) ?? []
  if (epoch !== undefined && seq !== undefined) return { epoch, seq: Number(seq) }
  throw new InvalidArgumentError('A position is written <epoch>/<seq>, as `parley send` prints it.')
}
