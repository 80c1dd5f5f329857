// A block of code with its language and a button that copies it.
import { isValidElement, type ReactNode, useRef } from 'react'
import { CopyButton } from './copy-button.tsx'

export function CodeBlock({ children }: { readonly children: ReactNode }) {
  const code = useRef<HTMLPreElement>(null)
  return (
    <figure className="code">
      <figcaption>
        <span>{languageOf(children)}</span>
        <CopyButton label="Copy code" text={() => code.current?.textContent ?? ''} />
      </figcaption>
      <pre ref={code} dir="ltr">
        {children}
      </pre>
    </figure>
  )
}

/** The code arrives as `<code class="language-ts">`. */
function languageOf(children: ReactNode): string {
  if (!isValidElement<{ className?: string }>(children)) return 'text'
  return /language-(\S+)/.exec(children.props.className ?? '')?.[1] ?? 'text'
}
