// Moments at which a browser's connection is worth a look: the network is back, or somebody looks at the page again.
import type { Stop } from './seams.ts'

/** Calls `run` at each such moment. Outside of browsers there is none. */
export function onWakeUp(run: () => void): Stop {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {}
  const shown = (): void => {
    if (document.visibilityState === 'visible') run()
  }
  window.addEventListener('online', run)
  window.addEventListener('pageshow', run)
  document.addEventListener('visibilitychange', shown)
  return () => {
    window.removeEventListener('online', run)
    window.removeEventListener('pageshow', run)
    document.removeEventListener('visibilitychange', shown)
  }
}
