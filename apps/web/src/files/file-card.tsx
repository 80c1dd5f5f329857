// A file to be saved: what it is called, what it is, how much it is.
import type { Attachment } from '@parley/protocol'
import { Save } from '../icons.tsx'
import { KindIcon } from './kinds.tsx'
import { sizeWords } from './sizes.ts'
import { useSaving } from './use-saving.ts'
import './file-card.css'

export function FileCard({ file }: { readonly file: Attachment }) {
  const { name, mediaType, size } = file
  const { state, ask } = useSaving(file)
  return (
    <div className="file-card" data-state={state}>
      <span className="file-kind">
        <KindIcon mediaType={mediaType} />
      </span>
      <span className="file-words">
        <bdi className="file-name" title={name}>
          {name}
        </bdi>
        <span className="file-facts">
          {state === 'gone' ? 'Not available any more' : `${kindWords(file)} · ${sizeWords(size)}`}
        </span>
      </span>
      {state !== 'gone' && (
        <button
          type="button"
          className="icon-button"
          aria-label={`Save ${name}`}
          title="Save"
          disabled={state === 'asked'}
          onClick={ask}
        >
          <Save />
        </button>
      )}
    </div>
  )
}

/** The ending of its name tells most people more than its type. */
function kindWords({ name, mediaType }: Attachment): string {
  const ending = /\.([a-z0-9]{1,5})$/iu.exec(name)?.[1]
  return (ending ?? mediaType.split('/').at(-1) ?? '').toUpperCase()
}
