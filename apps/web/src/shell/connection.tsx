// How the line to the server is: hardly there when all is well, clear when not.
import type { ClientState } from '@parley/client'
import { useEffect, useState } from 'react'
import { useOnline } from '../browser/media.ts'
import './connection.css'

interface Props {
  readonly state: ClientState
  /** Messages that wait to be sent. */
  readonly queued: number
  readonly onRetry: () => void
}

export function Connection({ state, queued, onRetry }: Props) {
  const online = useOnline()
  const now = useNow(state.retryAt !== undefined)
  const { words, note, detail, tone } = lineOf(state, online, now)
  const waits = tone !== 'fine' && queued > 0
  return (
    <div className="connection" data-tone={tone}>
      <div role="status" aria-label="Connection">
        <span className="connection-words">{words}</span>
        {note !== undefined && <span>{` · ${note}`}</span>}
        {/* A count that changes every second is for the eye alone. */}
        {detail !== undefined && <span aria-hidden="true"> {detail}</span>}
        {waits && <span>{` · ${queued} ${queued === 1 ? 'message' : 'messages'} waiting`}</span>}
      </div>
      {tone === 'broken' && (
        <button type="button" className="button small" onClick={onRetry}>
          Retry now
        </button>
      )}
    </div>
  )
}

interface Line {
  readonly words: string
  readonly note?: string
  readonly detail?: string
  readonly tone: 'fine' | 'poor' | 'busy' | 'broken'
}

function lineOf(
  { status, attempt, retryAt, problem, quality, health }: ClientState,
  online: boolean,
  now: number,
): Line {
  if (status === 'connected') {
    if (quality?.poor === true) return { words: 'Connected', note: 'the connection is poor', tone: 'poor' }
    if (health !== undefined && health.status !== 'ok')
      return { words: 'Connected', note: 'the server is busy', tone: 'poor' }
    return { words: 'Connected', tone: 'fine' }
  }
  if (!online) return { words: 'Offline', tone: 'broken' }
  if (status === 'closed')
    return { words: `Disconnected${problem === undefined ? '' : `: ${problem.message}`}`, tone: 'broken' }
  if (status !== 'reconnecting') return { words: 'Connecting…', tone: 'busy' }
  if (retryAt === undefined) return { words: 'Reconnecting…', tone: 'busy' }
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000))
  return { words: 'Reconnecting', detail: `in ${seconds} s (attempt ${attempt})`, tone: 'broken' }
}

/** Moves once a second while somebody waits. */
function useNow(moving: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!moving) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [moving])
  return now
}
