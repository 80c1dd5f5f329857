// Whether a tool may do what it wants to: the question, and the two answers.
import type { Tool } from '@parley/protocol'
import { type MouseEvent, useState } from 'react'
import { type Deeds, useDeeds } from './deeds.ts'
import { fullTime, untilTime } from './times.ts'
import { Input } from './value.tsx'

interface Props {
  readonly tool: Tool
}

export function Approval({ tool }: Props) {
  const deeds = useDeeds()
  const { name, title = name, input, approval } = tool
  return (
    <fieldset className="tool-approval" aria-label={`Approval of ${title}`}>
      <p>
        This is done only if you allow it
        {approval !== undefined && (
          <>
            {' '}
            by{' '}
            <time dateTime={new Date(approval.until).toISOString()} title={fullTime(approval.until)}>
              {untilTime(approval.until, Date.now())}
            </time>
          </>
        )}
        .
      </p>
      <Input value={input} />
      {deeds !== undefined && <Decision tool={tool} deeds={deeds} />}
    </fieldset>
  )
}

function Decision({ tool, deeds }: Props & { readonly deeds: Deeds }) {
  const [reason, setReason] = useState('')
  const [deciding, setDeciding] = useState(false)

  function decide(approved: boolean, { currentTarget }: MouseEvent): void {
    // The buttons will be gone; whoever uses the keyboard goes on from the tool.
    currentTarget.closest('.tool')?.querySelector('summary')?.focus()
    setDeciding(true)
    void deeds.approve(tool, approved, reason.trim() || undefined).then((taken) => setDeciding(taken))
  }

  return (
    <div className="tool-decision">
      <button
        type="button"
        className="button primary small"
        disabled={deciding}
        onClick={(event) => decide(true, event)}
      >
        Approve
      </button>
      <button type="button" className="button small" disabled={deciding} onClick={(event) => decide(false, event)}>
        Deny
      </button>
      <input
        className="field"
        aria-label="Reason"
        placeholder="Reason (optional)"
        maxLength={500}
        disabled={deciding}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          // Here it takes back what was written, instead of stopping the agent.
          event.preventDefault()
          setReason('')
        }}
      />
    </div>
  )
}
