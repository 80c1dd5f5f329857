// The bar on top: the way to the list, the title, and how the connection is.
import type { RoomId } from '@parley/protocol'
import { useClient, useConnection } from '@parley/react'
import type { ReactNode } from 'react'
import { Menu } from '../icons.tsx'
import { Connection } from './connection.tsx'
import { useQueued } from './use-queued.ts'

interface Props {
  readonly title: string
  readonly room: RoomId | undefined
  readonly onMenu: () => void
  /** What belongs to the room. */
  readonly children?: ReactNode
}

export function Bar({ title, room, onMenu, children }: Props) {
  const client = useClient()
  return (
    <header className="bar">
      <button
        type="button"
        className="icon-button bar-menu"
        aria-label="Open the list of conversations"
        onClick={onMenu}
      >
        <Menu />
      </button>
      <h1 className="bar-title" title={title}>
        <bdi>{title}</bdi>
      </h1>
      <Connection state={useConnection()} queued={useQueued(client, room)} onRetry={() => client.reconnect()} />
      {children}
    </header>
  )
}
