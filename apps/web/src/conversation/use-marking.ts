// Tells the room that it was read, when its end has been in sight for a moment.
import type { Room } from '@parley/client'
import { useEffect } from 'react'
import { useVisible } from '../browser/media.ts'

/** Nobody reads faster. */
const GLANCE_MS = 600

/**
 * @param latest seq of the last message
 * @param following whether the end is in sight
 * @param onMark called right before it is told
 */
export function useMarking(room: Room, latest: number | undefined, following: boolean, onMark: () => void): void {
  const visible = useVisible()
  useEffect(() => {
    if (latest === undefined || !following || !visible) return
    const timer = setTimeout(() => {
      onMark()
      room.read(latest)
    }, GLANCE_MS)
    return () => clearTimeout(timer)
  }, [room, latest, following, visible, onMark])
}
