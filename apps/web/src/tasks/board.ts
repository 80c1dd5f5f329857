// The tasks of a room as a board: by status, the most urgent first.
import { isTaskOver, type Priority, type Task } from '@parley/protocol'

export interface Column {
  readonly status: string
  readonly tasks: readonly Task[]
}

/** The states that every room knows, in the order in which work goes through them. */
export const statuses: readonly string[] = ['open', 'in_progress', 'blocked', 'done', 'cancelled']

const words: Readonly<Record<string, string>> = {
  open: 'Open',
  in_progress: 'In progress',
  blocked: 'Blocked',
  done: 'Done',
  cancelled: 'Cancelled',
}

/** A label of the app's own is its own word. */
export function statusWord(status: string): string {
  return words[status] ?? status
}

export const priorities: readonly { readonly priority: Priority; readonly word: string }[] = [
  { priority: 0, word: 'Critical' },
  { priority: 1, word: 'High' },
  { priority: 2, word: 'Normal' },
  { priority: 3, word: 'Low' },
  { priority: 4, word: 'Background' },
]

export function priorityWord(priority: Priority): string {
  return priorities[priority]?.word ?? 'Normal'
}

/** What is being worked on first; labels of the app's own before what is over. */
const order = ['in_progress', 'open', 'blocked']
const last = ['done', 'cancelled']

/** Columns without a task are left out. */
export function boardOf(tasks: Iterable<Task>, of?: string): readonly Column[] {
  const wanted = [...tasks].filter(({ assignee }) => of === undefined || assignee === of)
  const columns = Map.groupBy(wanted, ({ status }) => status)
  const own = [...columns.keys()].filter((status) => !order.includes(status) && !last.includes(status))
  return [...order, ...own.toSorted(), ...last].flatMap((status) => {
    const column = columns.get(status)
    return column === undefined ? [] : { status, tasks: column.toSorted((a, b) => a.priority - b.priority) }
  })
}

export function isOver(column: Column): boolean {
  return column.tasks.every(isTaskOver)
}

/** How many are still to be done. */
export function goingIn(tasks: Iterable<Task>): number {
  return [...tasks].filter((task) => !isTaskOver(task)).length
}
