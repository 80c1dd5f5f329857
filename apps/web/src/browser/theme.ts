// Light, dark, or as the system says. `theme.js` sets the chosen one before the first paint.
import { useSyncExternalStore } from 'react'
import { storage } from './storage.ts'

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'parley.theme'
const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }
const hearers = new Set<() => void>()

function theme(): Theme {
  const kept = storage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export function turnTheme(): void {
  const chosen = next[theme()]
  if (chosen === 'system') storage.removeItem(KEY)
  else storage.setItem(KEY, chosen)
  show()
}

/** Also called for what another tab has chosen. */
function show(): void {
  const chosen = theme()
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
  for (const hear of hearers) hear()
}

function subscribe(hear: () => void): () => void {
  hearers.add(hear)
  addEventListener('storage', show)
  return () => {
    hearers.delete(hear)
    if (hearers.size === 0) removeEventListener('storage', show)
  }
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, theme)
}
