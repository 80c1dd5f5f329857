// Who reacted how, below a message. Each can be joined, and left again.
import type { Message } from '@parley/protocol'
import { allWords, calledIn, usePeople } from '../people/people.ts'
import { useDeeds } from './deeds.ts'

export function Reactions({ message }: { readonly message: Message }) {
  const deeds = useDeeds()
  const people = usePeople()
  const { reactions } = message
  if (reactions === undefined || reactions.size === 0) return null
  return (
    <div className="reactions">
      {[...reactions].map(([reaction, users]) => {
        const mine = deeds?.me !== undefined && users.includes(deeds.me)
        const names = allWords(users.map((id) => (id === deeds?.me ? 'you' : calledIn(people, id))))
        return (
          <button
            key={reaction}
            type="button"
            aria-pressed={mine}
            aria-label={`${reaction} ${users.length}: ${names}`}
            title={names}
            disabled={deeds?.among === undefined}
            onClick={() => void deeds?.among?.react(message, reaction, !mine)}
          >
            <span>{reaction}</span>
            <span>{users.length}</span>
          </button>
        )
      })}
    </div>
  )
}
