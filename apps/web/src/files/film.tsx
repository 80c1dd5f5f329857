// A film in a message. The browser plays it; a link that has ended is replaced where it was.
import type { Attachment } from '@parley/protocol'
import { useRef } from 'react'
import { playsAlone } from '../browser/sole.ts'
import { Unavailable } from './unavailable.tsx'
import { useNear } from './use-near.ts'
import { useSource } from './use-source.ts'
import './film.css'

export function FilmView({ film }: { readonly film: Attachment }) {
  const place = useRef<HTMLDivElement>(null)
  /** Where it was left, and where it got stuck last, in seconds. */
  const left = useRef({ at: 0, playing: false, stuckAt: 0 })
  const { url, trouble, failed, worked, again } = useSource(film, { wanted: useNear(place) })
  const { name } = film
  return (
    <div className="film" ref={place}>
      {trouble === undefined ? (
        // biome-ignore lint/a11y/useMediaCaption: nobody has written down what people say to each other
        <video
          src={url}
          controls
          playsInline
          preload="metadata"
          aria-label={name}
          onPlay={({ currentTarget }) => playsAlone(currentTarget)}
          onTimeUpdate={({ currentTarget: { currentTime, paused } }) => {
            const { stuckAt } = left.current
            left.current = { at: currentTime, playing: !paused, stuckAt }
            // What has been played for a while was good.
            if (currentTime > stuckAt + 1) worked()
          }}
          onLoadedMetadata={({ currentTarget }) => {
            const { at, playing } = left.current
            if (at > 0) currentTarget.currentTime = at
            // Refused where nobody has touched the page.
            if (playing) currentTarget.play().catch(() => undefined)
          }}
          onError={() => {
            left.current.stuckAt = left.current.at
            failed()
          }}
        />
      ) : (
        <Unavailable file={film} trouble={trouble} onAgain={again} />
      )}
    </div>
  )
}
