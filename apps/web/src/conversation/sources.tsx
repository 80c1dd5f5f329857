// Where an agent has its knowledge from.
import type { Json, Message } from '@parley/protocol'
import { World } from '../icons.tsx'
import { Link } from './link.tsx'

/** The name of the data parts that tell a source: `{ url, title? }`. */
export const SOURCE = 'source-url'

interface Source {
  readonly url: string
  readonly title: string
}

/** Each address once. */
export function sourcesOf({ parts }: Pick<Message, 'parts'>): readonly Source[] {
  const sources = parts.flatMap((part) => (part.type === 'data' && part.name === SOURCE ? sourceIn(part.data) : []))
  return [...new Map(sources.map((source) => [source.url, source])).values()]
}

export function Sources({ sources }: { readonly sources: readonly Source[] }) {
  return (
    <ul className="sources" aria-label="Sources">
      {sources.map(({ url, title }) => (
        <li key={url}>
          <World />
          <Link href={url}>{title}</Link>
        </li>
      ))}
    </ul>
  )
}

function sourceIn(data: Json): readonly Source[] {
  if (typeof data !== 'object' || data === null || !('url' in data) || typeof data.url !== 'string') return []
  const { url, title } = data
  return [{ url, title: typeof title === 'string' && title !== '' ? title : url }]
}
