// The address bar: `/r/<room id>` shows a room, `/docs/<document>` a document, everything else is the way in.
import { type RoomId, roomId } from '@parley/protocol'
import { useSyncExternalStore } from 'react'

export type Route =
  | { readonly at: 'home' }
  | { readonly at: 'room'; readonly room: RoomId }
  | { readonly at: 'document'; readonly document: string }
  | { readonly at: 'nowhere' }

export function routeOf(pathname: string): Route {
  if (pathname.startsWith('/docs/')) return { at: 'document', document: pathname.slice('/docs/'.length) }
  const [, id] = /^\/r\/([^/]+)\/?$/.exec(pathname) ?? []
  if (id === undefined) return { at: pathname === '/' ? 'home' : 'nowhere' }
  const room = roomId(decoded(id))
  return room === undefined ? { at: 'nowhere' } : { at: 'room', room }
}

export function pathOf(room: RoomId): string {
  return `/r/${encodeURIComponent(room)}`
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const hearers = new Set<() => void>()

/** `replace` for a way that nobody wants to come back to. */
export function go(path: string, how: 'push' | 'replace' = 'push'): void {
  if (path === location.pathname) return
  if (how === 'push') history.pushState(null, '', path)
  else history.replaceState(null, '', path)
  for (const hear of hearers) hear()
}

function subscribe(hear: () => void): () => void {
  hearers.add(hear)
  addEventListener('popstate', hear)
  return () => {
    hearers.delete(hear)
    removeEventListener('popstate', hear)
  }
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname)
}
