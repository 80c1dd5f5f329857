// Where somebody left off: everything after it is new to them, until they say something or come again.
import { useCallback, useEffect, useRef, useState } from 'react'

interface LeftOff {
  /** Everything after this seq is new; undefined: nothing is. */
  readonly since: number | undefined
  /** They read on: what is told of that from now on is not where they left off. */
  readonly readsOn: () => void
  /** They have caught up. */
  readonly caughtUp: () => void
}

/** @param read the seq up to which they have read, as far as that is known */
export function useLeftOff(read: number | undefined): LeftOff {
  const [since, setSince] = useState<number>()
  const known = useRef(false)
  const latest = useRef(read)
  latest.current = read

  useEffect(() => {
    if (read === undefined || known.current) return
    known.current = true
    setSince(read)
  }, [read])

  useEffect(() => {
    const hear = () => {
      if (document.visibilityState === 'hidden' && latest.current !== undefined) setSince(latest.current)
    }
    document.addEventListener('visibilitychange', hear)
    return () => document.removeEventListener('visibilitychange', hear)
  }, [])

  const readsOn = useCallback(() => {
    known.current = true
  }, [])
  return { since, readsOn, caughtUp: useCallback(() => setSince(undefined), []) }
}
