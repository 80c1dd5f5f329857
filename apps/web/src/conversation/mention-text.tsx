// What a person has written, with those who are meant in it marked.
import { usePeople } from '../people/people.ts'
import { useDeeds } from './deeds.ts'
import { piecesOf } from './mentions.ts'

export function MentionText({ text }: { readonly text: string }) {
  const people = usePeople()
  const me = useDeeds()?.me
  let from = 0
  return (
    <div className="plain" dir="auto">
      {piecesOf(text, people).map(({ text, who }) => {
        const key = from
        from += text.length
        return who === undefined ? (
          text
        ) : (
          <span key={key} className="mention" data-me={who === me}>
            {text}
          </span>
        )
      })}
    </div>
  )
}
