// The text of a document, from the server.
import { useEffect, useState } from 'react'

export type Fetched =
  | { readonly at: 'waiting' }
  | { readonly at: 'there'; readonly text: string }
  /** The server has no such document. */
  | { readonly at: 'missing' }
  /** The server did not answer, or not with a document. */
  | { readonly at: 'failed' }

export function useDocument(path: string): Fetched {
  const [fetched, setFetched] = useState<Fetched>({ at: 'waiting' })
  useEffect(() => {
    const gone = new AbortController()
    fetchDocument(path, gone.signal).then(
      (document) => gone.signal.aborted || setFetched(document),
      () => gone.signal.aborted || setFetched({ at: 'failed' }),
    )
    return () => gone.abort()
  }, [path])
  return fetched
}

async function fetchDocument(path: string, signal: AbortSignal): Promise<Fetched> {
  // This page has the same address: nothing that keeps answers may take one for the other.
  const answer = await fetch(`/docs/${path}`, { headers: { accept: 'text/markdown' }, cache: 'no-store', signal })
  if (answer.ok) return { at: 'there', text: await answer.text() }
  return { at: answer.status >= 500 ? 'failed' : 'missing' }
}
