// A finger that goes sideways over something, to the next or back to the one before.
import { type PointerEvent, useRef } from 'react'

/** Shorter is a touch. */
const LEAST_PX = 48

interface Swipe {
  readonly onPointerDown: (event: PointerEvent) => void
  readonly onPointerUp: (event: PointerEvent) => void
}

/** `go` is called with 1 for the next, -1 for the one before. */
export function useSwipe(go: (by: 1 | -1) => void): Swipe {
  const from = useRef<{ readonly x: number; readonly y: number }>(undefined)
  return {
    onPointerDown({ pointerType, isPrimary, clientX: x, clientY: y }) {
      // A second finger enlarges.
      from.current = pointerType === 'touch' && isPrimary ? { x, y } : undefined
    },
    onPointerUp({ clientX, clientY }) {
      if (from.current === undefined) return
      const [right, down] = [clientX - from.current.x, clientY - from.current.y]
      from.current = undefined
      if (Math.abs(right) > LEAST_PX && Math.abs(right) > 2 * Math.abs(down)) go(right < 0 ? 1 : -1)
    },
  }
}
