// What belongs to a message of a person: how to say it better, and what became of it while an agent was at work.
import type { Message } from '@parley/protocol'
import { Clock, Pencil, Steer } from '../icons.tsx'
import { useDeeds } from './deeds.ts'
import type { Note } from './entries.ts'
import { fullTime } from './times.ts'
import { canReword } from './use-editing.ts'

export function Edit({ message }: { readonly message: Message }) {
  const deeds = useDeeds()
  if (deeds === undefined || !canReword(message)) return null
  return (
    <button
      type="button"
      className="quiet on-demand edit"
      aria-label="Edit"
      title="Edit"
      onClick={() => deeds.edit(message)}
    >
      <Pencil />
    </button>
  )
}

export function Edited({ at }: { readonly at: number }) {
  return (
    <span className="edited" title={fullTime(at)}>
      edited
    </span>
  )
}

/** Stands where something was said. */
export function Removed() {
  return <p className="removed">Message removed</p>
}

export function Fate({ note }: { readonly note: Note }) {
  return (
    <p className="mark fate" data-tone="calm">
      {note === 'waits' ? <Clock /> : <Steer />}
      {note === 'waits' ? 'Waits for its turn' : 'Given to the answer above'}
    </p>
  )
}
