// The files that are chosen for a message, above the place where it is written.
import type { Chosen, Tray } from '@parley/client'
import { useConnection } from '@parley/react'
import { type MouseEvent, type RefObject, useSyncExternalStore } from 'react'
import { Again, Close } from '../icons.tsx'
import { ChosenKind } from './chosen-kind.tsx'
import { isPicture } from './kinds.tsx'
import { Preview } from './preview.tsx'
import { sizeWords, timeWords } from './sizes.ts'
import './chosen.css'

interface Props {
  readonly tray: Tray
  /** Has the focus when nothing is left. */
  readonly area: RefObject<HTMLElement | null>
}

export function ChosenFiles({ tray, area }: Props) {
  const files = useChosen(tray)
  const { status } = useConnection()
  if (files.length === 0) return null

  function remove({ currentTarget }: MouseEvent<HTMLElement>, id: string): void {
    const item = currentTarget.closest('li')
    const next = (item?.nextElementSibling ?? item?.previousElementSibling)?.querySelector<HTMLElement>(
      '.chosen-remove',
    )
    ;(next ?? area.current)?.focus()
    tray.remove(id)
  }

  return (
    <ul className="chosen-files" aria-label="Chosen files">
      {files.map((one) => (
        <ChosenFile
          key={one.id}
          chosen={one}
          connected={status === 'connected'}
          onRetry={() => tray.retry(one.id)}
          onRemove={(event) => remove(event, one.id)}
        />
      ))}
    </ul>
  )
}

const none: readonly Chosen[] = []

export function useChosen(tray: Tray | undefined): readonly Chosen[] {
  return useSyncExternalStore(tray?.subscribe ?? never, () => tray?.files ?? none)
}

function never(): () => void {
  return () => {}
}

interface FileProps {
  readonly chosen: Chosen
  readonly connected: boolean
  readonly onRetry: () => void
  readonly onRemove: (event: MouseEvent<HTMLElement>) => void
}

function ChosenFile({ chosen, connected, onRetry, onRemove }: FileProps) {
  const { name, state, problem } = chosen
  const picture = isPicture(chosen)
  return (
    <li className="chosen" data-state={state} data-tile={picture && state !== 'failed'} title={name}>
      {picture ? <Preview chosen={chosen} /> : <ChosenKind chosen={chosen} />}
      <span className="chosen-words">
        <bdi className="chosen-name">{name}</bdi>
        {state === 'failed' ? (
          <span className="chosen-problem" role="alert">
            {problem && wordsFor(problem)}
          </span>
        ) : (
          <span className="chosen-size">{sizeOf(chosen, connected)}</span>
        )}
      </span>
      {state === 'uploading' && <Progress chosen={chosen} />}
      {state === 'failed' && chosen.file !== undefined && !hopeless.has(problem?.code ?? '') && (
        <button
          type="button"
          className="quiet"
          aria-label={`Retry ${name}`}
          title="Try to upload it again"
          onClick={onRetry}
        >
          <Again />
        </button>
      )}
      <button type="button" className="chosen-remove" aria-label={`Remove ${name}`} title="Remove" onClick={onRemove}>
        <Close />
      </button>
    </li>
  )
}

/** Trying again would end alike. */
const hopeless: ReadonlySet<string> = new Set(['attachment.type', 'attachment.large'])

function wordsFor({ code, message }: NonNullable<Chosen['problem']>): string {
  if (code === 'attachment.unknown') return 'It is not on the server any more.'
  if (code === 'attachment.large') return 'It is larger than what is taken here.'
  if (code === 'file.unreadable') return 'It can’t be read any more.'
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`
}

function sizeOf({ state, sent, size, part }: Chosen, connected: boolean): string {
  const ms = part?.attachment.durationMs
  if (state === 'done') return [ms === undefined ? [] : timeWords(ms), sizeWords(size)].flat().join(' · ')
  const percent = `${percentOf({ sent, size })} %`
  return connected ? `${percent} of ${sizeWords(size)}` : `${percent} · no connection`
}

function Progress({ chosen: { name, sent, size } }: { readonly chosen: Chosen }) {
  const percent = percentOf({ sent, size })
  return (
    <div
      className="chosen-bar"
      role="progressbar"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <i style={{ inlineSize: `${percent}%` }} />
    </div>
  )
}

/** Whole only once it is: what has been sent is still looked at. */
function percentOf({ sent, size }: Pick<Chosen, 'sent' | 'size'>): number {
  return size === 0 ? 0 : Math.min(99, Math.floor((sent / size) * 100))
}
