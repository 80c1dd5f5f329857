// The agents at work in a room, now and before.
import type { Room } from '@parley/client'
import type { Run } from '@parley/protocol'
import { useMemo } from 'react'
import { useClient } from './provider.ts'
import { useRoom } from './use-room.ts'

export interface Runs extends Pick<Room, 'cancel' | 'steer' | 'regenerate'> {
  /** All that the picture tells of, oldest first. */
  readonly runs: readonly Run[]
  /** Those that have not ended. */
  readonly active: readonly Run[]
}

export function useRuns(id: string): Runs {
  const { cancel, steer, regenerate } = useClient().room(id)
  const { runs } = useRoom(id)
  return useMemo(() => {
    const all = [...runs.values()]
    const active = all.filter(({ state }) => state === 'running' || state === 'cancelling')
    return { runs: all, active, cancel, steer, regenerate }
  }, [runs, cancel, steer, regenerate])
}
