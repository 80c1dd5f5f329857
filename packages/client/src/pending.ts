// The posts of one room on their way into its log, as a list in the order they were said. Pure: each step gives the next list.
import type { Json, Part, Position, Priority, Problem, RoomId, RunId } from '@parley/protocol'

/** A post that is not known to be in the room's picture yet. */
export interface Pending {
  readonly id: string
  readonly parts: readonly Part[]
  /** The run that it corrects, where that can still be done. */
  readonly steers?: RunId
  /** Id of the user's earlier message that it says better. */
  readonly supersedes?: string
  /** Key of the message that it answers. */
  readonly replyTo?: string
  /** Ids of users and agents who are meant. */
  readonly mentions?: readonly string[]
  /** When it was said, ms since 1970 by the client's clock. */
  readonly at: number
  /**
   * `waiting`: not on the wire, or lost with a connection; it will be sent, again with the same id.
   * `sent`: on the wire, or accepted and about to appear. `refused`: kept with what was typed, until retry or discard.
   */
  readonly state: 'waiting' | 'sent' | 'refused'
  /** Why it was refused. */
  readonly problem?: Problem
}

/** What somebody said, and what became of it as far as that must outlive the client. */
export interface Said {
  readonly room: RoomId
  readonly id: string
  readonly parts: readonly Part[]
  readonly at: number
  readonly priority?: Priority
  readonly meta?: { readonly [key: string]: Json }
  readonly steers?: RunId
  readonly supersedes?: string
  readonly replyTo?: string
  readonly mentions?: readonly string[]
  /** Present: it was refused. */
  readonly problem?: Problem
}

/** A post on its way. The list it is in has the order in which its posts were said. */
export interface Entry extends Said, Pending {
  /** Where it stands in the log; present once it was accepted. */
  readonly position?: Position
}

export type Entries = readonly Entry[]

export function entryOf(said: Said): Entry {
  return { ...said, state: said.problem === undefined ? 'waiting' : 'refused' }
}

export interface Next {
  readonly entry: Entry
  /** The post before it that is on the wire and not answered: the server takes the next only if it takes this one. */
  readonly after: string | undefined
}

/** The post that goes on the wire next, if one more may: never past one that waits before it. */
export function nextToSend(entries: Entries, window: number): Next | undefined {
  let onWire = 0
  let after: string | undefined
  for (const entry of entries) {
    if (entry.state === 'waiting') return onWire < window ? { entry, after } : undefined
    if (!isUnanswered(entry)) continue
    onWire += 1
    after = entry.id
  }
  return undefined
}

/** Whether some post may still have to be sent, or to be seen in the room. */
export function isUnsettled(entries: Entries): boolean {
  return entries.some((entry) => entry.state !== 'refused')
}

export function find(entries: Entries, id: string): Entry | undefined {
  return entries.find((entry) => entry.id === id)
}

export function without(entries: Entries, id: string): Entries {
  const rest = entries.filter((entry) => entry.id !== id)
  return rest.length === entries.length ? entries : rest
}

export function sent(entries: Entries, id: string): Entries {
  return change(entries, id, (entry) => ({ ...entry, state: 'sent' }))
}

/** Refused for now: it keeps its place and goes first when it may be sent again. */
export function postponed(entries: Entries, id: string): Entries {
  return change(entries, id, (entry) => ({ ...entry, state: 'waiting' }))
}

export function accepted(entries: Entries, id: string, position: Position): Entries {
  return change(entries, id, (entry) => ({ ...entry, state: 'sent', position }))
}

export function refused(entries: Entries, id: string, problem: Problem): Entries {
  return change(entries, id, (entry) => ({ ...entry, state: 'refused', problem }))
}

/** The connection is gone: of what was sent and not answered nothing is known. */
export function lost(entries: Entries): Entries {
  if (!entries.some(isUnanswered)) return entries
  return entries.map((entry) => (isUnanswered(entry) ? { ...entry, state: 'waiting' } : entry))
}

/** Without those that were accepted and are seen. */
export function unseen(entries: Entries, seen: (position: Position) => boolean): Entries {
  const isSeen = (entry: Entry): boolean => entry.position !== undefined && seen(entry.position)
  return entries.some(isSeen) ? entries.filter((entry) => !isSeen(entry)) : entries
}

function isUnanswered(entry: Entry): boolean {
  return entry.state === 'sent' && entry.position === undefined
}

function change(entries: Entries, id: string, how: (entry: Entry) => Entry): Entries {
  const index = entries.findIndex((entry) => entry.id === id)
  const entry = entries[index]
  return entry === undefined ? entries : entries.with(index, how(entry))
}
