// Copies a text and says so for a moment.
import { useEffect, useState } from 'react'
import { copy } from '../browser/copy.ts'
import { Check, Copy } from '../icons.tsx'

const SHOWN_MS = 2_000

interface Props {
  readonly label: string
  readonly text: () => string
}

export function CopyButton({ label, text }: Props) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <button
      type="button"
      className="copy"
      aria-label={copied ? 'Copied' : label}
      title={label}
      onClick={() => void copy(text()).then(setCopied)}
    >
      {copied ? <Check /> : <Copy />}
    </button>
  )
}
