// Tells a screen reader what others have said, once it is whole.
import type { RoomPicture } from '@parley/client'
import { useEffect, useRef, useState } from 'react'
import { news } from './news.ts'

/** Long enough to be picked up; then it goes, so that nobody finds the same text twice on the page. */
const KEPT_MS = 1_000

interface Props {
  readonly picture: RoomPicture
  readonly me: string | undefined
}

export function Announcer({ picture, me }: Props) {
  const before = useRef(picture)
  const [told, setTold] = useState<readonly string[]>([])

  useEffect(() => {
    const fresh = news(before.current, picture, me)
    before.current = picture
    if (fresh.length > 0) setTold(fresh)
  }, [picture, me])

  useEffect(() => {
    if (told.length === 0) return
    const timer = setTimeout(() => setTold([]), KEPT_MS)
    return () => clearTimeout(timer)
  }, [told])

  return (
    <div className="visually-hidden" aria-live="polite">
      {told.map((text) => (
        <p key={text}>{text}</p>
      ))}
    </div>
  )
}
