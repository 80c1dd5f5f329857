// Asks for a file to be saved.
import { Save } from '../icons.tsx'
import type { Saving } from './use-saving.ts'

interface Props {
  readonly name: string
  readonly saving: Saving
  readonly className: string
}

export function SaveButton({ name, saving: { state, ask }, className }: Props) {
  return (
    <button
      type="button"
      className={className}
      aria-label={`Save ${name}`}
      title="Save"
      disabled={state !== 'idle'}
      onClick={ask}
    >
      <Save />
    </button>
  )
}
