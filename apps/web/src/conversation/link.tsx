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

/** A place within a message is none in the page: several messages may have the same. */
function safeUrl(href: string): string | undefined {
  if (href.startsWith('#')) return undefined
  if (!URL.canParse(href, location.origin)) return undefined
  return safe.has(new URL(href, location.origin).protocol) ? href : undefined
}
