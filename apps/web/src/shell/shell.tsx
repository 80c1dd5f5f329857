// The frame around everything: the list, the bar with the connection, and the conversation that is open.
import type { Author } from '@parley/protocol'
import { useClient, useConnection } from '@parley/react'
import { type ReactNode, type RefObject, useEffect, useMemo, useRef } from 'react'
import { Boundary, Broken } from '../boundary.tsx'
import { useNarrow } from '../browser/media.ts'
import { go, pathOf, routeOf, usePath } from '../browser/route.ts'
import { Conversation } from '../conversation/conversation.tsx'
import { Close, Menu } from '../icons.tsx'
import type { Who } from '../identity/identity.ts'
import { useSamePerson } from '../identity/use-same-person.ts'
import { Connection } from './connection.tsx'
import { useWayIn } from './home.ts'
import { newSession } from './new-session.ts'
import { joinedRooms, listsOf, rememberJoined, rememberLast, titleOf } from './rooms.ts'
import { Sidebar } from './sidebar.tsx'
import { useQueued } from './use-queued.ts'
import { useRooms } from './use-rooms.ts'
import './shell.css'

interface Props {
  readonly who: Who
  readonly onSignOut: () => void
}

export function Shell({ who, onSignOut }: Props) {
  const client = useClient()
  const state = useConnection()
  const path = usePath()
  const route = useMemo(() => routeOf(path), [path])
  const room = route.at === 'room' ? route.room : undefined
  const { summaries, refresh } = useRooms(client, state.status === 'connected')
  const lists = useMemo(() => listsOf(summaries ?? [], joinedRooms(), room), [summaries, room])
  const drawer = useRef<HTMLDialogElement>(null)
  const me = useMemo(() => state.actor ?? authorOf(who), [state.actor, who])
  const title = room === undefined ? 'Parley' : titleOf(room, summaries?.find((known) => known.room === room)?.title)

  useSamePerson(who, state.actor !== undefined)
  useWayIn(route.at === 'home', summaries)
  useEffect(() => {
    document.title = room === undefined ? 'Parley' : `${title} · Parley`
  }, [room, title])
  useEffect(() => {
    if (room === undefined) return
    rememberLast(room)
    rememberJoined(room)
  }, [room])

  return (
    <div className="shell">
      <Beside drawer={drawer}>
        <Sidebar
          lists={lists}
          open={room}
          me={me}
          onGone={() => drawer.current?.close()}
          onSignOut={who.at === 'known' && !who.guest ? onSignOut : undefined}
        />
      </Beside>
      <main className="main">
        <header className="bar">
          <button
            type="button"
            className="icon-button bar-menu"
            aria-label="Open the list of conversations"
            onClick={() => drawer.current?.showModal()}
          >
            <Menu />
          </button>
          <h1 className="bar-title" title={title}>
            <bdi>{title}</bdi>
          </h1>
          <Connection state={state} queued={useQueued(client, room)} onRetry={() => client.reconnect()} />
        </header>
        {room !== undefined && (
          <Boundary key={room} fallback={<Broken />}>
            <Conversation id={room} me={me?.id} onNews={refresh} />
          </Boundary>
        )}
        {route.at === 'nowhere' && <Nowhere />}
      </main>
    </div>
  )
}

/** Beside the conversation where there is room, otherwise a drawer over it. */
function Beside({
  drawer,
  children,
}: {
  readonly drawer: RefObject<HTMLDialogElement | null>
  readonly children: ReactNode
}) {
  if (!useNarrow()) return <aside className="beside">{children}</aside>
  return (
    <dialog ref={drawer} className="drawer" aria-label="Conversations" closedby="any">
      <button
        type="button"
        className="icon-button drawer-close"
        aria-label="Close the list"
        onClick={() => drawer.current?.close()}
      >
        <Close />
      </button>
      {children}
    </dialog>
  )
}

function Nowhere() {
  return (
    <div className="notice">
      <h2>There is nothing at this address</h2>
      <p>It is not the name of a room. Perhaps a part of the link was lost.</p>
      <button type="button" className="button primary" onClick={() => go(pathOf(newSession()))}>
        New conversation
      </button>
    </div>
  )
}

/** Who speaks, as far as the token tells before the server does. */
function authorOf(who: Who): Author | undefined {
  if (who.at !== 'known' || who.bearer === undefined) return undefined
  const { id, name } = who.bearer
  return { id, kind: 'user', ...(name === undefined ? {} : { name }) }
}
