// Who may be meant by the name that is being written.
import { Face } from './byline.tsx'
import { nameOf } from './names.ts'
import type { Mentioning } from './use-mentions.ts'

interface Props {
  readonly id: string
  readonly mentioning: Mentioning
}

export function MentionList({ id, mentioning: { options, chosen, take } }: Props) {
  return (
    <div className="mention-list" id={id} role="listbox" aria-label="People">
      {options.map((author, index) => (
        <div
          key={author.id}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          tabIndex={-1}
          // The text keeps the focus.
          onPointerDown={(event) => {
            event.preventDefault()
            take(author)
          }}
        >
          <Face by={author} />
          <bdi>{nameOf(author)}</bdi>
          {author.kind === 'agent' && <span className="byline-kind">agent</span>}
        </div>
      ))}
    </div>
  )
}
