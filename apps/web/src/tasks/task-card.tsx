// One task: what it is, how far it has come and whose it is; unfolded, all of that can be changed.
import type { Author, Priority, Task } from '@parley/protocol'
import { type ChangeEvent, useState } from 'react'
import { Face } from '../conversation/byline.tsx'
import { nameOf } from '../conversation/names.ts'
import { priorities, priorityWord, statuses, statusWord } from './board.ts'

/** What is to be different about a task. */
export type Change = Partial<Pick<Task, 'status' | 'progress' | 'priority'>> & { readonly assignee?: string | null }

interface Props {
  readonly task: Task
  /** To whom it may be given. */
  readonly people: readonly Author[]
  readonly onChange: (change: Change) => void
}

export function TaskCard({ task, people, onChange }: Props) {
  const { title, priority, progress, assignee, status } = task
  const whose = assignee === undefined ? undefined : (people.find(({ id }) => id === assignee) ?? stranger(assignee))
  return (
    <li className="task" data-status={status}>
      <details>
        <summary>
          <span className="task-title">{title}</span>
          {priority !== 2 && (
            <span className="task-priority" data-priority={priority}>
              {priorityWord(priority)}
            </span>
          )}
          {whose !== undefined && (
            <span className="task-whose" title={nameOf(whose)}>
              <Face by={whose} />
              <span className="visually-hidden">, of {nameOf(whose)}</span>
            </span>
          )}
        </summary>
        <div className="task-fields">
          <Choice label="Status" value={status} onChoose={(status) => onChange({ status })}>
            {(statuses.includes(status) ? statuses : [status, ...statuses]).map((one) => [one, statusWord(one)])}
          </Choice>
          <Choice
            label="Assigned to"
            value={assignee ?? ''}
            onChoose={(id) => onChange({ assignee: id === '' ? null : id })}
          >
            {[['', 'Nobody'], ...givable(people, whose).map((one) => [one.id, nameOf(one)] as const)]}
          </Choice>
          <Choice
            label="Priority"
            value={String(priority)}
            onChoose={(chosen) => {
              const found = priorities.find(({ priority }) => String(priority) === chosen)
              if (found !== undefined) onChange({ priority: found.priority satisfies Priority })
            }}
          >
            {priorities.map(({ priority, word }) => [String(priority), word])}
          </Choice>
          <ProgressField key={progress} progress={progress} onChange={(progress) => onChange({ progress })} />
        </div>
      </details>
      <div className="task-come">
        <div
          className="task-bar"
          role="progressbar"
          aria-label={title}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={progress}
        >
          <i style={{ inlineSize: `${progress}%` }} />
        </div>
        <span aria-hidden="true">{progress} %</span>
      </div>
    </li>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly onChoose: (value: string) => void
  /** Values and the words for them. */
  readonly children: readonly (readonly [value: string, word: string])[]
}

function Choice({ label, value, onChoose, children }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select
        className="field"
        value={value}
        onChange={(event: ChangeEvent<HTMLSelectElement>) => onChoose(event.target.value)}
      >
        {children.map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
    </label>
  )
}

interface ProgressFieldProps {
  readonly progress: number
  readonly onChange: (progress: number) => void
}

/** Told when it is let go of, not for each place that it is dragged over. */
function ProgressField({ progress, onChange }: ProgressFieldProps) {
  const [value, setValue] = useState(progress)
  const tell = () => value !== progress && onChange(value)
  return (
    <label>
      <span>Progress</span>
      <input
        type="range"
        min={0}
        max={100}
        step={5}
        value={value}
        onChange={(event: ChangeEvent<HTMLInputElement>) => setValue(event.target.valueAsNumber)}
        onPointerUp={tell}
        onKeyUp={tell}
        onBlur={tell}
      />
    </label>
  )
}

/** Whoever has it stays in the list, here or not. */
function givable(people: readonly Author[], whose: Author | undefined): readonly Author[] {
  return whose === undefined || people.some(({ id }) => id === whose.id) ? people : [whose, ...people]
}

function stranger(id: string): Author {
  return { id, kind: 'user' }
}
