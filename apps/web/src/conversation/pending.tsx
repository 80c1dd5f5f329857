// A message of one's own that the server has not confirmed yet.
import type { Pending } from '@parley/client'
import type { Message } from '@parley/protocol'
import { memo } from 'react'
import { Alert, Clock } from '../icons.tsx'
import { OwnByline } from './byline.tsx'
import { textOf } from './entries.ts'
import { MentionText } from './mention-text.tsx'
import { Quote } from './quote.tsx'

interface Props {
  readonly pending: Pending
  readonly opens: boolean
  /** The message that it answers, where that is loaded. */
  readonly quoted?: Message | undefined
  readonly onRetry: (id: string) => void
  readonly onDiscard: (id: string) => void
}

export const PendingView = memo(function PendingView({ pending, opens, quoted, onRetry, onDiscard }: Props) {
  const { id, state, problem, replyTo } = pending
  return (
    <article className="message" data-state={state} data-side="mine" data-opens={opens}>
      <OwnByline at={pending.at} opens={opens} />
      {replyTo !== undefined && <Quote of={replyTo} quoted={quoted} />}
      <div className="message-body">
        <MentionText text={textOf(pending)} />
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
