// One use of a tool: what it is, how it goes while it goes, who allowed it, and on demand what went in and came out.
import { isToolOver, type Tool } from '@parley/protocol'
import { memo } from 'react'
import { Chevron } from '../icons.tsx'
import { useDeeds } from './deeds.ts'
import type { Use } from './entries.ts'
import { Fold } from './fold.tsx'
import { Tail } from './tail.tsx'
import { Approval } from './tool-approval.tsx'
import { Progress } from './tool-progress.tsx'
import { decisionOn, StateIcon, words } from './tool-words.tsx'
import { Input, Value } from './value.tsx'
import './tool-card.css'

export const ToolCard = memo(function ToolCard({ tool, progress }: Use) {
  const { name, title = name, state } = tool
  return (
    <div className="tool" data-state={state}>
      <Fold
        summary={
          <>
            <StateIcon state={state} />
            <span className="tool-title">{title}</span>
            <span className="tool-state">{words[state]}</span>
            <span className="tool-chevron">
              <Chevron />
            </span>
          </>
        }
      >
        {() => <Details tool={tool} />}
      </Fold>
      <Live tool={tool} progress={progress} />
    </div>
  )
})

/** What nobody should have to unfold. */
function Live({ tool, progress }: Use) {
  const me = useDeeds()?.me
  const { state, inputText = '', printed = '' } = tool
  const working = state === 'running' || state === 'cancelling'
  const decided = decisionOn(tool, me)
  const failure = failureOf(tool)
  const bare = state === 'writing' && inputText === ''
  if (bare || (isToolOver(tool) && decided === undefined && failure === undefined)) return null
  return (
    <div className="tool-live">
      {state === 'writing' && <Tail label="Input" text={inputText} />}
      {state === 'asking' && <Approval tool={tool} />}
      {decided !== undefined && <p className="tool-decided">{decided}</p>}
      {working && <Progress tool={tool} progress={progress} />}
      {working && printed !== '' && <Tail label="Printed" text={printed} />}
      {failure !== undefined && <p className="tool-failure">{failure}</p>}
    </div>
  )
}

function Details({ tool }: { readonly tool: Tool }) {
  const { name, state, input, output, printed = '' } = tool
  // What it printed is its output where it has none of its own.
  const more = isToolOver(tool) && printed !== '' && printed !== output
  return (
    <div className="tool-body">
      <p className="tool-name">{name}</p>
      {state !== 'asking' && <Input value={input} />}
      {more && <Value label="Printed" value={printed} />}
      {output !== undefined && <Value label="Output" value={output} />}
    </div>
  )
}

/** Where somebody stopped or denied it, that says enough. */
function failureOf({ state, failure, approval }: Tool): string | undefined {
  if (state === 'cancelled' || (state === 'denied' && approval?.approved !== undefined)) return undefined
  return failure?.message
}
