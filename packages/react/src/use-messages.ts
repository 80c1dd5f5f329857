// What was said in a room, what waits to be said, and the ways to say and to read more.
import type { Pending, Room } from '@parley/client'
import type { Message } from '@parley/protocol'
import { useRoom } from './use-room.ts'

export interface MessagesView extends Pick<Room, 'post' | 'retry' | 'discard' | 'older'> {
  readonly messages: readonly Message[]
  readonly pending: readonly Pending[]
  /** Whether there is history before the first message; `older` loads it. */
  readonly earlier: boolean
}

export function useMessages(id: string): MessagesView {
  const { room, timeline } = useRoom(id)
  const { messages, pending, earlier } = timeline
  const { post, retry, discard, older } = room
  return { messages, pending, earlier, post, retry, discard, older }
}
