// The rooms in the list: what the server knows, what was joined from this browser, and the one that is open.
import { isSession, type RoomId, type RoomSummary, roomId } from '@parley/protocol'
import { storage } from '../browser/storage.ts'

export interface Listed {
  readonly room: RoomId
  readonly title: string
  /** Messages of others that were not read. */
  readonly unread: number
}

export interface Lists {
  /** One's own, newest first. */
  readonly sessions: readonly Listed[]
  readonly shared: readonly Listed[]
}

export function listsOf(summaries: readonly RoomSummary[], joined: readonly RoomId[], open: RoomId | undefined): Lists {
  const known = new Set(summaries.map(({ room }) => room))
  const more = [...new Set(open === undefined ? joined : [open, ...joined])].filter((room) => !known.has(room))
  const listed = [
    ...more.filter(isSession).map((room) => ({ room, title: titleOf(room, undefined), unread: 0 })),
    ...summaries.map(({ room, title, unread = 0 }) => ({ room, title: titleOf(room, title), unread })),
    ...more.filter((room) => !isSession(room)).map((room) => ({ room, title: room, unread: 0 })),
  ]
  return {
    sessions: listed.filter(({ room }) => isSession(room)),
    shared: listed.filter(({ room }) => !isSession(room)),
  }
}

export function titleOf(room: RoomId, title: string | undefined): string {
  if (!isSession(room)) return room
  return title === undefined || title.trim() === '' ? 'New conversation' : title
}

const KEY = 'parley.joined'
const first: readonly string[] = ['lobby']

/** Shared rooms that were opened from this browser; at first the lobby. */
export function joinedRooms(): readonly RoomId[] {
  return read().flatMap((id) => roomId(id) ?? [])
}

export function rememberJoined(room: RoomId): void {
  const rooms = read()
  if (!isSession(room) && !rooms.includes(room)) storage.setItem(KEY, JSON.stringify([...rooms, room]))
}

function read(): readonly unknown[] {
  try {
    const rooms: unknown = JSON.parse(storage.getItem(KEY) ?? '')
    return Array.isArray(rooms) ? rooms : first
  } catch {
    return first
  }
}

const LAST = 'parley.last'

/** Where somebody was before, for when the server can't be asked. */
export function lastRoom(): RoomId | undefined {
  return roomId(storage.getItem(LAST))
}

export function rememberLast(room: RoomId): void {
  storage.setItem(LAST, room)
}
