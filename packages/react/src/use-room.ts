// A room and its picture. The room is joined while a component uses it.
import type { Room, RoomPicture } from '@parley/client'
import { useSyncExternalStore } from 'react'
import { useClient } from './provider.ts'

export interface RoomView {
  readonly room: Room
  readonly timeline: RoomPicture
}

export function useRoom(id: string): RoomView {
  const room = useClient().room(id)
  const timeline = useSyncExternalStore(
    room.subscribe,
    () => room.timeline,
    () => room.initial,
  )
  return { room, timeline }
}
