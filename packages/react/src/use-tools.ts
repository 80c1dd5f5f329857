// The tools that agents used in a room, in order.
import type { Tool } from '@parley/protocol'
import { useMemo } from 'react'
import { useRoom } from './use-room.ts'

export function useTools(id: string): readonly Tool[] {
  const { tools } = useRoom(id).timeline
  return useMemo(() => [...tools.values()], [tools])
}
