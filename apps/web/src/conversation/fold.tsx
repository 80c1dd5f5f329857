// Something that is unfolded on demand; what is inside is made only then.
import { type ReactNode, useState } from 'react'

interface Props {
  readonly className?: string
  readonly summary: ReactNode
  readonly children: () => ReactNode
}

export function Fold({ className, summary, children }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <details className={className} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {open && children()}
    </details>
  )
}
