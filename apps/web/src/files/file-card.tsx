// A file to be saved: what it is called, what it is, how much it is.
import type { Attachment } from '@parley/protocol'
import { KindIcon } from './kinds.tsx'
import { SaveButton } from './save-button.tsx'
import { sizeWords } from './sizes.ts'
import { useSaving } from './use-saving.ts'
import './file-card.css'

export function FileCard({ file }: { readonly file: Attachment }) {
  const { name, mediaType, size } = file
  const saving = useSaving(file)
  const { state } = saving
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
      {state !== 'gone' && <SaveButton name={name} saving={saving} className="icon-button" />}
    </div>
  )
}

/** The ending of its name tells most people more than its type. */
function kindWords({ name, mediaType }: Attachment): string {
  const ending = /\.([a-z0-9]{1,5})$/iu.exec(name)?.[1]
  return (ending ?? mediaType.split('/').at(-1) ?? '').toUpperCase()
}
