// Who is writing. Its line is always there, so that nothing moves when somebody begins.
import type { Author } from '@parley/protocol'
import { Dots } from '../conversation/dots.tsx'
import { nameOf } from '../conversation/names.ts'
import { fewWords } from './people.ts'
import './typing-line.css'

export function TypingLine({ typing }: { readonly typing: readonly Author[] }) {
  return (
    <p className="typing">
      {typing.length > 0 && (
        <>
          <span aria-hidden="true">
            <Dots />
          </span>
          <span>
            <bdi>{fewWords(typing.map(nameOf))}</bdi> {typing.length === 1 ? 'is' : 'are'} writing…
          </span>
        </>
      )}
    </p>
  )
}
