// What can be done about people and work by those who type: who is here, tasks, looking for words.
import type { Client, Room, TaskChange } from '@parley/client'
import { absurd, type Hit, isTaskOver, type Member, type Task } from '@parley/protocol'
import { nameOf, oneLine } from '../printable.ts'
import { taskLine } from '../task-lines.ts'
import type { Deed } from './deeds.ts'
import { idOf, nameIn } from './people.ts'
import type { WorkWish } from './slash.ts'

export function work(room: Room, wish: WorkWish): Deed {
  switch (wish.does) {
    case 'who':
      return { telling: who(room) }
    case 'tasks':
      return { telling: tasks(room, wish.filter) }
    case 'task':
      return { works: [room.createTask(wish.title)] }
    case 'assign':
      return assign(room, wish.task, wish.user)
    case 'progress': {
      const { progress, status } = wish
      return change(room, wish.task, { progress, ...(status === undefined ? {} : { status }) })
    }
    default:
      return absurd(wish)
  }
}

async function who(room: Room): Promise<readonly string[]> {
  const members = await room.listMembers()
  const { count } = room.timeline
  const more = count > members.length ? [`… and ${count - members.length} more`] : []
  return [...members.map(memberLine), ...more]
}

function memberLine({ user, state }: Member): string {
  const what = user.kind === 'user' ? '' : ` (${user.kind})`
  return `${nameOf(user)}${what}${state === undefined ? '' : `  ${oneLine(JSON.stringify(state))}`}`
}

/** What is to be done is in the picture; the rest is asked for. */
async function tasks(room: Room, filter: string | undefined): Promise<readonly string[]> {
  const found =
    filter === undefined
      ? [...room.timeline.tasks.values()].filter((task) => !isTaskOver(task))
      : await list(room, filter)
  const none = filter === undefined ? 'nothing is to be done' : 'no such tasks'
  return found.length === 0 ? [none] : found.map((task) => taskLine(task, (user) => nameIn(room.timeline, user)))
}

function list(room: Room, filter: string): Promise<readonly Task[]> {
  if (filter === 'all') return room.listTasks()
  if (!filter.startsWith('@')) return room.listTasks({ status: filter })
  return room.listTasks({ assignee: idOf(room.timeline, filter) ?? filter.slice(1) })
}

/** Whoever is not in sight may be known to the server all the same. */
function assign(room: Room, task: string, user: string | undefined): Deed {
  const assignee = user === undefined ? null : (idOf(room.timeline, user) ?? user.replace(/^@/, ''))
  return change(room, task, { assignee })
}

/** `named`: a task's id, or its end where that says enough. An id that is not in the picture may be of the past. */
function change(room: Room, named: string, how: TaskChange): Deed {
  const known = [...room.timeline.tasks.values()]
  const exact = known.find(({ id }) => id === named)
  const meant = exact === undefined ? known.filter(({ id }) => id.endsWith(named)) : [exact]
  if (meant.length > 1)
    return { hint: `which one: ${meant.map((task) => `${task.id} ${oneLine(task.title)}`).join(', ')}` }
  const [task] = meant
  return { works: [room.setTask(task?.id ?? named, how)] }
}

/** What was said anywhere with these words, as lines. */
export async function search(client: Client, text: string): Promise<readonly string[]> {
  const hits = await client.search(text)
  return hits.length === 0 ? ['nothing was found'] : hits.map(hitLine)
}

function hitLine({ room, by, at, excerpt }: Hit): string {
  return `${room}  ${new Date(at).toLocaleString()}  ${nameOf(by)}: ${oneLine(excerpt)}`
}
