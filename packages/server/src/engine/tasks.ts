// Work in a room: each change of a task is a fact that tells the whole of it, made from the one before.
import {
  type Author,
  type Event,
  isTaskOver,
  type ListTasks,
  type Priority,
  Refusal,
  type SetTask,
  type Task,
  type TaskSet,
} from '@parley/protocol'
import type { Room } from './room.ts'

/** Somebody else may change the task in the same moment: so often it is tried anew. */
const TRIES = 8
/** Tasks of a room that are looked at for a list. */
const LISTED = 1_000

export interface Done {
  readonly task: Task
  readonly event: Event
  /** Whether it was given to somebody by this. */
  readonly assigned: boolean
}

/**
 * Makes or changes a task. `by` and `command.id` make sending it again harmless. Refuses (`task.unknown`) a change of what
 * was never made. @param knows whether somebody by this id can be given work here; asked only for a new assignee.
 */
export async function setTask(
  room: Room,
  by: Author,
  command: SetTask,
  knows: (user: string) => Promise<boolean>,
): Promise<Done> {
  const { assignee } = command
  for (let tries = 1; ; tries += 1) {
    const sent = await room.find(by.id, command.id)
    if (sent?.fact.type === 'task.set') return { task: sent.fact.task, event: sent, assigned: false }
    const [last] = await room.standing(`task/${command.task}`, 1)
    const was = last?.fact.type === 'task.set' && last.fact.task.id === command.task ? last.fact.task : undefined
    const fact = changed(was, command)
    if (typeof assignee === 'string' && assignee !== was?.assignee && !(await knows(assignee)))
      throw new Refusal('user.unknown', `nobody called ${assignee} is known in this room`)
    try {
      const after = was === undefined ? 0 : (last?.seq ?? 0)
      const [appended] = await room.append([{ by, id: command.id, fact, after }])
      if (appended === undefined) throw new Error('the log said nothing of a task')
      const assigned = fact.task.assignee !== undefined && fact.task.assignee !== was?.assignee
      return { task: fact.task, event: appended.event, assigned }
    } catch (cause) {
      if (tries === TRIES || !(cause instanceof Refusal) || cause.problem.code !== 'id.conflict') throw cause
    }
  }
}

/** The fact of a task after a change. */
export function changed(was: Task | undefined, wish: SetTask): TaskSet {
  const { title = was?.title, status = was?.status ?? 'open', assignee = was?.assignee ?? null } = wish
  if (title === undefined)
    throw new Refusal('task.unknown', `there is no task ${wish.task} here; a new one needs a title`)
  const metadata = wish.metadata === undefined ? was?.metadata : { ...was?.metadata, ...wish.metadata }
  const progress = wish.progress ?? (status === 'done' && was?.status !== 'done' ? 100 : (was?.progress ?? 0))
  const task: Task = {
    id: wish.task,
    title,
    status,
    progress,
    priority: wish.priority ?? was?.priority ?? (2 satisfies Priority),
    ...(assignee === null ? {} : { assignee }),
    ...(metadata === undefined ? {} : { metadata }),
  }
  const assigned = wish.assignee !== undefined && wish.assignee !== (was?.assignee ?? null)
  return { type: 'task.set', task, change: was === undefined ? 'created' : assigned ? 'assigned' : 'updated' }
}

/** Those that are asked for, the latest change first. */
export async function listTasks(room: Room, { status, assignee, limit = 100 }: ListTasks): Promise<readonly Task[]> {
  const events = await room.standing('task/', LISTED)
  const tasks = events.flatMap(({ fact }) => (fact.type === 'task.set' ? [fact.task] : []))
  return tasks
    .filter(
      (task) =>
        (status === undefined || task.status === status) && (assignee === undefined || task.assignee === assignee),
    )
    .toSorted((a, b) => Number(isTaskOver(a)) - Number(isTaskOver(b)))
    .slice(0, limit)
}
