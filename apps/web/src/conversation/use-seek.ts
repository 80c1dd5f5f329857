// Going to a message: history is loaded until it is there, and it is shown.
import type { RoomPicture } from '@parley/client'
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { standsFor } from './versions.ts'

/** Events of history asked for at once, and how often at most. */
const STRETCH = 250
const MOST = 20

export interface Sought {
  /** Key of the message. */
  readonly message: string
  /** Where it stands in the log, where that is known. */
  readonly seq?: number
}

interface Seeking {
  readonly picture: RoomPicture
  readonly scroller: RefObject<HTMLElement | null>
  /** Called before the view goes away from the end. */
  readonly onAway: () => void
  readonly onOlder: (limit: number) => Promise<boolean>
  /** Called when it was found, with true, or cannot be. */
  readonly onEnd: (found: boolean) => void
}

/** Returns the way to begin. Whoever seeks something else gives up what they sought before. */
export function useSeek({ picture, scroller, onAway, onOlder, onEnd }: Seeking): (sought: Sought) => void {
  const [sought, setSought] = useState<Sought>()
  const loads = useRef(0)
  const { messages, superseded, earlier, start, position } = picture

  useEffect(() => {
    if (sought === undefined || position === undefined) return
    const key = standsFor(sought.message, { messages, superseded })
    const line = key && scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)
    if (line) {
      onAway()
      show(line)
    } else if (earlier && loads.current < MOST && (sought.seq === undefined || sought.seq <= start)) {
      loads.current += 1
      onOlder(STRETCH).catch(() => setSought(undefined))
      return
    }
    setSought(undefined)
    onEnd(Boolean(line))
  }, [sought, messages, superseded, earlier, start, position, scroller, onAway, onOlder, onEnd])

  return useCallback((next) => {
    loads.current = 0
    setSought({ ...next })
  }, [])
}

/** It takes the focus, so that it is read and marked, until that goes elsewhere. */
function show(line: HTMLElement): void {
  line.tabIndex = -1
  line.focus({ preventScroll: true })
  line.addEventListener('blur', () => line.removeAttribute('tabindex'), { once: true })
  line.scrollIntoView({ block: 'center' })
  // What was far from the screen gets its true height only now.
  requestAnimationFrame(() => line.scrollIntoView({ block: 'center' }))
}
