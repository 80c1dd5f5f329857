// A room's picture at a pace that the eye can follow and a small phone can keep.
import type { Room, RoomPicture } from '@parley/client'
import { useCallback, useSyncExternalStore } from 'react'

/** Agents speak in smaller pieces than are worth a rendering each. */
const PACE_MS = 50

export function usePicture(room: Room): RoomPicture {
  const subscribe = useCallback((hear: () => void) => paced(room.subscribe, hear), [room])
  return useSyncExternalStore(subscribe, () => room.timeline)
}

/** The first of several changes is told at once, the others together. */
function paced(subscribe: (hear: () => void) => () => void, hear: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let changed = false

  function due(): void {
    timer = undefined
    if (changed) tell()
  }

  function tell(): void {
    changed = false
    timer = setTimeout(due, PACE_MS)
    hear()
  }

  const stop = subscribe(() => {
    changed = true
    if (timer === undefined) tell()
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}

/** A part of a room's picture, as soon as it changes. `part` must give the same object for the same picture. */
export function usePart<Part>(room: Room, part: (picture: RoomPicture) => Part): Part {
  return useSyncExternalStore(room.subscribe, () => part(room.timeline))
}
