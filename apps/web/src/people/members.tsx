// Who is in the room now: how many beside the title, who they are on demand.
import type { Author } from '@parley/protocol'
import { useState } from 'react'
import { Face } from '../conversation/byline.tsx'
import { nameOf } from '../conversation/names.ts'
import { People } from '../icons.tsx'
import { Sheet } from '../shell/sheet.tsx'
import './members.css'

interface Props {
  readonly members: readonly Author[]
  /** How many are here: more than are named in a large room. */
  readonly count: number
  readonly me: string | undefined
}

export function Members({ members, count, me }: Props) {
  const [open, setOpen] = useState(false)
  const words = count === 1 ? '1 member here' : `${count} members here`
  return (
    <>
      <button
        type="button"
        className="icon-button counted"
        aria-label={words}
        title={words}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <People />
        <span aria-hidden="true">{count}</span>
      </button>
      <Sheet title={count === 1 ? 'Here now: 1' : `Here now: ${count}`} open={open} onClose={() => setOpen(false)}>
        <ul className="members">
          {inOrder(members, me).map((member) => (
            <li key={member.id}>
              <Face by={member} />
              <bdi>{nameOf(member)}</bdi>
              {member.id === me && <span className="members-you">you</span>}
              {member.kind === 'agent' && <span className="byline-kind">agent</span>}
            </li>
          ))}
        </ul>
        {count > members.length && <p className="members-more">and {count - members.length} more</p>}
      </Sheet>
    </>
  )
}

/** Oneself first, then people, then agents, each by name. */
function inOrder(members: readonly Author[], me: string | undefined): readonly Author[] {
  const rank = ({ id, kind }: Author) => (id === me ? 0 : kind === 'agent' ? 2 : 1)
  return members.toSorted((one, other) => rank(one) - rank(other) || nameOf(one).localeCompare(nameOf(other)))
}
