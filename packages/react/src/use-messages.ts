// The conversation in a room, and what can be done about it.
import type { Room, RoomPicture } from '@parley/client'
import { useMemo } from 'react'
import { useClient } from './provider.ts'
import { useRoom } from './use-room.ts'

/** The functions stay the same as long as the room does. */
export interface Messages
  extends Pick<RoomPicture, 'messages' | 'pending' | 'earlier' | 'loadingOlder'>,
    Pick<
      Room,
      'post' | 'reply' | 'edit' | 'editMessage' | 'redact' | 'react' | 'regenerate' | 'retry' | 'discard' | 'older'
    > {}

export interface MessagesOptions {
  /** True: also the messages that others have replaced, which have `supersededBy`. Default: false. */
  readonly superseded?: boolean
}

export function useMessages(id: string, { superseded = false }: MessagesOptions = {}): Messages {
  const room = useClient().room(id)
  const { messages: all, pending, earlier, loadingOlder } = useRoom(id)
  const messages = useMemo(
    () => (superseded ? all : all.filter(({ supersededBy }) => supersededBy === undefined)),
    [all, superseded],
  )
  const { post, reply, edit, editMessage, redact, react, regenerate, retry, discard, older } = room
  const can = { post, reply, edit, editMessage, redact, react, regenerate, retry, discard, older }
  return { messages, pending, earlier, loadingOlder, ...can }
}
