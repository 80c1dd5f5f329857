// The lines of a conversation, in a view that follows the end and reaches back when scrolled to the top.
import type { RoomPicture } from '@parley/client'
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { Down } from '../icons.tsx'
import { Announcer } from './announcer.tsx'
import { Face } from './byline.tsx'
import { Dots } from './dots.tsx'
import { EarlierVersions } from './earlier-versions.tsx'
import { Ending } from './ending.tsx'
import { type Entry, entriesOf, thinking, usesOf } from './entries.ts'
import { MessageView } from './message.tsx'
import { nameOf } from './names.ts'
import { PendingView } from './pending.tsx'
import { Still } from './still.tsx'
import { dayName } from './times.ts'
import { useScroll } from './use-scroll.ts'
import './log.css'

interface Props {
  readonly picture: RoomPicture
  /** The id of the one who reads. */
  readonly me: string | undefined
  /** Shown while there is nothing else. */
  readonly empty: ReactNode
  readonly onOlder: () => void
  readonly onRetry: (id: string) => void
  readonly onDiscard: (id: string) => void
}

export function Log({ picture, me, empty, onOlder, onRetry, onDiscard }: Props) {
  const { messages, runs, superseded, pending, start } = picture
  const { scroller, content, following, toEnd, onScroll } = useScroll()
  const entries = useMemo(() => entriesOf({ messages, runs, superseded }), [messages, runs, superseded])

  // Whoever says something wants to see it.
  const latest = pending.at(-1)?.id
  useLayoutEffect(() => {
    if (latest !== undefined) toEnd()
  }, [latest, toEnd])

  return (
    <div className="log-frame">
      <div className="log" ref={scroller} onScroll={onScroll} role="log" aria-label="Conversation" aria-live="polite">
        <Still start={start} scroller={scroller}>
          {/* The announcer tells what is new, once and whole: growing text would be read in crumbs. */}
          <div className="log-lines" ref={content} aria-live="off">
            {picture.earlier && <Earlier scroller={scroller} picture={picture} onOlder={onOlder} />}
            {entries.length === 0 && pending.length === 0 && empty}
            {entries.map((entry) => (
              <Line key={entry.key} entry={entry} picture={picture} me={me} />
            ))}
            {thinking({ messages, runs }).map(({ id, agent }) => (
              <div key={id} className="message" data-side="agent" data-opens="true">
                <div className="byline">
                  <Face by={agent} />
                  <bdi className="byline-name">{nameOf(agent)}</bdi>
                </div>
                <Dots />
              </div>
            ))}
            {pending.map((one, index) => (
              <PendingView
                key={one.id}
                pending={one}
                opens={index === 0 && messages.at(-1)?.by.id !== me}
                onRetry={onRetry}
                onDiscard={onDiscard}
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

interface LineProps {
  readonly entry: Entry
  readonly picture: RoomPicture
  readonly me: string | undefined
}

function Line({ entry, picture, me }: LineProps) {
  switch (entry.type) {
    case 'day':
      return (
        <h2 className="day">
          <span>{dayName(entry.at, Date.now())}</span>
        </h2>
      )
    case 'message': {
      const { message, opens, note, earlier } = entry
      const usage = message.run === undefined ? undefined : picture.runs.get(message.run)?.usage
      const mine = message.by.id === me
      return (
        <>
          <MessageView
            message={message}
            uses={usesOf(message, picture)}
            usage={usage}
            note={note}
            mine={mine}
            opens={opens}
          />
          {earlier.length > 0 && <EarlierVersions message={message} earlier={earlier} picture={picture} me={me} />}
        </>
      )
    }
    case 'ended': {
      const { id, agent, state, failure } = entry.run
      if (state === 'running' || state === 'cancelling') return null
      return (
        <article className="message" data-side="agent" data-opens="true">
          <div className="byline">
            <Face by={agent} />
            <bdi className="byline-name">{nameOf(agent)}</bdi>
          </div>
          <Ending state={state} failure={failure} text="" run={id} />
        </article>
      )
    }
  }
}

type EarlierProps = Pick<Props, 'picture' | 'onOlder'> & Pick<ReturnType<typeof useScroll>, 'scroller'>

/** Asks for earlier messages by itself shortly before the reader gets there. */
function Earlier({ picture, scroller, onOlder }: EarlierProps) {
  const button = useRef<HTMLButtonElement>(null)
  const { start, loadingOlder } = picture
  // Looks anew after each page: what came may have been too little to fill the view.
  useEffect(() => {
    if (button.current === null || start === 0) return
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && onOlder(), {
      root: scroller.current,
      rootMargin: '500px 0px 0px',
    })
    seen.observe(button.current)
    return () => seen.disconnect()
  }, [start, scroller, onOlder])
  return (
    <button ref={button} type="button" className="button small earlier" onClick={onOlder} aria-busy={loadingOlder}>
      {loadingOlder ? 'Loading…' : 'Load earlier messages'}
    </button>
  )
}
