// Where a growing conversation stands on the screen: at its end, unless its reader has scrolled away.
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'

/** Nobody is so exact: this close to the end counts as the end. */
const NEAR_PX = 32

export interface Scroll {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly content: RefObject<HTMLDivElement | null>
  /** Whether the view follows the end. */
  readonly following: boolean
  readonly toEnd: () => void
  /** The view goes somewhere else. */
  readonly away: () => void
  readonly onScroll: () => void
}

export function useScroll(): Scroll {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  const last = useRef(0)
  const [following, setFollowing] = useState(true)

  const follow = useCallback((yes: boolean) => {
    follows.current = yes
    setFollowing(yes)
  }, [])

  const toEnd = useCallback(() => {
    const view = scroller.current
    if (view === null) return
    view.scrollTop = view.scrollHeight
    last.current = view.scrollTop
    follow(true)
  }, [follow])

  const away = useCallback(() => follow(false), [follow])

  const onScroll = useCallback(() => {
    const view = scroller.current
    if (view === null) return
    const away = view.scrollHeight - view.clientHeight - view.scrollTop
    // Growth moves the end away too; only going up means leaving it.
    if (away <= NEAR_PX) follow(true)
    else if (view.scrollTop < last.current) follow(false)
    last.current = view.scrollTop
  }, [follow])

  useLayoutEffect(() => {
    const [view, lines] = [scroller.current, content.current]
    if (view === null || lines === null) return
    // The arrow keys scroll what has the focus.
    view.tabIndex = 0
    const observer = new ResizeObserver(() => follows.current && toEnd())
    observer.observe(view)
    observer.observe(lines)
    toEnd()
    return () => observer.disconnect()
  }, [toEnd])

  return { scroller, content, following, toEnd, away, onScroll }
}
