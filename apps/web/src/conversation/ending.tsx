// How an answer came to its end, where that needs a word, and what can be done with it then.
import type { Failure, Message, RunId, Usage } from '@parley/protocol'
import { type ReactNode, useState } from 'react'
import { Again, Alert, Square } from '../icons.tsx'
import { CopyButton } from './copy-button.tsx'
import { useDeeds } from './deeds.ts'

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
  readonly run?: RunId | undefined
  readonly usage?: Usage | undefined
  /** What else can be done with it. */
  readonly children?: ReactNode
}

export function Ending({ state, failure, text, run, usage, children }: Props) {
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
      {run !== undefined && <Retry run={run} />}
      {children}
      {usage !== undefined && <Used usage={usage} />}
    </footer>
  )
}

function Retry({ run }: { readonly run: RunId }) {
  const deeds = useDeeds()
  const [asked, setAsked] = useState(false)
  if (deeds === undefined) return null

  function retry(): void {
    setAsked(true)
    void deeds?.regenerate(run).then(() => setAsked(false))
  }

  return (
    <button
      type="button"
      className="quiet on-demand"
      aria-label="Retry"
      title="Answer anew"
      disabled={asked}
      onClick={retry}
    >
      <Again />
    </button>
  )
}

function Used({ usage: { model, inputTokens, outputTokens } }: { readonly usage: Usage }) {
  const tokens = `${count.format(inputTokens)} tokens in, ${count.format(outputTokens)} out`
  return <p className="used on-demand">{model === undefined ? tokens : `${model} · ${tokens}`}</p>
}

const count = new Intl.NumberFormat()
