// The key that opens the search from everywhere.
import { useEffect } from 'react'

const apple = /Mac|iPhone|iPad/u.test(navigator.userAgent)

/** How the key is written on this machine. */
export const shortcut = apple ? '⌘K' : 'Ctrl K'

export function useShortcut(act: () => void): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const held = apple ? event.metaKey : event.ctrlKey
      if (!held || event.shiftKey || event.altKey || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', hear)
    return () => removeEventListener('keydown', hear)
  }, [act])
}
