// A recording in the making, from the question for the microphone to the file.
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Recording, record } from '../browser/recorder.ts'

export interface Recorder {
  readonly state: 'idle' | 'asking' | 'recording'
  /** What is being recorded. */
  readonly recording: Recording | undefined
  /** Why nothing could be recorded. */
  readonly trouble: string | undefined
  readonly start: () => void
  /** The trouble is known by now. */
  readonly forgive: () => void
}

/** @param keep takes what was recorded, also when whoever recorded it has gone elsewhere meanwhile */
export function useRecording(keep: (file: File) => void): Recorder {
  const [state, setState] = useState<Recorder['state']>('idle')
  const [recording, setRecording] = useState<Recording>()
  const [trouble, setTrouble] = useState<string>()
  const kept = useRef(keep)
  kept.current = keep
  const leaves = useRef<() => void>(undefined)
  useEffect(() => () => leaves.current?.(), [])

  const start = useCallback(() => {
    let here = true
    leaves.current = () => {
      here = false
    }
    setTrouble(undefined)
    setState('asking')
    record().then(
      async (begun) => {
        if (!here) return begun.discard()
        leaves.current = begun.stop
        setRecording(begun)
        setState('recording')
        const file = await begun.whole
        setState('idle')
        setRecording(undefined)
        if (file !== undefined) kept.current(file)
      },
      (cause: unknown) => {
        setState('idle')
        setTrouble(wordsFor(cause))
      },
    )
  }, [])

  const forgive = useCallback(() => setTrouble(undefined), [])
  return { state, recording, trouble, start, forgive }
}

function wordsFor(cause: unknown): string {
  const name = cause instanceof DOMException ? cause.name : ''
  if (name === 'NotAllowedError') return 'The microphone may not be used on this page. Your browser can allow it.'
  if (name === 'NotFoundError') return 'There is no microphone.'
  return 'The microphone cannot be used at the moment.'
}
