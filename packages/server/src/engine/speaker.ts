// The app's own code in rooms: it speaks as whom it likes, and is asked for no permission.
import {
  type AttachedPart,
  type Author,
  attachedPart,
  type Call,
  type Command,
  type Edit,
  isSession,
  type Json,
  type Member,
  type MessagePosted,
  type Position,
  type Priority,
  parseCommand,
  type React,
  type Redact,
  Refusal,
  type RoomId,
  roomId,
  type SentPart,
  type SetTask,
  type Task,
  type Timeline,
  timelineOf,
} from '@parley/protocol'
import { amend } from './amendments.ts'
import { type Attachments, isWhole, type Whole } from './attachments.ts'
import { cancel, decide } from './decisions.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'
import type { SpeakerPosts } from './speaker-posts.ts'
import { setTask } from './tasks.ts'

/** `kind` is `user` unless said otherwise. */
export type SpokenAs = Pick<Author, 'id' | 'name'> & { readonly kind?: Author['kind'] }

export interface PostWish {
  /** The author's own id for the message: posting it again with the same id adds nothing. Default: a random one. */
  readonly id?: string
  readonly priority?: Priority
  readonly meta?: { readonly [key: string]: Json }
  /** Key (`author/id`) of the message that this one answers. */
  readonly replyTo?: string
  /** Ids of users and agents who are meant. */
  readonly mentions?: readonly string[]
  /** Calls no agent. */
  readonly quiet?: boolean
}

export interface Posting {
  readonly id: string
  readonly position: Position
  /** True when the same message was already there: nothing was added. */
  readonly repeated: boolean
  /** The agents that were called; empty for a repeat. */
  readonly calls: readonly Call[]
}

export type TaskChange = Pick<SetTask, 'title' | 'status' | 'progress' | 'priority' | 'assignee' | 'metadata'>

/** Makes doing it again harmless. Default: a random id. */
export interface Once {
  readonly id?: string
}

/**
 * Somebody whom the app speaks as. Whatever is said is checked as if it came from a client, and refused in the same words:
 * all reject with a `Refusal` (`message.invalid`, `room.unknown` and so on), but nobody is asked whether it is allowed.
 * What is awaited is durable.
 */
export interface Speaker {
  readonly author: Author
  /**
   * Keeps a file, to be posted by this author in this room as a part. Refused (`attachment.type` and others) where such a file
   * is not taken. Nobody else knows of it until it is posted.
   */
  attach(room: string, name: string, bytes: AsyncIterable<Uint8Array>, once?: Once): Promise<AttachedPart>
  /**
   * Posts a text or parts. The room is made when it does not exist, but a session only by a user, who then owns it. Messages
   * to one room take their places in the order of the calls.
   */
  post(room: string, content: string | readonly SentPart[], wish?: PostWish): Promise<Posting>
  /**
   * Makes the task `task`, or changes what is given of it; a new one needs a title (`task.unknown`). Resolves with all of it.
   * Whoever it is assigned to is told, and need not have been in the room: the app knows its people.
   */
  task(room: string, task: string, change: TaskChange, once?: Once): Promise<Task>
  /** Says a message of this author differently. @param message its key, `author/id`, as in the following. */
  edit(room: string, message: string, content: string | readonly SentPart[], once?: Once): Promise<Position>
  /** Removes the content of anybody's message. */
  redact(room: string, message: string, reason?: string, once?: Once): Promise<Position>
  react(room: string, message: string, reaction: string, on?: boolean, once?: Once): Promise<Position>
  /** Shows that this author writes; over by itself after some seconds. */
  typing(room: string, on: boolean): Promise<void>
  /** Who is here: agents, and everybody with a connection that hears the room. */
  members(room: string): Promise<readonly Member[]>
  /**
   * A picture of the last messages, about `limit` events long (at most 1,000, default 100); with `before`, of those that end
   * right before this seq. What came before that: the next call's `before` is `start + 1`, as long as it says `earlier`.
   */
  history(room: string, page?: { readonly before?: number; readonly limit?: number }): Promise<Timeline>
  /** Stops a run, or of a run one tool call. Refused (`run.over`) when it is over. */
  cancel(room: string, run: string, call?: string): Promise<Position>
  /** Allows or denies a tool call that waits for it. Refused (`approval.over`) when that was decided. */
  approve(room: string, run: string, call: string, approved: boolean, reason?: string): Promise<Position>
}

export interface SpeakerParts {
  readonly rooms: Rooms
  readonly posts: SpeakerPosts
  /** Undefined: this server takes no files. */
  readonly files: Attachments | undefined
  uuid(): string
  /** Somebody was given a task. */
  assigned(room: Room, task: Task, by: Author): void
}

const PAGE_BYTES = 1024 * 1024

