// Stands where a file would be that cannot be shown.
import type { Attachment } from '@parley/protocol'
import { Again } from '../icons.tsx'
import { SaveButton } from './save-button.tsx'
import { useSaving } from './use-saving.ts'
import type { Source } from './use-source.ts'
import './unavailable.css'

interface Props {
  readonly file: Attachment
  readonly trouble: NonNullable<Source['trouble']>
  readonly onAgain: () => void
}

export function Unavailable({ file, trouble, onAgain }: Props) {
  const saving = useSaving(file)
  const { name } = file
  const gone = trouble === 'gone' || saving.state === 'gone'
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
          <SaveButton name={name} saving={saving} className="quiet" />
        </div>
      )}
    </div>
  )
}
