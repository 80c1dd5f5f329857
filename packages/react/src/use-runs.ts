// The agents at work in a room, and the way to stop them.
import type { Room } from '@parley/client'
import type { Run } from '@parley/protocol'
import { useMemo } from 'react'
import { useRoom } from './use-room.ts'

export interface RunsView extends Pick<Room, 'cancel'> {
  /** Every run that the picture holds, in order. */
  readonly runs: readonly Run[]
  /** Those that have not ended. */
  readonly active: readonly Run[]
}

export function useRuns(id: string): RunsView {
  const { room, timeline } = useRoom(id)
  return useMemo(() => {
    const runs = [...timeline.runs.values()]
    const active = runs.filter(({ state }) => state === 'running' || state === 'cancelling')
    return { runs, active, cancel: room.cancel }
  }, [timeline.runs, room])
}