/** Throws a `Refusal` (`message.invalid`) for an author that nobody can be. */
export function speakerAs(author: SpokenAs, parts: SpeakerParts): Speaker {
  const { rooms, posts, files, uuid, assigned } = parts
  const { id: name, kind = 'user' } = author
  if (name === '' || name.length > 128)
    throw new Refusal('message.invalid', 'an author has an id of 1 to 128 characters')
  const by: Author = { id: name, kind, ...(author.name === undefined ? {} : { name: author.name }) }

  async function known(id: RoomId): Promise<Room> {
    const room = await rooms.find(id)
    if (room === undefined) throw new Refusal('room.unknown', `there is no room ${id}`)
    return room
  }

  function made(id: RoomId): Promise<Room> {
    if (!isSession(id)) return rooms.make(id, undefined)
    return kind === 'user' ? rooms.make(id, by.id) : known(id)
  }

  return {
    author: by,
    async attach(room, name, bytes, { id = uuid() } = {}) {
      const wish = asked('upload', { room, id, name })
      const place = await made(wish.room)
      return attachedPart(await here().deliver({ room: place.id, owner: by.id, id, name }, bytes))
    },
    async post(room, parts, { quiet = false, id = uuid(), ...wish } = {}) {
      const post = asked('post', { room, id, parts, ...wish })
      const place = await made(post.room)
      const { type: _, room: __, id: message, parts: said, ...more } = await whole(place, post)
      const { priority, meta, replyTo, mentions } = more
      const fact: MessagePosted = {
        type: 'message.posted',
        parts: said,
        ...(priority === undefined ? {} : { priority }),
        ...(meta === undefined ? {} : { meta }),
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(mentions === undefined ? {} : { mentions }),
      }
      const posted = { by, id: message, fact, ...(quiet ? { quiet } : {}) }
      const { event, repeated, calls = [] } = await posts.add(place, posted)
      return { id: message, position: positionOf(place, event.seq), repeated, calls }
    },
    async task(room, task, change, { id = uuid() } = {}) {
      const wish = asked('task', { ...change, room, task, id })
      const place = await made(roomOf(room))
      const done = await setTask(place, by, wish, async () => true)
      if (done.assigned) assigned(place, done.task, by)
      return done.task
    },
    async edit(room, message, parts, { id = uuid() } = {}) {
      return amended(asked('edit', { room, id, message, parts }))
    },
    async redact(room, message, reason, { id = uuid() } = {}) {
      return amended(asked('redact', { room, id, message, reason }))
    },
    async react(room, message, reaction, on = true, { id = uuid() } = {}) {
      return amended(asked('react', { room, id, message, reaction, on }))
    },
    async typing(room, on) {
      const wish = asked('typing', { room, on })
      const place = await known(wish.room)
      place.signal({ type: 'typing', user: by, on: wish.on })
    },
    async members(room) {
      const place = await known(asked('members', { room }).room)
      return [...place.members]
    },
    async history(room, { before = Number.MAX_SAFE_INTEGER, limit = 100 } = {}) {
      const wish = asked('older', { room, before, limit })
      const place = await known(wish.room)
      const page = await place.older(wish.before, { events: wish.limit, bytes: PAGE_BYTES })
      return timelineOf({ ...page, reset: 'start' })
    },
    async cancel(room, run, call) {
      const wish = asked('cancel', { room, run, call })
      const place = await known(wish.room)
      return positionOf(place, await cancel(place, by, wish))
    },
    async approve(room, run, call, approved, reason) {
      const wish = asked('approve', { room, run, call, approved, reason })
      const place = await known(wish.room)
      return positionOf(place, await decide(place, by, wish))
    },
  }

  function here(): Attachments {
    if (files === undefined) throw new Refusal('attachment.type', 'this server takes no files')
    return files
  }

  async function whole<C extends Command>(place: Room, wish: C): Promise<Whole<C>> {
    const command: Command = wish
    return (isWhole(command) ? command : await here().complete(by, place, command)) as Whole<C>
  }

  async function amended(wish: Edit | Redact | React): Promise<Position> {
    const place = await known(wish.room)
    const { seq } = await amend(place, by, await whole(place, wish), () => true)
    return positionOf(place, seq)
  }
}

/** What a client would have sent, through the same door. */
function asked<T extends Command['type']>(type: T, fields: object): Extract<Command, { readonly type: T }> {
  const parsed = parseCommand({ ...fields, ref: 'app', type })
  if ('problem' in parsed) {
    const { code, message, ...more } = parsed.problem
    throw new Refusal(code, message, more)
  }
  const { command } = parsed
  if (!isOf(command, type)) throw new Error(`a command ${type} was read as ${command.type}`)
  return command
}

function isOf<T extends Command['type']>(command: Command, type: T): command is Extract<Command, { readonly type: T }> {
  return command.type === type
}

function roomOf(room: string): RoomId {
  const id = roomId(room)
  if (id === undefined) throw new Refusal('message.invalid', 'room must be a room id', { details: { field: 'room' } })
  return id
}

function positionOf(room: Room, seq: number): Position {
  return { epoch: room.position.epoch, seq }
}
