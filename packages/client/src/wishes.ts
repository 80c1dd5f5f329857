// What can be asked of a room and is answered: each wish is sent when there is a connection, and again with the next one
// until it is answered. Its id makes that harmless.
import {
  type Answer,
  type Command,
  type ListTasks,
  type Part,
  Refusal,
  type RoomId,
  type RunId,
  type SetTask,
  type Task,
} from '@parley/protocol'
import type { Chance } from './seams.ts'

/** What is to be different about a task. `assignee` null: nobody any more. */
export type TaskChange = Pick<SetTask, 'title' | 'status' | 'progress' | 'priority' | 'assignee' | 'metadata'>

/** Which tasks are meant. */
export type TaskQuery = Pick<ListTasks, 'status' | 'assignee' | 'limit'>

interface WishParts {
  readonly chance: Chance
  /** Asks until there is an answer. Rejects with a `Refusal`. */
  request(command: Command): Promise<Answer>
}

/** Each rejects with a `Refusal` when it is refused. */
export class Wishes {
  readonly id: RoomId
  readonly #parts: WishParts

  constructor(id: RoomId, parts: WishParts) {
    this.id = id
    this.#parts = parts
  }

  /** Asks a run to stop, or of it the tool call `call` alone; resolves when that is in the log, or it has ended already. */
  readonly cancel = async (run: RunId, call?: string): Promise<void> => {
    try {
      await this.#ask({ type: 'cancel', room: this.id, run, ...(call === undefined ? {} : { call }) })
    } catch (cause) {
      if (!(cause instanceof Refusal) || cause.problem.code !== 'run.over') throw cause
    }
  }

  /** Has the question of a run answered anew; resolves with the run that answers it now. */
  readonly regenerate = async (run: RunId): Promise<RunId> => {
    const answer = await this.#ask({ type: 'regenerate', room: this.id, run, id: this.#newId() })
    return answer.type === 'regenerate' ? answer.run : run
  }

  /** Says a message of one's own differently, where it stands. `key` is the message's; agents do not answer it anew. */
  readonly editMessage = async (key: string, said: string | readonly Part[]): Promise<void> => {
    const parts: readonly Part[] = typeof said === 'string' ? [{ type: 'text', text: said }] : structuredClone(said)
    await this.#ask({ type: 'edit', room: this.id, id: this.#newId(), message: key, parts })
  }

  /** Removes what a message says, for good; its place stays. One's own, or any where one manages the room. */
  readonly redact = async (key: string, reason?: string): Promise<void> => {
    const more = reason === undefined ? {} : { reason }
    await this.#ask({ type: 'redact', room: this.id, id: this.#newId(), message: key, ...more })
  }

  /** Reacts to a message with an emoji or a word of at most 32 characters, or takes that back. */
  readonly react = async (key: string, reaction: string, on = true): Promise<void> => {
    await this.#ask({ type: 'react', room: this.id, id: this.#newId(), message: key, reaction, on })
  }

  /** Makes a task; resolves with it when it is in the log. */
  readonly createTask = (title: string, more: Omit<TaskChange, 'title'> = {}): Promise<Task> =>
    this.setTask(this.#newId(), { ...more, title })

  /** Changes what is given of a task, or makes one of this id where there is none; resolves with it as it is then. */
  readonly setTask = async (task: string, change: TaskChange): Promise<Task> => {
    const answer = await this.#ask({
      ...structuredClone(change),
      type: 'task',
      room: this.id,
      id: this.#newId(),
      task,
    })
    if (answer.type !== 'task') throw new Refusal('message.invalid', 'the server answered another question')
    return answer.task
  }

  /** The tasks of the room, also those that are over and not in the picture, newest change first. */
  readonly listTasks = async (query: TaskQuery = {}): Promise<readonly Task[]> => {
    const answer = await this.#ask({ type: 'tasks', room: this.id, ...query })
    return answer.type === 'tasks' ? answer.tasks : []
  }

  #ask(command: Command): Promise<Answer> {
    return this.#parts.request(command)
  }

  #newId(): string {
    return this.#parts.chance.uuid()
  }
}
