// The files chosen for the next message of a room.
import type { Chosen, Tray } from '@parley/client'
import { useSyncExternalStore } from 'react'
import { useClient } from './provider.ts'

/** The functions stay the same as long as the room does. */
export interface Uploading extends Pick<Tray, 'add' | 'retry' | 'remove' | 'take'> {
  /** In the order in which they were chosen, each with how far it has come. */
  readonly uploads: readonly Chosen[]
}

/** Files are uploaded as soon as they are added, and go on when the component is gone: the room keeps them. */
export function useUpload(id: string): Uploading {
  const { tray } = useClient().room(id)
  const uploads = useSyncExternalStore(
    tray.subscribe,
    () => tray.files,
    () => nothing,
  )
  const { add, retry, remove, take } = tray
  return { uploads, add, retry, remove, take }
}

const nothing: readonly Chosen[] = []
