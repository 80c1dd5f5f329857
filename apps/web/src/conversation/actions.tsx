// What one can do about a message among others: a button beside it, and a row below it once that was pressed.
import type { Message } from '@parley/protocol'
import { type MouseEvent, useState } from 'react'
import { Bin, More, Pencil, Reply } from '../icons.tsx'
import { type Among, useDeeds } from './deeds.ts'
import { canReword } from './use-editing.ts'
import './actions.css'

/** What one can react with; what others have used can be joined where it stands. */
const reactions: readonly string[] = ['👍', '❤️', '😂', '🎉', '👀', '✅']

interface ButtonProps {
  readonly open: boolean
  readonly onTurn: () => void
}

export function ActionsButton({ open, onTurn }: ButtonProps) {
  return (
    <button
      type="button"
      className="quiet on-demand actions-button"
      aria-label="Message actions"
      title="Reply, react and more"
      aria-expanded={open}
      onClick={onTurn}
    >
      <More />
    </button>
  )
}

interface RowProps {
  readonly message: Message
  readonly mine: boolean
  readonly among: Among
  readonly onDone: () => void
}

export function ActionsRow({ message, mine, among, onDone }: RowProps) {
  const deeds = useDeeds()
  const [removing, setRemoving] = useState(false)

  function done({ currentTarget }: Pick<MouseEvent<HTMLElement>, 'currentTarget'>): void {
    // The row will be gone; whoever uses the keyboard goes on from the button.
    currentTarget.closest('.message')?.querySelector<HTMLElement>('.actions-button')?.focus()
    onDone()
  }

  return (
    <div
      className="actions"
      role="toolbar"
      aria-label="Message actions"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        // Here it leaves the row, instead of stopping an agent.
        event.preventDefault()
        done(event)
      }}
    >
      {removing ? (
        <>
          <span className="actions-question">Remove it for everybody?</span>
          <button
            type="button"
            className="button small danger"
            onClick={(event) => {
              done(event)
              void among.redact(message)
            }}
          >
            Remove
          </button>
          <button type="button" className="button small" onClick={done}>
            Keep
          </button>
        </>
      ) : (
        <>
          {reactions.map((reaction) => {
            const on = !(message.reactions?.get(reaction)?.includes(deeds?.me ?? '') ?? false)
            return (
              <button
                key={reaction}
                type="button"
                className="quiet emoji"
                aria-label={`React with ${reaction}`}
                aria-pressed={!on}
                onClick={(event) => {
                  done(event)
                  void among.react(message, reaction, on)
                }}
              >
                {reaction}
              </button>
            )
          })}
          <button
            type="button"
            className="button small"
            onClick={() => {
              onDone()
              among.reply(message)
            }}
          >
            <Reply /> Reply
          </button>
          {mine && canReword(message) && (
            <button
              type="button"
              className="button small"
              onClick={() => {
                onDone()
                deeds?.edit(message)
              }}
            >
              <Pencil /> Edit
            </button>
          )}
          {mine && (
            <button type="button" className="button small" onClick={() => setRemoving(true)}>
              <Bin /> Remove
            </button>
          )}
        </>
      )}
    </div>
  )
}
