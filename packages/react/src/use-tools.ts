// What agents do with tools in a room, and what can be done about it.
import { type Room, type ToolPicture, toolsOf } from '@parley/client'
import { useMemo } from 'react'
import { useClient } from './provider.ts'
import { useRoom } from './use-room.ts'

/** The same object until a tool begins, goes on or ends. */
export interface Tools extends Pick<Room, 'approve' | 'cancel'> {
  /** All that the picture tells of, oldest first; those at work with their latest progress. */
  readonly tools: readonly ToolPicture[]
  /** Those that wait for somebody to allow them. */
  readonly asking: readonly ToolPicture[]
}

export function useTools(id: string): Tools {
  const { approve, cancel } = useClient().room(id)
  const { tools, progress } = useRoom(id)
  return useMemo(() => {
    const all = toolsOf({ tools, progress })
    return { tools: all, asking: all.filter(({ state }) => state === 'asking'), approve, cancel }
  }, [tools, progress, approve, cancel])
}
