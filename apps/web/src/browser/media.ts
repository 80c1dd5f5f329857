// What the screen and the network are like right now.
import { useSyncExternalStore } from 'react'

const narrow = matchMedia('(max-width: 52rem)')

/** Whether there is no room for the list beside the conversation. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (hear) => {
      narrow.addEventListener('change', hear)
      return () => narrow.removeEventListener('change', hear)
    },
    () => narrow.matches,
  )
}

/** False only where the browser is sure of it. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    (hear) => {
      addEventListener('online', hear)
      addEventListener('offline', hear)
      return () => {
        removeEventListener('online', hear)
        removeEventListener('offline', hear)
      }
    },
    () => navigator.onLine,
  )
}
