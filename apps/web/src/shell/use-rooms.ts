// The server's list of rooms, asked again whenever it may have changed.
import type { Client } from '@parley/client'
import type { RoomSummary } from '@parley/protocol'
import { useCallback, useEffect, useRef, useState } from 'react'

/** Several reasons to ask within this time are one. */
const PAUSE_MS = 250
/** What is said in rooms that are not open is only told when asked for. */
const AGAIN_MS = 20_000

export interface Rooms {
  /** Undefined until the server has told. */
  readonly summaries: readonly RoomSummary[] | undefined
  readonly refresh: () => void
}

export function useRooms(client: Client, connected: boolean): Rooms {
  const [summaries, setSummaries] = useState<readonly RoomSummary[]>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const ask = useCallback(() => {
    // Without a connection the last list stands; the next one is asked for when there is one again.
    client.rooms().then(setSummaries, () => undefined)
  }, [client])

  const refresh = useCallback(() => {
    clearTimeout(timer.current)
    timer.current = setTimeout(ask, PAUSE_MS)
  }, [ask])

  useEffect(() => {
    if (!connected) return
    ask()
    const again = setInterval(() => document.visibilityState === 'visible' && refresh(), AGAIN_MS)
    addEventListener('focus', refresh)
    return () => {
      clearInterval(again)
      clearTimeout(timer.current)
      removeEventListener('focus', refresh)
    }
  }, [connected, ask, refresh])

  return { summaries, refresh }
}
