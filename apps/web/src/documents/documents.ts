// The documents that there are, in the order in which one reads them, and where links between them lead.

interface Chapter {
  readonly title: string
  readonly documents: readonly Document[]
}

interface Document {
  /** Its address below `/docs/`: `PROTOCOL.md`, `guide/agents.md`. */
  readonly path: string
  readonly title: string
}

export const chapters: readonly Chapter[] = [
  {
    title: 'Guide',
    documents: [
      { path: 'README.md', title: 'Overview' },
      { path: 'guide/getting-started.md', title: 'Getting started' },
      { path: 'guide/embedding.md', title: 'Embedding' },
      { path: 'guide/server-api.md', title: 'Server API and webhooks' },
      { path: 'guide/agents.md', title: 'Agents' },
      { path: 'guide/clients.md', title: 'Clients' },
      { path: 'guide/files.md', title: 'Images, audio and files' },
      { path: 'guide/ai-sdk.md', title: 'The Vercel AI SDK' },
      { path: 'guide/tokens-and-rooms.md', title: 'Tokens and rooms' },
      { path: 'guide/configuration.md', title: 'Configuration' },
      { path: 'guide/reliability.md', title: 'Reliability' },
      { path: 'guide/operations.md', title: 'Operations' },
      { path: 'performance.md', title: 'Performance' },
      { path: 'guide/troubleshooting.md', title: 'Troubleshooting' },
    ],
  },
  {
    title: 'Behind it',
    documents: [
      { path: 'PROTOCOL.md', title: 'The protocol' },
      { path: 'ARCHITECTURE.md', title: 'Architecture' },
      { path: 'CONTRIBUTING.md', title: 'Contributing' },
    ],
  },
  {
    title: 'Decisions',
    documents: [
      { path: 'decisions/0001-a-room-is-a-log.md', title: 'A room is a log' },
      { path: 'decisions/0002-runs-begin-in-the-append.md', title: 'A run begins in the append' },
      { path: 'decisions/0003-the-log-guards-spans.md', title: 'The log guards spans' },
      { path: 'decisions/0004-a-run-has-one-holder.md', title: 'A run has one holder' },
      { path: 'decisions/0005-decisions-are-the-systems.md', title: 'Decisions are the system’s' },
      { path: 'decisions/0006-what-stands-is-told-anew.md', title: 'What stands is told anew' },
      { path: 'decisions/0007-bytes-lie-beside-the-log.md', title: 'Bytes lie beside the log' },
    ],
  },
]

const titles = new Map(chapters.flatMap(({ documents }) => documents).map(({ path, title }) => [path, title]))

/** Undefined for a document that is not in the list. */
export function titleOf(path: string): string | undefined {
  return titles.get(path)
}

/**
 * Where a link in the document `from` leads: other documents are at `/docs/`, the web and places on the page where
 * the link says. Undefined for files that the server does not show.
 */
export function linkFrom(from: string, href: string): string | undefined {
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/|#)/iu.test(href)) return href
  const { path, hash } = placeOf(from, href)
  return titles.has(path) ? `/docs/${path}${hash}` : undefined
}

/** Where a picture in the document `from` is. Undefined for what is none of the documentation's own. */
export function pictureFrom(from: string, src: string): string | undefined {
  const { path } = placeOf(from, src)
  return /^charts\/[\w-]+\.svg$/u.test(path) ? `/docs/${path}` : undefined
}

/** Below `/docs/`. In the repository the documents are in `docs`; those with great names are beside it. */
function placeOf(from: string, href: string): { readonly path: string; readonly hash: string } {
  const file = /^[A-Z]/u.test(from) ? from : `docs/${from}`
  const base = `http://repository/${file}`
  if (!URL.canParse(href, base)) return { path: '', hash: '' }
  const { origin, pathname, hash } = new URL(href, base)
  return { path: origin === 'http://repository' ? pathname.replace(/^\/(?:docs\/)?/u, '') : '', hash }
}
