// How an answer came to its end, where that needs a word.
import type { Failure, Message } from '@parley/protocol'
import { Alert, Square } from '../icons.tsx'
import { CopyButton } from './copy-button.tsx'

type Ended = Exclude<Message['state'], 'streaming'>

const endings = {
  completed: undefined,
  cancelled: { words: 'Stopped', tone: 'calm' },
  failed: { words: 'The answer failed', tone: 'danger' },
  timed_out: { words: 'The answer took too long and was stopped', tone: 'warn' },
  interrupted: { words: 'The answer was interrupted', tone: 'warn' },
} as const satisfies Record<Ended, { readonly words: string; readonly tone: string } | undefined>

interface Props {
  readonly state: Ended
  readonly failure: Failure | undefined
  /** What was said until then. */
  readonly text: string
}

export function Ending({ state, failure, text }: Props) {
  const ending = endings[state]
  return (
    <footer className="ending">
      {ending !== undefined && (
        <p className="mark" data-tone={ending.tone}>
          {state === 'cancelled' ? <Square /> : <Alert />}
          <span>
            {failure === undefined || state === 'cancelled' ? ending.words : `${ending.words}: ${failure.message}`}
          </span>
        </p>
      )}
      {text !== '' && <CopyButton label="Copy answer" text={() => text} />}
    </footer>
  )
}
