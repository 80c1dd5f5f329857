// A document of the documentation, to be read by anybody: it needs neither a connection nor a name.
import { Suspense, useEffect } from 'react'
import { Boundary } from '../boundary.tsx'
import { useNarrow } from '../browser/media.ts'
import { Markdown, PlainText } from '../conversation/agent-text.tsx'
import { Fold } from '../conversation/fold.tsx'
import { Back, Mark } from '../icons.tsx'
import { DocumentList } from './document-list.tsx'
import { titleOf } from './documents.ts'
import { type Fetched, useDocument } from './use-document.ts'
import './document.css'

/** No heading can have this name: it has a dot. */
const TEXT = 'the.text'

export function DocumentPage({ document: path }: { readonly document: string }) {
  const fetched = useDocument(path)
  const title = titleOf(path) ?? path
  useEffect(() => {
    document.title = `${title} · Parley`
  }, [title])
  return (
    <div className="documents">
      <a className="button primary documents-skip" href={`#${TEXT}`}>
        Skip to the text
      </a>
      <header className="documents-beside">
        <div className="brand">
          <Mark size={26} />
          <span>Parley</span>
        </div>
        <a className="button" href="/">
          <Back /> Conversations
        </a>
        <Beside open={path} />
      </header>
      <main className="documents-main" id={TEXT} tabIndex={-1} aria-busy={fetched.at === 'waiting'}>
        <Shown path={path} fetched={fetched} />
      </main>
    </div>
  )
}

function Beside({ open }: { readonly open: string }) {
  if (!useNarrow()) return <DocumentList open={open} />
  return (
    <Fold className="documents-fold" summary="Documents">
      {() => <DocumentList open={open} />}
    </Fold>
  )
}

function Shown({ path, fetched }: { readonly path: string; readonly fetched: Fetched }) {
  switch (fetched.at) {
    case 'waiting':
      return null
    case 'there':
      return (
        <Boundary fallback={<PlainText text={fetched.text} />}>
          <Suspense>
            <Markdown text={fetched.text} growing={false} document={path} />
            <Arrival />
          </Suspense>
        </Boundary>
      )
    case 'missing':
      return (
        <div className="notice" role="alert">
          <h1>There is no such document</h1>
          <p>Perhaps it has moved, or a part of the link was lost. The list has all that there are.</p>
        </div>
      )
    case 'failed':
      return (
        <div className="notice" role="alert">
          <h1>The document could not be fetched</h1>
          <p>The server did not answer as it should. Perhaps it does in a moment.</p>
          <button type="button" className="button primary" onClick={() => location.reload()}>
            Reload
          </button>
        </div>
      )
  }
}

/** Goes to the place that the address names, which was not there when the page was loaded. */
function Arrival() {
  useEffect(() => {
    if (location.hash !== '') location.replace(location.hash)
  }, [])
  return null
}
