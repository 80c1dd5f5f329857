// Tasks as lines for a terminal: one as it stands, and what is different about those of a room.
import { isTaskOver, type Task, type Timeline } from '@parley/protocol'
import { oneLine } from './printable.ts'

const SHORT_ID = 12
const ID_END = 4

/** What a task is called where people type: of a long id, its end. */
function handleOf({ id }: Pick<Task, 'id'>): string {
  return id.length <= SHORT_ID ? id : id.slice(-ID_END)
}

/** As in `3f2a  wash  in_progress 40 %  ann`. @param nameOf a user's name, by id. */
export function taskLine(task: Task, nameOf: (user: string) => string): string {
  const { title, status, progress, assignee } = task
  const far = progress > 0 || isTaskOver(task) ? ` ${progress} %` : ''
  const whose = assignee === undefined ? '' : `  ${nameOf(assignee)}`
  return `${handleOf(task)}  ${oneLine(title)}  ${oneLine(status)}${far}${whose}`
}

/** Tells what is new about tasks, picture by picture. Those that the first one shows are not new. */
export class TaskNews {
  #log = ''
  #start = 0
  #known: Timeline['tasks'] = new Map()

  hear({ room, position, start, tasks }: Timeline, nameOf: (user: string) => string): readonly string[] {
    const before = this.#known
    const log = position === undefined ? '' : `${room} ${position.epoch}`
    // What the past tells, once it is asked for, is not new either.
    const follows = log !== '' && log === this.#log && start >= this.#start
    this.#log = log
    this.#start = start
    this.#known = tasks
    if (!follows || tasks === before) return []
    return [...tasks.values()].flatMap((task) => {
      const was = before.get(task.id)
      return was === task ? [] : [newsOf(was, task, nameOf)]
    })
  }
}

function newsOf(was: Task | undefined, task: Task, nameOf: (user: string) => string): string {
  if (was === undefined) return `new task ${taskLine(task, nameOf)}`
  const { title, status, progress, assignee } = task
  const changes = [
    ...(title === was.title ? [] : [`was “${oneLine(was.title)}”`]),
    ...(status === was.status ? [] : [oneLine(status)]),
    ...(progress === was.progress ? [] : [`${progress} %`]),
    ...(assignee === was.assignee ? [] : [assignee === undefined ? 'for nobody' : `for ${nameOf(assignee)}`]),
  ]
  return `task ${handleOf(task)} ${oneLine(title)}: ${changes.join(', ') || 'changed'}`
}
