// One use of a tool: what it is, how it went, and on demand what went in and came out.
import type { Json, Tool } from '@parley/protocol'
import { memo } from 'react'
import { Chevron, Wrench } from '../icons.tsx'
import { CopyButton } from './copy-button.tsx'
import { Fold } from './fold.tsx'
import './tool-card.css'

const words: Record<Tool['state'], string> = {
  running: 'Running',
  ok: 'Done',
  failed: 'Failed',
  timed_out: 'Timed out',
  cancelled: 'Cancelled',
  denied: 'Denied',
  skipped: 'Skipped',
}

export const ToolCard = memo(function ToolCard({ tool }: { readonly tool: Tool }) {
  const { name, title = name, state, input, output, failure } = tool
  return (
    <div className="tool" data-state={state}>
      <Fold
        summary={
          <>
            <Wrench />
            <span className="tool-title">{title}</span>
            <span className="tool-state">{words[state]}</span>
            <span className="tool-chevron">
              <Chevron />
            </span>
          </>
        }
      >
        {() => (
          <div className="tool-body">
            {title !== name && <p className="tool-name">{name}</p>}
            <Value label="Input" value={input} />
            {output !== undefined && <Value label="Output" value={output} />}
            {failure !== undefined && <p className="tool-failure">{failure.message}</p>}
          </div>
        )}
      </Fold>
      {state === 'running' && <div className="tool-progress" role="progressbar" aria-label={title} />}
    </div>
  )
})

function Value({ label, value }: { readonly label: string; readonly value: Json }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return (
    <figure className="tool-value">
      <figcaption>
        {label}
        <CopyButton label={`Copy ${label.toLowerCase()}`} text={() => text} />
      </figcaption>
      <pre>{text}</pre>
    </figure>
  )
}
