// The way in: on to the latest conversation, or a new one.
import { isSession, type RoomSummary } from '@parley/protocol'
import { useEffect } from 'react'
import { go, pathOf } from '../browser/route.ts'
import { newSession } from './new-session.ts'
import { lastRoom } from './rooms.ts'

/** Nobody waits longer than this for a server before they can write. */
const PATIENCE_MS = 2_500

export function useWayIn(home: boolean, summaries: readonly RoomSummary[] | undefined): void {
  useEffect(() => {
    if (!home) return
    if (summaries !== undefined) {
      const latest = summaries.find(({ room }) => isSession(room))?.room
      return go(pathOf(latest ?? newSession()), 'replace')
    }
    const timer = setTimeout(() => go(pathOf(lastRoom() ?? newSession()), 'replace'), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [home, summaries])
}
