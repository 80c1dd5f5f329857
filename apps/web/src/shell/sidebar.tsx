// The list of conversations, the ways into others, and who one is.
import { type Author, isSession, type RoomId } from '@parley/protocol'
import type { MouseEvent, ReactNode } from 'react'
import { useRef } from 'react'
import { go, pathOf } from '../browser/route.ts'
import { type Theme, turnTheme, useTheme } from '../browser/theme.ts'
import { Face } from '../conversation/byline.tsx'
import { nameOf } from '../conversation/names.ts'
import { HalfMoon, Hash, Leave, Mark, Moon, Plus, Search, Sun } from '../icons.tsx'
import { shortcut } from '../search/use-shortcut.ts'
import { JoinDialog } from './join-dialog.tsx'
import { newSession } from './new-session.ts'
import type { Listed, Lists } from './rooms.ts'
import './sidebar.css'

interface Props {
  readonly lists: Lists
  readonly open: RoomId | undefined
  readonly me: Author | undefined
  readonly onSearch: () => void
  /** Called when a way into a room was taken. */
  readonly onGone: () => void
  /** Only somebody who presented a token can take it away again. */
  readonly onSignOut: (() => void) | undefined
}

export function Sidebar({ lists, open, me, onSearch, onGone, onSignOut }: Props) {
  const join = useRef<HTMLDialogElement>(null)

  function enter(room: RoomId): void {
    go(pathOf(room))
    onGone()
  }

  return (
    <div className="sidebar">
      <header className="brand">
        <Mark size={26} />
        <span>Parley</span>
      </header>
      <div className="sidebar-ways">
        <button type="button" className="button primary" onClick={() => enter(newSession())}>
          <Plus /> New conversation
        </button>
        <button type="button" className="button" onClick={() => join.current?.showModal()}>
          <Hash /> Join a room
        </button>
        <button type="button" className="button" onClick={onSearch}>
          <Search /> Search <kbd>{shortcut}</kbd>
        </button>
      </div>
      <nav aria-label="Conversations">
        <RoomList title="Conversations" rooms={lists.sessions} open={open} onEnter={enter} />
        <RoomList title="Rooms" rooms={lists.shared} open={open} onEnter={enter} />
      </nav>
      <footer className="sidebar-foot">
        {me !== undefined && (
          <>
            <Face by={me} />
            <bdi className="sidebar-me">{nameOf(me)}</bdi>
          </>
        )}
        <ThemeButton />
        {onSignOut !== undefined && (
          <button type="button" className="icon-button" aria-label="Sign out" title="Sign out" onClick={onSignOut}>
            <Leave />
          </button>
        )}
      </footer>
      <JoinDialog dialog={join} onJoin={enter} />
    </div>
  )
}

interface RoomListProps {
  readonly title: string
  readonly rooms: readonly Listed[]
  readonly open: RoomId | undefined
  readonly onEnter: (room: RoomId) => void
}

function RoomList({ title, rooms, open, onEnter }: RoomListProps) {
  if (rooms.length === 0) return null
  return (
    <section className="room-list" aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {rooms.map(({ room, title, unread }) => (
          <li key={room}>
            <a
              href={pathOf(room)}
              aria-current={room === open ? 'page' : undefined}
              title={title}
              onClick={(event) => {
                if (!isPlain(event)) return
                event.preventDefault()
                onEnter(room)
              }}
            >
              {!isSession(room) && <Hash />}
              <bdi>{title}</bdi>
              {unread > 0 && room !== open && <Unread count={unread} />}
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The server counts no further than this. */
const MOST_UNREAD = 100

function Unread({ count }: { readonly count: number }) {
  return (
    <span className="unread-count">
      {count < MOST_UNREAD ? count : '99+'}
      <span className="visually-hidden"> unread</span>
    </span>
  )
}

/** With a modifier a link opens elsewhere, as everywhere. */
function isPlain({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey
}

const pictures: Record<Theme, ReactNode> = { system: <HalfMoon />, light: <Sun />, dark: <Moon /> }

function ThemeButton() {
  const theme = useTheme()
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Theme: ${theme}`}
      title={`Theme: ${theme}`}
      onClick={turnTheme}
    >
      {pictures[theme]}
    </button>
  )
}
