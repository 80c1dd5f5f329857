// A message of one's own that the server has not confirmed yet.
import type { Pending } from '@parley/client'
import { memo } from 'react'
import { Alert, Clock } from '../icons.tsx'
import { PlainText } from './agent-text.tsx'
import { OwnByline } from './byline.tsx'
import { textOf } from './entries.ts'

interface Props {
  readonly pending: Pending
  readonly opens: boolean
  readonly onRetry: (id: string) => void
  readonly onDiscard: (id: string) => void
}

export const PendingView = memo(function PendingView({ pending, opens, onRetry, onDiscard }: Props) {
  const { id, state, problem } = pending
  return (
    <article className="message" data-state={state} data-side="mine" data-opens={opens}>
      <OwnByline at={pending.at} opens={opens} />
      <div className="message-body">
        <PlainText text={textOf(pending)} />
      </div>
      {state === 'waiting' && (
        <p className="mark" data-tone="calm">
          <Clock /> Waiting to be sent
        </p>
      )}
      {state === 'sent' && (
        <p className="mark" data-tone="calm" data-slow="true">
          <Clock /> Sending…
        </p>
      )}
      {state === 'refused' && (
        <footer className="refused">
          <p className="mark" data-tone="danger" role="alert">
            <Alert /> <span>Not sent: {problem?.message ?? 'the server refused it'}</span>
          </p>
          <button type="button" className="button small" onClick={() => onRetry(id)}>
            Retry
          </button>
          <button type="button" className="button small" onClick={() => onDiscard(id)}>
            Discard
          </button>
        </footer>
      )}
    </article>
  )
})
