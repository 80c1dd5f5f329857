// Who is in a room, and what one says of oneself there.
import type { Present, Room, RoomPicture } from '@parley/client'
import { useMemo } from 'react'
import { useClient } from './provider.ts'
import { useRoom } from './use-room.ts'

export interface PresenceState extends Pick<RoomPicture, 'count'> {
  /** Those who are here, by name. In a large room there are more than these: `count` of them. */
  readonly members: readonly Present[]
  readonly setState: Room['setPresence']
}

export function usePresence(id: string): PresenceState {
  const { setPresence: setState } = useClient().room(id)
  const { members: all, count } = useRoom(id)
  const members = useMemo(() => [...all.values()].filter(({ here }) => here).toSorted(byName), [all])
  return { members, count, setState }
}

function byName({ user: one }: Present, { user: other }: Present): number {
  return (one.name ?? one.id).localeCompare(other.name ?? other.id)
}
