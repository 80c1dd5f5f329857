// The work in a room.
import type { Room } from '@parley/client'
import { isTaskOver, type Task } from '@parley/protocol'
import { useCallback, useMemo } from 'react'
import { useClient } from './provider.ts'
import { useRoom } from './use-room.ts'

export interface TaskFilter {
  readonly status?: string
  /** Id of a user or an agent. */
  readonly assignee?: string
  /** True: also tasks that are over, as far as the picture tells of them. Default: only where `status` asks for them. */
  readonly over?: boolean
}

/** The functions stay the same as long as the room does. */
export interface Tasks {
  /** In the order in which the picture came to know of them. */
  readonly tasks: readonly Task[]
  readonly create: Room['createTask']
  readonly update: Room['setTask']
  /** Gives a task to somebody, or to nobody (null). */
  readonly assign: (task: string, user: string | null) => Promise<Task>
}

export function useTasks(id: string, { status, assignee, over = status !== undefined }: TaskFilter = {}): Tasks {
  const { createTask: create, setTask: update } = useClient().room(id)
  const { tasks: all } = useRoom(id)
  const tasks = useMemo(() => {
    const asked = (task: Task): boolean =>
      (status === undefined || task.status === status) &&
      (assignee === undefined || task.assignee === assignee) &&
      (over || !isTaskOver(task))
    return [...all.values()].filter(asked)
  }, [all, status, assignee, over])
  const assign = useCallback<Tasks['assign']>((task, user) => update(task, { assignee: user }), [update])
  return { tasks, create, update, assign }
}
