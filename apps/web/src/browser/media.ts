// What the screen and the network are like right now.
import { useSyncExternalStore } from 'react'

const narrow = matchMedia('(max-width: 52rem)')
const wide = matchMedia('(min-width: 72rem)')

/** Whether there is no room for the list beside the conversation. */
export function useNarrow(): boolean {
  return useMatch(narrow)
}

/** Whether there is room for one thing more beside the conversation and the list. */
export function useWide(): boolean {
  return useMatch(wide)
}

function useMatch(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (hear) => {
      query.addEventListener('change', hear)
      return () => query.removeEventListener('change', hear)
    },
    () => query.matches,
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

/** Whether anybody can see the page. */
export function useVisible(): boolean {
  return useSyncExternalStore(
    (hear) => {
      document.addEventListener('visibilitychange', hear)
      return () => document.removeEventListener('visibilitychange', hear)
    },
    () => document.visibilityState === 'visible',
  )
}
