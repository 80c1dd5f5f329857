// How many messages of a room are on their way.
import type { Client } from '@parley/client'
import type { RoomId } from '@parley/protocol'
import { useCallback, useSyncExternalStore } from 'react'

export function useQueued(client: Client, id: RoomId | undefined): number {
  const room = id === undefined ? undefined : client.room(id)
  const subscribe = useCallback((hear: () => void) => room?.subscribe(hear) ?? (() => undefined), [room])
  return useSyncExternalStore(subscribe, () => room?.timeline.pending.filter(isQueued).length ?? 0)
}

function isQueued({ state }: { readonly state: string }): boolean {
  return state !== 'refused'
}
