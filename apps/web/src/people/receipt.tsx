// What became of one's own message: it is kept, or who has seen it.
import { Check, Checks } from '../icons.tsx'
import { allWords, calledIn, fewWords, usePeople } from './people.ts'
import './receipt.css'

/** More than this many are counted, and named on demand. */
const NAMED = 2

export function Receipt({ seen }: { readonly seen: readonly string[] }) {
  const people = usePeople()
  if (seen.length === 0)
    return (
      <p className="receipt">
        <Check /> Sent
      </p>
    )
  const names = seen.map((id) => calledIn(people, id))
  if (names.length <= NAMED)
    return (
      <p className="receipt">
        <Checks /> Seen by {fewWords(names)}
      </p>
    )
  return (
    <details className="receipt">
      <summary>
        <Checks /> Seen by {names.length}
      </summary>
      <p>{allWords(names)}</p>
    </details>
  )
}
