// Stands where a file would be that cannot be shown.
import type { Attachment } from '@parley/protocol'
import { Again, Save } from '../icons.tsx'
import { useSaving } from './use-saving.ts'
import type { Source } from './use-source.ts'
import './unavailable.css'

interface Props {
  readonly file: Attachment
  readonly trouble: NonNullable<Source['trouble']>
  readonly onAgain: () => void
}

export function Unavailable({ file, trouble, onAgain }: Props) {
  const { state, ask } = useSaving(file)
  const { name } = file
  const gone = trouble === 'gone' || state === 'gone'
  return (
    <div className="unavailable">
      <p>
        <bdi title={name}>{name}</bdi>
        <span>{gone ? 'Not available any more' : 'Could not be loaded'}</span>
      </p>
      {!gone && (
        <div className="unavailable-ways">
          <button type="button" className="quiet" aria-label={`Try again: ${name}`} title="Try again" onClick={onAgain}>
            <Again />
          </button>
          <button
            type="button"
            className="quiet"
            aria-label={`Save ${name}`}
            title="Save"
            disabled={state === 'asked'}
            onClick={ask}
          >
            <Save />
          </button>
        </div>
      )}
    </div>
  )
}
