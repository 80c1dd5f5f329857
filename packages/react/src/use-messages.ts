// The conversation in a room, and what can be done about it.
import type { Room, RoomPicture } from '@parley/client'
import { useClient } from './provider.ts'
import { useRoom } from './use-room.ts'

/** The functions stay the same as long as the room does. */
export interface Messages
  extends Pick<RoomPicture, 'messages' | 'pending' | 'earlier' | 'loadingOlder'>,
    Pick<Room, 'post' | 'retry' | 'discard' | 'older'> {}

export function useMessages(id: string): Messages {
  const { post, retry, discard, older } = useClient().room(id)
  const { messages, pending, earlier, loadingOlder } = useRoom(id)
  return { messages, pending, earlier, loadingOlder, post, retry, discard, older }
}
