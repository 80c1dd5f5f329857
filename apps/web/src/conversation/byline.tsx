// Who wrote something, and when.
import type { Author } from '@parley/protocol'
import { hueOf, initialsOf, nameOf } from './names.ts'
import { clockTime, fullTime } from './times.ts'

interface Props {
  readonly by: Author
  readonly at: number
  /** Whether the one who reads wrote it. */
  readonly mine: boolean
  /** Whether a new group begins here; inside a group the name is only spoken. */
  readonly opens: boolean
}

export function Byline({ by, at, mine, opens }: Props) {
  if (mine) return <OwnByline at={at} opens={opens} />
  const name = nameOf(by)
  if (!opens) return <p className="visually-hidden">{name}</p>
  return (
    <header className="byline">
      <Face by={by} />
      <bdi className="byline-name">{name}</bdi>
      {by.kind === 'agent' && <span className="byline-kind">agent</span>}
      <Time at={at} />
    </header>
  )
}

export function OwnByline({ at, opens }: Omit<Props, 'by' | 'mine'>) {
  return (
    <header className={opens ? 'byline' : 'visually-hidden'}>
      <span className="visually-hidden">You</span>
      <Time at={at} />
    </header>
  )
}

function Time({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {clockTime(at)}
    </time>
  )
}

export function Face({ by }: { readonly by: Author }) {
  return (
    <span className="face" data-kind={by.kind} style={faceOf(by)} aria-hidden="true">
      {initialsOf(by)}
    </span>
  )
}

function faceOf(by: Author) {
  return by.kind === 'agent' ? undefined : { background: `oklch(0.5 0.09 ${hueOf(by)})` }
}
