// A room's picture. The room is joined while a component shows it.
import type { RoomPicture } from '@parley/client'
import { useSyncExternalStore } from 'react'
import { useClient } from './provider.ts'

/** Throws a `Refusal` when `id` cannot be the id of a room. */
export function useRoom(id: string): RoomPicture {
  const room = useClient().room(id)
  return useSyncExternalStore(
    room.subscribe,
    () => room.timeline,
    () => room.initial,
  )
}
