// How the connection is.
import type { ClientState } from '@parley/client'
import { useSyncExternalStore } from 'react'
import { useClient } from './provider.ts'

export function useConnection(): ClientState {
  const client = useClient()
  return useSyncExternalStore(
    client.subscribe,
    () => client.state,
    () => client.initial,
  )
}
