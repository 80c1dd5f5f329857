// What stands in the place of the text while somebody speaks: for how long, how loud, and the two ways to end it.
import { useEffect, useRef, useState } from 'react'
import type { Recording } from '../browser/recorder.ts'
import { Bin, Square } from '../icons.tsx'
import { timeWords } from './sizes.ts'
import { Bars } from './waveform.tsx'
import './recording.css'

const LOOK_MS = 80
/** So many looks are shown, the latest last. */
const SHOWN = 48

export function RecordingRow({ recording }: { readonly recording: Recording }) {
  const { ms, levels } = useLevels(recording)
  const end = useRef<HTMLButtonElement>(null)
  useEffect(() => end.current?.focus(), [])
  return (
    <div className="recording">
      <button
        type="button"
        className="icon-button round"
        aria-label="Discard"
        title="Discard the recording"
        onClick={recording.discard}
      >
        <Bin size={18} />
      </button>
      <p className="visually-hidden" role="status">
        Recording
      </p>
      <i className="recording-light" />
      <span className="recording-time" role="timer" aria-label="Recorded">
        {timeWords(ms)}
      </span>
      <div className="recording-levels">
        <Bars peaks={levels} />
      </div>
      <button
        ref={end}
        type="button"
        className="composer-button stop"
        aria-label="Stop recording"
        title="Stop, and keep it"
        onClick={recording.stop}
      >
        <Square />
      </button>
    </div>
  )
}

const silence: readonly number[] = Array.from({ length: SHOWN }, () => 0)

function useLevels({ level }: Recording): { readonly ms: number; readonly levels: readonly number[] } {
  const [seen, setSeen] = useState({ ms: 0, levels: silence })
  useEffect(() => {
    const since = performance.now()
    const timer = setInterval(() => {
      setSeen(({ levels }) => ({
        ms: performance.now() - since,
        levels: [...levels.slice(1), Math.round(level() * 100)],
      }))
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [level])
  return seen
}
