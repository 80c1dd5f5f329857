// How far a tool has come, and the button that stops it.
import type { ToolProgress } from '@parley/protocol'
import { Square } from '../icons.tsx'
import { useDeeds } from './deeds.ts'
import type { Use } from './entries.ts'
import { fractionOf, measureOf } from './tool-words.tsx'

export function Progress({ tool, progress }: Use) {
  const deeds = useDeeds()
  const { name, title = name, state } = tool
  return (
    <div className="tool-progress">
      {progress !== undefined && (
        <p className="tool-doing">
          <span>{progress.text}</span>
          <span>{measureOf(progress)}</span>
        </p>
      )}
      <Bar title={title} progress={progress} />
      {deeds !== undefined && state === 'running' && (
        <button
          type="button"
          className="quiet"
          aria-label={`Cancel ${title}`}
          title="Stop this tool; the answer goes on"
          onClick={() => void deeds.cancel(tool)}
        >
          <Square />
        </button>
      )}
    </div>
  )
}

interface BarProps {
  readonly title: string
  readonly progress: ToolProgress | undefined
}

/** Without a value nobody knows how much is left. */
function Bar({ title, progress }: BarProps) {
  const fraction = progress && fractionOf(progress)
  const spoken = progress && [measureOf(progress), progress.text].filter(Boolean).join(', ')
  const percent = fraction === undefined ? undefined : Math.round(fraction * 100)
  return (
    <div
      className="tool-bar"
      role="progressbar"
      aria-label={title}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={spoken || undefined}
      data-known={percent !== undefined}
    >
      <i style={percent === undefined ? undefined : { inlineSize: `${percent}%` }} />
    </div>
  )
}
