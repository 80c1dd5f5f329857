// The small words that all others are made of: ids, authors, JSON, priorities, positions.

declare const brand: unique symbol

/** A room's name, checked by {@link roomId}: 1 to 128 characters of `A-Z a-z 0-9 _ . : @ # * ~ + = ! $ -`. Nothing in it is a pattern. */
export type RoomId = string & { readonly [brand]: 'room' }

/** An id that its author chose, unique among that author's ids in a room: 1 to 128 of `A-Z a-z 0-9 _ . : -`. */
export type MessageId = string

/** An id of a run, unique in its room. */
export type RunId = string

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Who said it. `id` is unique per user or agent; `kind` and `name` are stamped by the server, never taken from a client. */
export interface Author {
  readonly id: string
  readonly kind: 'user' | 'agent' | 'system'
  readonly name?: string
}

/** The author and nothing else: whoever speaks may be known for more than others should see, or a log should keep. */
export function authorOf({ id, kind, name }: Author): Author {
  return name === undefined ? { id, kind } : { id, kind, name }
}

/** 0 system critical, 1 high, 2 normal (default), 3 low, 4 background. Decides who goes first on a crowded wire; never reorders a room. */
export type Priority = 0 | 1 | 2 | 3 | 4

/** A place in a room's log: everything up to and including `seq` of the log called `epoch`. */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

const ROOM = /^[A-Za-z0-9_.:@#*~+=!$-]{1,128}$/
const LABEL = /^[A-Za-z0-9_.-]{1,64}$/
const ID = /^[A-Za-z0-9_.:-]{1,128}$/

/** The one door into {@link RoomId}. */
export function roomId(text: unknown): RoomId | undefined {
  return typeof text === 'string' && ROOM.test(text) ? (text as RoomId) : undefined
}

export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID.test(text)
}

const SESSION = /^session:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A private conversation of one user with an agent: `session:<uuid>`. Whoever opens it first owns it. */
export function isSession(room: RoomId): boolean {
  return SESSION.test(room)
}

/** For a `switch` over a union that must stay total. */
export function absurd(never: never): never {
  throw new Error(`not a member of the union: ${JSON.stringify(never)}`)
}

/** 1 to 64 characters of `A-Z a-z 0-9 _ . -`: what an app may name for itself, such as a task's status. */
export function isLabel(text: unknown): text is string {
  return typeof text === 'string' && LABEL.test(text)
}
