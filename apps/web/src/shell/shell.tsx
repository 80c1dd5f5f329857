// The frame around everything: the list, the bar with the connection, and the conversation that is open.
import type { Author, Hit, RoomId } from '@parley/protocol'
import { useClient, useConnection } from '@parley/react'
import { type ReactNode, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useNarrow } from '../browser/media.ts'
import { go, pathOf, routeOf, usePath } from '../browser/route.ts'
import { Close } from '../icons.tsx'
import type { Who } from '../identity/identity.ts'
import { useSamePerson } from '../identity/use-same-person.ts'
import { SearchDialog } from '../search/search-dialog.tsx'
import { useShortcut } from '../search/use-shortcut.ts'
import { AssignedNotice } from './assigned.tsx'
import { Bar } from './bar.tsx'
import { useWayIn } from './home.ts'
import { newSession } from './new-session.ts'
import { RoomPage } from './room-page.tsx'
import { joinedRooms, listsOf, rememberJoined, rememberLast, titleOf } from './rooms.ts'
import { Sidebar } from './sidebar.tsx'
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
  const called = (id: RoomId) => titleOf(id, summaries?.find((known) => known.room === id)?.title)
  const title = room === undefined ? 'Parley' : called(room)
  const [searching, setSearching] = useState(false)
  const [sought, setSought] = useState<Hit>()

  useSamePerson(who, state.actor !== undefined)
  useWayIn(route.at === 'home', summaries)
  useEffect(() => {
    document.title = room === undefined ? 'Parley' : `${title} · Parley`
  }, [room, title])
  useEffect(() => {
    if (room === undefined) return
    rememberLast(room)
    rememberJoined(room)
    refresh()
  }, [room, refresh])

  useShortcut(useCallback(() => setSearching(true), []))
  const onSought = useCallback(() => setSought(undefined), [])
  const onMenu = () => drawer.current?.showModal()

  return (
    <div className="shell">
      <Beside drawer={drawer}>
        <Sidebar
          lists={lists}
          open={room}
          me={me}
          onGone={() => drawer.current?.close()}
          onSearch={() => {
            drawer.current?.close()
            setSearching(true)
          }}
          onSignOut={who.at === 'known' && !who.guest ? onSignOut : undefined}
        />
      </Beside>
      <main className="main">
        {room === undefined ? (
          <Bar title={title} room={room} onMenu={onMenu} />
        ) : (
          <RoomPage
            key={room}
            id={room}
            title={title}
            me={me?.id}
            sought={sought?.room === room ? sought : undefined}
            onSought={onSought}
            onMenu={onMenu}
            onNews={refresh}
          />
        )}
        {route.at === 'nowhere' && <Nowhere />}
      </main>
      <AssignedNotice onShow={(id) => go(pathOf(id))} />
      <SearchDialog
        open={searching}
        titleOf={called}
        onClose={() => setSearching(false)}
        onGo={(hit) => {
          setSearching(false)
          setSought({ ...hit })
          go(pathOf(hit.room))
        }}
      />
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
