// The tasks of a room: what is to be done, by whom, and how far it has come.
import type { Author, Task } from '@parley/protocol'
import { type SubmitEvent, useState } from 'react'
import { Plus } from '../icons.tsx'
import { boardOf, type Column, isOver, statusWord } from './board.ts'
import { type Change, TaskCard } from './task-card.tsx'
import './task-board.css'

interface Props {
  readonly tasks: ReadonlyMap<string, Task>
  readonly people: readonly Author[]
  readonly me: string | undefined
  /** Resolves with whether it was taken. */
  readonly onCreate: (title: string) => Promise<boolean>
  readonly onChange: (task: string, change: Change) => void
  /** Why the last change was not taken. */
  readonly trouble: string | undefined
}

export function TaskBoard({ tasks, people, me, onCreate, onChange, trouble }: Props) {
  const [mine, setMine] = useState(false)
  const columns = boardOf(tasks.values(), mine ? me : undefined)
  const list = (column: Column) => (
    <ul className="tasks">
      {column.tasks.map((task) => (
        <TaskCard key={task.id} task={task} people={people} onChange={(change) => onChange(task.id, change)} />
      ))}
    </ul>
  )
  return (
    <div className="task-board">
      <NewTask onCreate={onCreate} />
      {trouble !== undefined && (
        <p className="mark" data-tone="danger" role="alert">
          {trouble}
        </p>
      )}
      {me !== undefined && (
        <button type="button" className="button small mine" aria-pressed={mine} onClick={() => setMine(!mine)}>
          Mine
        </button>
      )}
      {columns.length === 0 && <p className="tasks-none">{mine ? 'Nothing is assigned to you.' : 'No tasks yet.'}</p>}
      {columns.map((column) => {
        const head = `${statusWord(column.status)} · ${column.tasks.length}`
        return isOver(column) ? (
          <details key={column.status} className="task-column">
            <summary>{head}</summary>
            {list(column)}
          </details>
        ) : (
          <section key={column.status} className="task-column" aria-label={statusWord(column.status)}>
            <h3>{head}</h3>
            {list(column)}
          </section>
        )
      })}
    </div>
  )
}

/** What was typed stays until it is taken. */
function NewTask({ onCreate }: Pick<Props, 'onCreate'>) {
  const [title, setTitle] = useState('')
  const [busy, setBusy] = useState(false)

  async function create(): Promise<void> {
    if (title.trim() === '' || busy) return
    setBusy(true)
    if (await onCreate(title.trim())) setTitle('')
    setBusy(false)
  }

  return (
    <form
      className="task-new"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault()
        void create()
      }}
    >
      <input
        className="field"
        aria-label="New task"
        placeholder="New task"
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <button
        type="submit"
        className="icon-button"
        aria-label="Add task"
        title="Add task"
        disabled={title.trim() === '' || busy}
      >
        <Plus />
      </button>
    </form>
  )
}
