// The lines of a conversation, in a view that follows the end and reaches back when scrolled to the top.
import type { Room, RoomPicture } from '@parley/client'
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { Down } from '../icons.tsx'
import { type Receipts, receiptsOf } from '../people/receipts.ts'
import { Announcer } from './announcer.tsx'
import { Dots } from './dots.tsx'
import { entriesOf, thinking } from './entries.ts'
import { AgentName, Line } from './line.tsx'
import { PendingView } from './pending.tsx'
import { quotedIn } from './quote.tsx'
import { Still } from './still.tsx'
import { useLeftOff } from './use-left-off.ts'
import { useMarking } from './use-marking.ts'
import { useScroll } from './use-scroll.ts'
import { type Sought, useSeek } from './use-seek.ts'
import './log.css'

interface Props {
  readonly room: Room
  readonly picture: RoomPicture
  /** The id of the one who reads. */
  readonly me: string | undefined
  /** Whether others read here too. */
  readonly shared: boolean
  /** The message to go to. Another object: go there again. */
  readonly sought: Sought | undefined
  /** Called when it was found, with true, or cannot be. */
  readonly onSought: (found: boolean) => void
  /** Shown while there is nothing else. */
  readonly empty: ReactNode
}

const unseen: Receipts = new Map()

export function Log({ room, picture, me, shared, sought, onSought, empty }: Props) {
  const { messages, runs, superseded, pending, start, reads } = picture
  const { scroller, content, following, toEnd, away, onScroll } = useScroll()
  const { since, readsOn, caughtUp } = useLeftOff(shared && me !== undefined ? reads.get(me) : undefined)
  const entries = useMemo(
    () => entriesOf({ messages, runs, superseded }, since === undefined ? undefined : { since, me }),
    [messages, runs, superseded, since, me],
  )
  const quoted = useMemo(() => quotedIn(messages), [messages])
  const receipts = useMemo(() => (shared ? receiptsOf(messages, reads, me) : unseen), [shared, messages, reads, me])
  // Who is here is told together with what they have read: where one left off is known before it moves.
  useMarking(room, picture.count > 0 ? messages.at(-1)?.seq : undefined, following, readsOn)

  const seek = useSeek({ picture, scroller, onAway: away, onOlder: room.older, onEnd: onSought })
  useEffect(() => {
    if (sought !== undefined) seek(sought)
  }, [sought, seek])

  // Whoever says something wants to see it.
  const latest = pending.at(-1)?.id
  useLayoutEffect(() => {
    if (latest === undefined) return
    caughtUp()
    toEnd()
  }, [latest, caughtUp, toEnd])

  return (
    <div className="log-frame">
      <div className="log" ref={scroller} onScroll={onScroll} role="log" aria-label="Conversation" aria-live="polite">
        <Still start={start} scroller={scroller}>
          {/* The announcer tells what is new, once and whole: growing text would be read in crumbs. */}
          <div className="log-lines" ref={content} aria-live="off">
            {picture.earlier && <Earlier scroller={scroller} picture={picture} room={room} />}
            {entries.length === 0 && pending.length === 0 && empty}
            {entries.map((entry) => (
              <Line key={entry.key} entry={entry} picture={picture} me={me} quoted={quoted} receipts={receipts} />
            ))}
            {thinking({ messages, runs }).map(({ id, agent }) => (
              <div key={id} className="message" data-side="agent" data-opens="true">
                <AgentName agent={agent} />
                <Dots />
              </div>
            ))}
            {pending.map((one, index) => (
              <PendingView
                key={one.id}
                pending={one}
                quoted={messages.find(({ key }) => key === one.replyTo)}
                opens={index === 0 && messages.at(-1)?.by.id !== me}
                onRetry={room.retry}
                onDiscard={room.discard}
              />
            ))}
          </div>
        </Still>
      </div>
      {!following && (
        <button type="button" className="button small to-latest" onClick={toEnd}>
          <Down /> Jump to latest
        </button>
      )}
      <Announcer picture={picture} me={me} />
    </div>
  )
}

type EarlierProps = Pick<Props, 'picture' | 'room'> & Pick<ReturnType<typeof useScroll>, 'scroller'>

/** Asks for earlier messages by itself shortly before the reader gets there. */
function Earlier({ picture, room, scroller }: EarlierProps) {
  const button = useRef<HTMLButtonElement>(null)
  const { start, loadingOlder } = picture
  // Looks anew after each page: what came may have been too little to fill the view.
  useEffect(() => {
    if (button.current === null || start === 0) return
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && load(room), {
      root: scroller.current,
      rootMargin: '500px 0px 0px',
    })
    seen.observe(button.current)
    return () => seen.disconnect()
  }, [start, scroller, room])
  return (
    <button
      ref={button}
      type="button"
      className="button small earlier"
      onClick={() => load(room)}
      aria-busy={loadingOlder}
    >
      {loadingOlder ? 'Loading…' : 'Load earlier messages'}
    </button>
  )
}

/** The button stays where it did not work. */
function load(room: Room): void {
  room.older().catch(() => undefined)
}
