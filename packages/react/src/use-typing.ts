// Who is writing in a room, and that one does oneself.
import type { RoomPicture } from '@parley/client'
import { useMemo } from 'react'
import { useClient } from './provider.ts'
import { useRoom } from './use-room.ts'

/** The functions stay the same as long as the room does. */
export interface TypingState extends Pick<RoomPicture, 'typing'> {
  /** To be called at each keystroke. */
  readonly keystroke: () => void
  /** One has stopped without posting. */
  readonly stop: () => void
}

export function useTyping(id: string): TypingState {
  const { typing: say } = useClient().room(id)
  const { typing } = useRoom(id)
  const told = useMemo(() => ({ keystroke: () => say(true), stop: () => say(false) }), [say])
  return { typing, ...told }
}
