// What is special about what is being written, in a line above the box.
import type { Message } from '@parley/protocol'
import type { ChangeEvent } from 'react'
import { Alert, Clock, Close, Pencil, Reply, Steer } from '../icons.tsx'
import { nameOf } from './names.ts'
import { excerptOf } from './quote.tsx'

interface EditingProps {
  /** How many files belong to it. */
  readonly files: number
  readonly onLeave: () => void
}

export function Editing({ files, onLeave }: EditingProps) {
  return (
    <div className="composer-mode" role="status">
      <Pencil />
      <span>Editing your message{files > 0 && (files === 1 ? '; its file stays' : `; its ${files} files stay`)}</span>
      <button
        type="button"
        className="quiet"
        aria-label="Leave it as it was"
        title="Leave it as it was (Esc)"
        onClick={onLeave}
      >
        <Close />
      </button>
    </div>
  )
}

export function Due({ onLeave }: { readonly onLeave: () => void }) {
  return (
    <div className="composer-mode" role="status">
      <Clock />
      <span>Will be sent as soon as the files have arrived</span>
      <button
        type="button"
        className="quiet"
        aria-label="Do not send yet"
        title="Do not send yet (Esc)"
        onClick={onLeave}
      >
        <Close />
      </button>
    </div>
  )
}

interface TroubleProps {
  readonly words: string
  readonly onLeave: () => void
}

export function Trouble({ words, onLeave }: TroubleProps) {
  return (
    <div className="composer-mode" data-tone="danger" role="alert">
      <Alert />
      <span>{words}</span>
      <button type="button" className="quiet" aria-label="Dismiss" onClick={onLeave}>
        <Close />
      </button>
    </div>
  )
}

interface ReplyingProps {
  readonly to: Message
  readonly onLeave: () => void
}

export function Replying({ to, onLeave }: ReplyingProps) {
  return (
    <div className="composer-mode" role="status">
      <Reply />
      <span className="composer-quote">
        Replying to <bdi>{nameOf(to.by)}</bdi>: {excerptOf(to)}
      </span>
      <button type="button" className="quiet" aria-label="Do not reply" title="Do not reply (Esc)" onClick={onLeave}>
        <Close />
      </button>
    </div>
  )
}

interface SteeringProps {
  readonly steering: boolean
  readonly onSteering: ((yes: boolean) => void) | undefined
}

export function Steering({ steering, onSteering }: SteeringProps) {
  return (
    <label className="composer-mode choice" data-on={steering}>
      <input
        type="checkbox"
        checked={steering}
        onChange={(event: ChangeEvent<HTMLInputElement>) => onSteering?.(event.target.checked)}
      />
      <Steer />
      <span>Steer the answer</span>
    </label>
  )
}
