// What agents did with tools in a room.
import type { Tool } from '@parley/protocol'
import { useMemo } from 'react'
import { useRoom } from './use-room.ts'

/** Oldest first; the same list until a tool begins or ends. */
export function useTools(id: string): readonly Tool[] {
  const { tools } = useRoom(id)
  return useMemo(() => [...tools.values()], [tools])
}
