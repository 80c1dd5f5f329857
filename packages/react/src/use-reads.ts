// How far everybody has read in a room.
import type { Room, RoomPicture } from '@parley/client'
import type { Message } from '@parley/protocol'
import { useCallback } from 'react'
import { useClient } from './provider.ts'
import { useRoom } from './use-room.ts'

export interface Reads extends Pick<RoomPicture, 'reads'>, Pick<Room, 'read'> {
  /** Ids of those, besides its author, who have read a message. */
  readonly seenBy: (message: Pick<Message, 'seq' | 'by'>) => readonly string[]
}

export function useReads(id: string): Reads {
  const { read } = useClient().room(id)
  const { reads } = useRoom(id)
  const seenBy = useCallback<Reads['seenBy']>(
    ({ seq, by }) => [...reads].flatMap(([user, upTo]) => (upTo >= seq && user !== by.id ? [user] : [])),
    [reads],
  )
  return { reads, read, seenBy }
}
