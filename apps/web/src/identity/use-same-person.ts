// Starts the page anew when it is no longer the same person who uses it: nothing of the one before may stay.
import { useEffect, useRef } from 'react'
import type { Known, Who } from './identity.ts'

export function useSamePerson(who: Who, welcomed: boolean): void {
  const first = useRef<Known>(undefined)
  useEffect(() => {
    // Only somebody whom the server has welcomed can be replaced; a refused token may just be renewed.
    if (who.at === 'known' && welcomed) first.current ??= who
    if (first.current !== undefined && isSomebodyElse(first.current, who)) location.reload()
  }, [who, welcomed])
}

/** Another tab, or this one, may have signed in or out. A guest without a token becomes one again, without help. */
function isSomebodyElse(before: Known, now: Who): boolean {
  if (now.at === 'known') return before.bearer?.id !== now.bearer?.id
  return now.at === 'unknown' && !before.guest
}
