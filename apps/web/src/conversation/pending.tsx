// A message of one's own that the server has not confirmed yet.
import type { Pending } from '@parley/client'
import type { Message } from '@parley/protocol'
import { memo } from 'react'
import { Attached } from '../files/attached.tsx'
import { type Piece, piecesOf } from '../files/pieces.ts'
import { Alert, Clock } from '../icons.tsx'
import { OwnByline } from './byline.tsx'
import { isBare } from './entries.ts'
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
  const { id, parts, state, problem, replyTo } = pending
  return (
    <article className="message" data-state={state} data-side="mine" data-opens={opens}>
      <OwnByline at={pending.at} opens={opens} />
      {replyTo !== undefined && <Quote of={replyTo} quoted={quoted} />}
      <div className="message-body" data-bare={isBare(pending)}>
        {piecesOf(parts).map((piece) => (
          <PieceView key={piece.key} piece={piece} parts={parts} />
        ))}
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

function PieceView({ piece, parts }: { readonly piece: Piece; readonly parts: Pending['parts'] }) {
  if (piece.type !== 'part') return <Attached piece={piece} parts={parts} />
  return piece.part.type === 'text' ? <MentionText text={piece.part.text} /> : null
}
