// A link out of a message: it opens beside the conversation and leads nowhere but to the web, a mailbox or a telephone.
import type { ReactNode } from 'react'

const safe: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:', 'tel:'])

export function Link({ href, children }: { readonly href: unknown; readonly children: ReactNode }) {
  const url = typeof href === 'string' ? safeUrl(href) : undefined
  if (url === undefined) return <span>{children}</span>
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  )
}

export function safeUrl(href: string): string | undefined {
  const url = URL.parse(href, location.origin)
  return url !== null && safe.has(url.protocol) ? href : undefined
}
