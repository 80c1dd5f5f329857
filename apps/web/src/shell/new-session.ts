// A private conversation that nobody has opened yet.
import { type RoomId, roomId } from '@parley/protocol'
import { uuid } from '../browser/uuid.ts'

export function newSession(): RoomId {
  const room = roomId(`session:${uuid()}`)
  if (room === undefined) throw new Error('a UUID that is no part of a room id')
  return room
}
