// What went into a tool or came out of it, to be read and copied.
import type { Json } from '@parley/protocol'
import { CopyButton } from './copy-button.tsx'

interface Props {
  readonly label: string
  readonly value: Json
}

/** A tool that takes nothing is given an empty object, which nobody needs to read. */
export function Input({ value }: { readonly value: Json | undefined }) {
  const empty = value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  return empty ? null : <Value label="Input" value={value} />
}

export function Value({ label, value }: Props) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return (
    <figure className="tool-value">
      <figcaption>
        {label}
        <CopyButton label={`Copy ${label.toLowerCase()}`} text={() => text} />
      </figcaption>
      <pre>{text}</pre>
    </figure>
  )
}
