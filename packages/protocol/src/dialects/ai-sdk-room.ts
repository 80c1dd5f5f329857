// Where a chat of the AI SDK is: its ids are chosen by applications, so they name a place only together with whose they are.
import { isId, isSession, type MessageId, type RoomId, roomId } from '../words.ts'
import { nameUuid } from './name-uuid.ts'

/**
 * The session room of a chat. A UUID is the session's own: a link to it can be shared with those whose token grants it,
 * and for everybody else it is its owner's alone. Any other id ("main", "1", what `useChat` makes up) is easily chosen by
 * two people: of those the room is named after the user and the chat, so that no two users ever meet in one, and the same
 * user finds the same chat with any client, whatever transport it uses.
 */
export function chatRoom(actor: string, chat: string): RoomId {
  const own = roomId(`session:${chat.toLowerCase()}`)
  return own !== undefined && isSession(own) ? own : (`session:${nameUuid(JSON.stringify([actor, chat]))}` as RoomId)
}

/** The id under which a message of a chat is posted: its own, where that is an id, else one that it always gives. */
export function chatMessageId(id: string): MessageId {
  return isId(id) ? id : nameUuid(id)
}
