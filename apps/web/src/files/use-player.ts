// Playing a sound: nothing of it is fetched before somebody wants to hear it, and a link that has ended is replaced on the way.
import type { Attachment } from '@parley/protocol'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { playsAlone } from '../browser/sole.ts'
import { type Source, useSource } from './use-source.ts'

export interface Player extends Pick<Source, 'trouble' | 'again'> {
  readonly audio: RefObject<HTMLAudioElement | null>
  /** What the audio element is given. */
  readonly given: {
    readonly src: string | undefined
    readonly onPlay: () => void
    readonly onPause: () => void
    readonly onTimeUpdate: () => void
    readonly onLoadedMetadata: () => void
    readonly onEnded: () => void
    readonly onError: () => void
  }
  readonly playing: boolean
  /** Where it is, ms. */
  readonly at: number
  /** How long it is, ms; 0 where that is not known. */
  readonly length: number
  /** Somebody is about to play it: to be called before, for some browsers play nothing that is not there when they are asked. */
  readonly ready: () => void
  readonly turn: () => void
  readonly seek: (ms: number) => void
}

/** What has been played for so long was good. */
const SOUND_MS = 1_000

export function usePlayer(sound: Attachment): Player {
  const audio = useRef<HTMLAudioElement>(null)
  const [wanted, setWanted] = useState(false)
  const [playing, setPlaying] = useState(false)
  const [at, setAt] = useState(0)
  const [length, setLength] = useState(sound.durationMs ?? 0)
  /** What it has to come back to when it has been loaded, or loaded anew. */
  const plays = useRef(false)
  /** Where it got stuck last, ms. */
  const stuckAt = useRef(0)
  const { url, trouble, failed, worked, again } = useSource(sound, { wanted })

  useEffect(() => {
    const media = audio.current
    if (url === undefined || media === null || !plays.current) return
    // Refused where nobody has touched the page, or where something else plays by now.
    media.play().catch(() => setPlaying(false))
  }, [url])

  function turn(): void {
    const media = audio.current
    plays.current = !playing
    setWanted(true)
    setPlaying(!playing)
    if (playing) media?.pause()
    else if (media !== null && url !== undefined) media.play().catch(() => setPlaying(false))
  }

  function seek(ms: number): void {
    const media = audio.current
    const place = Math.min(Math.max(ms, 0), length)
    setAt(place)
    setWanted(true)
    if (media !== null && media.readyState > 0) media.currentTime = place / 1000
  }

  return {
    audio,
    given: {
      src: url,
      onPlay() {
        if (audio.current !== null) playsAlone(audio.current)
        setPlaying(true)
      },
      onPause() {
        plays.current = false
        setPlaying(false)
      },
      onTimeUpdate() {
        const now = (audio.current?.currentTime ?? 0) * 1000
        setAt(now)
        if (now > stuckAt.current + SOUND_MS) worked()
      },
      onLoadedMetadata() {
        const media = audio.current
        if (media === null) return
        if (Number.isFinite(media.duration)) setLength(media.duration * 1000)
        if (at > 0) media.currentTime = at / 1000
      },
      onEnded: () => setAt(0),
      onError() {
        stuckAt.current = at
        failed()
      },
    },
    playing,
    at,
    length,
    ready: () => setWanted(true),
    turn,
    seek,
    trouble,
    again,
  }
}
