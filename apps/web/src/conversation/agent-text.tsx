// An agent's text: Markdown as soon as its renderer is here, plain until then and should it ever fail.
import { lazy, Suspense } from 'react'
import { Boundary } from '../boundary.tsx'

const load = () => import('./markdown.tsx')
export const Markdown = lazy(load)

/** Begins to fetch the renderer while the connection is still being made. */
export function preloadMarkdown(): void {
  // A failure shows itself, and is dealt with, where the renderer is used.
  load().catch(() => undefined)
}

export function AgentText({ text, growing }: { readonly text: string; readonly growing: boolean }) {
  const plain = <PlainText text={text} />
  return (
    <Boundary fallback={plain}>
      <Suspense fallback={plain}>
        <Markdown text={text} growing={growing} />
      </Suspense>
    </Boundary>
  )
}

export function PlainText({ text }: { readonly text: string }) {
  return (
    <div className="plain" dir="auto">
      {text}
    </div>
  )
}
