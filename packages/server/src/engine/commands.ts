// What a connection may ask for: what it costs, whether it is allowed, what becomes true.
import {
  type Answer,
  type Approve,
  type Asked,
  type Author,
  authorOf,
  type Cancel,
  type Command,
  type Edit,
  gistOf,
  isSession,
  type Join,
  type Leave,
  type ListTasks,
  type Older,
  type Post,
  type Problem,
  problem,
  type React,
  type Redact,
  Refusal,
  type Regenerate,
  type RoomId,
  type RoomSummary,
  type Rooms as RoomsCommand,
  type RunId,
  type Search,
  type SetTask,
  type Task,
} from '@parley/protocol'
import type { Access, Action, Actor } from '../seams/access.ts'
import type { Clock } from '../seams/clock.ts'
import type { Log, RoomInfo } from '../seams/log.ts'
import { amend } from './amendments.ts'
import { type Attachments, isWhole, type Whole } from './attachments.ts'
import type { Connection } from './connection.ts'
import { ConnectionPosts } from './connection-posts.ts'
import { cancel, decide } from './decisions.ts'
import { type AboutFiles, aboutFiles } from './file-commands.ts'
import { find } from './finding.ts'
import { isOpenTo } from './grants.ts'
import type { Load } from './load.ts'
import { type AboutPeople, aboutPeople } from './people-commands.ts'
import { Reader } from './reader.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'
import type { Runs } from './runs.ts'
import { listTasks, setTask } from './tasks.ts'

export interface CommandParts {
  readonly access: Access
  readonly rooms: Rooms
  readonly runs: Runs
  readonly log: Log
  readonly clock: Clock
  readonly load: Load
  readonly maxRooms: number
  /** Undefined: this server takes no files. */
  readonly files: Attachments | undefined
  /** Somebody was given a task. */
  assigned(room: Room, task: Task, by: Author): void
  failed(what: string, cause: unknown): void
}

const HISTORY = 200
const LISTED = 100
const TITLE = 80
/** So many people of a crowd are named to somebody who joins it: where thousands come back, each is told. */
const NAMED = 20
/** Unread messages are counted up to so many. */
const UNREAD = 100

/** The room that a command is about, if the actor may do this there; undefined for commands about no room. */
type Admitted = Room | undefined | Problem

/** An answer, and what follows right after it was sent. */
interface Done {
  readonly answer: Answer
  readonly after?: () => void
}

/** Costs are in tokens of the connection's bucket: about what the command costs the server beside a post. */
const costs: { readonly [type in Command['type']]: number } = {
  post: 1,
  join: 4,
  leave: 1,
  cancel: 1,
  approve: 1,
  regenerate: 4,
  edit: 1,
  redact: 8,
  react: 1,
  task: 2,
  tasks: 8,
  typing: 1,
  presence: 1,
  read: 1,
  members: 2,
  search: 60,
  older: 8,
  rooms: 60,
  upload: 8,
  attach: 8,
  abandon: 2,
  link: 2,
  // The connection itself sees to who speaks, and to what that costs.
  authenticate: 0,
  ping: 1,
}

/** So many events of history are read for what a post costs. */
const READ_AT_ONCE = 16

function costOf(command: Command): number {
  const { type } = command
  return costs[type] + (type === 'older' ? Math.ceil(command.limit / READ_AT_ONCE) : 0)
}

export class Commands {
  readonly #parts: CommandParts
  readonly #posts: ConnectionPosts

  constructor(parts: CommandParts) {
    this.#parts = parts
    this.#posts = new ConnectionPosts({
      ...parts,
      refused: (connection, asked, cause) => this.#refuse(connection, asked, cause),
    })
  }

  /** See `House.execute`. */
  execute(connection: Connection, asked: Asked): Promise<void> | undefined {
    const wait = connection.spend(costOf(asked.command)) ?? this.#parts.load.refusal(asked.command)
    if (wait !== undefined) {
      connection.settle(asked, wait)
      return undefined
    }
    const room = this.#ask(connection, asked.command)
    const { command } = asked
    if (!(room instanceof Promise) && isWhole(command)) {
      this.#do(connection, asked, command, room)
      return undefined
    }
    return this.#prepare(connection, asked, room).catch((cause: unknown) => this.#refuse(connection, asked, cause))
  }

  /** What is to be found out before it is done. */
  async #prepare(connection: Connection, asked: Asked, asking: Admitted | Promise<Admitted>): Promise<void> {
    const { command } = asked
    const room = await asking
    if (isWhole(command)) return this.#do(connection, asked, command, room)
    const { files } = this.#parts
    if (room !== undefined && 'code' in room) return connection.settle(asked, room)
    if (files === undefined) return connection.settle(asked, problem('attachment.type', 'this server takes no files'))
    const whole = await files.complete(authorOf(connection.actor), known(room), command)
    this.#do(connection, asked, whole, room)
  }

  /** Whoever decides what is allowed may throw at once, instead of rejecting. */
  #ask(connection: Connection, command: Command): Admitted | Promise<Admitted> {
    try {
      return this.#admit(connection, command)
    } catch (cause) {
      return Promise.reject(cause)
    }
  }

  #admit(connection: Connection, command: Command): Admitted | Promise<Admitted> {
    const { actor } = connection
    switch (command.type) {
      case 'join':
        return this.#enter(actor, 'read', command.room, true)
      case 'older':
        return this.#enter(actor, 'read', command.room, false)
      case 'post':
        return this.#enter(actor, 'write', command.room, false)
      case 'cancel':
      case 'approve':
      case 'regenerate':
        return this.#enter(actor, 'run', command.room, false)
      case 'edit':
      case 'redact':
      case 'react':
      case 'upload':
      case 'attach':
      case 'abandon':
        return this.#enter(actor, 'write', command.room, false)
      case 'task':
        return this.#enterTasks(connection, command)
      case 'typing':
        return this.#enter(actor, 'write', command.room, false)
      case 'tasks':
      case 'presence':
      case 'read':
      case 'members':
        return this.#enter(actor, 'read', command.room, false)
      default:
        return undefined
    }
  }

  /** A task that is known needs no room: it is in one of those that the connection hears. */
  async #enterTasks({ actor, readers }: Connection, { room, task }: SetTask): Promise<Admitted> {
    if (room !== undefined) return this.#enter(actor, 'write', room, false)
    for (const reader of readers.values()) {
      const [last] = await reader.room.standing(`task/${task}`, 1)
      if (last?.fact.type === 'task.set' && last.fact.task.id === task)
        return this.#enter(actor, 'write', reader.room.id, false)
    }
    return problem('task.unknown', `no room that this connection hears has a task ${task}`)
  }

  #enter(actor: Actor, action: Action, id: RoomId, make: boolean): Room | Problem | Promise<Room | Problem> {
    const allowed = this.#parts.access.permit(actor, action, id)
    if (allowed instanceof Promise)
      return allowed.then((yes) => (yes ? this.#open(actor, action, id, make) : denied(action, id)))
    return allowed ? this.#open(actor, action, id, make) : denied(action, id)
  }

  #open(actor: Actor, action: Action, id: RoomId, make: boolean): Room | Problem | Promise<Room | Problem> {
    const open = this.#parts.rooms.get(id)
    if (open !== undefined) return mine(actor, action, open)
    const opening = make ? this.#parts.rooms.make(id, isSession(id) ? actor.id : undefined) : this.#parts.rooms.find(id)
    // It took a while to open: what is allowed is asked once more.
    return opening.then((room) =>
      room === undefined
        ? problem('room.unknown', `there is no room ${id}; join it first`)
        : this.#enter(actor, action, id, make),
    )
  }

  #do(connection: Connection, asked: Asked, command: Whole, room: Admitted): void {
    if (room !== undefined && 'code' in room) return connection.settle(asked, room)
    if (command.type === 'post') this.#posts.post(connection, asked, command, known(room))
    else this.#settle(connection, asked, this.#run(connection, command, room))
  }

  #settle(connection: Connection, asked: Asked, done: Done | Promise<Done>): void {
    if (!(done instanceof Promise)) {
      connection.settle(asked, done.answer)
      done.after?.()
      return
    }
    done.then(
      ({ answer, after }) => {
        connection.settle(asked, answer)
        after?.()
      },
      (cause: unknown) => this.#refuse(connection, asked, cause),
    )
  }

  /** The one place where a refusal becomes a reply. */
  #refuse(connection: Connection, asked: Asked, cause: unknown): void {
    connection.settle(asked, this.#problemOf(asked.command, cause))
  }

  #problemOf(command: Command, cause: unknown): Problem {
    if (cause instanceof Refusal) return cause.problem
    this.#parts.failed(`${command.type} failed`, cause)
    return problem('server.failed', 'something failed on the server')
  }

  #run(connection: Connection, command: Exclude<Whole, Whole<Post>>, room: Room | undefined): Done | Promise<Done> {
    switch (command.type) {
      case 'join':
        return this.#join(connection, command, known(room))
      case 'leave':
        return leave(connection, command)
      case 'cancel':
        return this.#cancel(connection.actor, command, known(room))
      case 'approve':
        return this.#approve(connection.actor, command, known(room))
      case 'regenerate':
        return this.#regenerate(connection.actor, command, known(room))
      case 'edit':
      case 'redact':
      case 'react':
        return this.#amend(connection.actor, command, known(room))
      case 'task':
        return this.#setTask(connection.actor, command, known(room))
      case 'tasks':
        return this.#listTasks(command, known(room))
      case 'typing':
      case 'presence':
      case 'read':
      case 'members':
        return this.#aboutPeople(connection, command, known(room))
      case 'upload':
      case 'attach':
      case 'abandon':
      case 'link':
        return this.#aboutFiles(connection, command)
      case 'search':
        return this.#search(connection.actor, command)
      case 'older':
        return older(command, known(room))
      case 'rooms':
        return this.#list(connection.actor, command)
      case 'ping':
        return { answer: { type: 'ping', now: this.#parts.clock.now() } }
      case 'authenticate':
        throw new Error('the connection itself sees to who speaks')
    }
  }

  async #join(connection: Connection, { at, history = HISTORY }: Join, room: Room): Promise<Done> {
    if (connection.gone) throw new Refusal('server.leaving', 'the connection has ended')
    const before = connection.readers.get(room.id)
    if (before === undefined && connection.readers.size >= this.#parts.maxRooms)
      throw new Refusal('limit.exceeded', `a connection hears at most ${this.#parts.maxRooms} rooms`)
    before?.leave()
    const reader = new Reader(room, connection, at, history)
    connection.readers.set(room.id, reader)
    const members = this.#members(connection.actor, room)
    return { answer: { type: 'join', room: room.id, position: room.position, members }, after: () => reader.walk() }
  }

  /** Who is here, the asker included; of a crowd only some. */
  #members(asker: Actor, room: Room): readonly Author[] {
    const { agents } = this.#parts.runs
    const { presence } = room.people
    const most = presence.crowded ? agents.length + NAMED : undefined
    const members = room.users.slice(0, most).filter(({ id }) => id !== asker.id)
    members.splice(agents.length, 0, authorOf(asker))
    return members
  }

  async #cancel(actor: Actor, { run, call }: Cancel, room: Room): Promise<Done> {
    await this.#mayStop(actor, run, room)
    const seq = await cancel(room, authorOf(actor), { run, ...(call === undefined ? {} : { call }) })
    const position = { epoch: room.position.epoch, seq }
    return {
      answer: { type: 'cancel', room: room.id, run, ...(call === undefined ? {} : { call }), position },
    }
  }

  /** One's own question's run may always be stopped; another's by those who may manage the room. */
  async #mayStop(actor: Actor, run: RunId, room: Room): Promise<void> {
    if ((await this.#parts.runs.asker(room, run)) === actor.id) return
    if (!(await this.#parts.access.permit(actor, 'manage', room.id)))
      throw new Refusal('access.denied', 'this run answers somebody else; only those who manage the room may stop it')
  }

  async #approve(actor: Actor, wish: Approve, room: Room): Promise<Done> {
    const { run, call, approved } = wish
    const seq = await decide(room, authorOf(actor), wish)
    const position = { epoch: room.position.epoch, seq }
    return { answer: { type: 'approve', room: room.id, run, call, approved, position } }
  }

  async #regenerate(actor: Actor, { run: old, id }: Regenerate, room: Room): Promise<Done> {
    await this.#mayStop(actor, old, room)
    const { run, seq } = await this.#parts.runs.again(room, authorOf(actor), old, id)
    return { answer: { type: 'regenerate', room: room.id, run, position: { epoch: room.position.epoch, seq } } }
  }

  async #amend(actor: Actor, wish: Whole<Edit> | Redact | React, room: Room): Promise<Done> {
    const mayManage = () => this.#parts.access.permit(actor, 'manage', room.id)
    const { seq } = await amend(room, authorOf(actor), wish, mayManage)
    const position = { epoch: room.position.epoch, seq }
    return { answer: { type: wish.type, room: room.id, id: wish.id, position } }
  }

  async #setTask(actor: Actor, command: SetTask, room: Room): Promise<Done> {
    const { task, event, assigned } = await setTask(room, authorOf(actor), command, (user) => this.#knows(room, user))
    const position = { epoch: room.position.epoch, seq: event.seq }
    const tell = (): void => this.#parts.assigned(room, task, event.by)
    return { answer: { type: 'task', room: room.id, task, position }, ...(assigned ? { after: tell } : {}) }
  }

  /** Whether somebody is in the room, was there, or answers there. */
  async #knows(room: Room, user: string): Promise<boolean> {
    if (room.owner === user || this.#parts.runs.agent(user) !== undefined) return true
    for (const { ear } of room.readers) if (ear.actor.id === user) return true
    if (room.users.some(({ id }) => id === user)) return true
    if ((await this.#parts.log.marks(room.id)).has(user)) return true
    const page = await room.older(room.position.seq + 1, { events: 1_000, bytes: 1024 * 1024 })
    return page.events.some(({ by }) => by.id === user)
  }

  async #listTasks(command: ListTasks, room: Room): Promise<Done> {
    return { answer: { type: 'tasks', room: room.id, tasks: await listTasks(room, command) } }
  }

  async #search(actor: Actor, command: Search): Promise<Done> {
    const { log, access } = this.#parts
    const mayRead = async (id: RoomId): Promise<boolean> => {
      const info = await log.info(id)
      return info !== undefined && isOpenTo(actor, plainOf(info)) && (await access.permit(actor, 'read', id))
    }
    return { answer: { type: 'search', hits: await find(log, command, mayRead) } }
  }

  async #aboutPeople(connection: Connection, command: AboutPeople, room: Room): Promise<Done> {
    return { answer: await aboutPeople(connection, authorOf(connection.actor), command, room) }
  }

  async #aboutFiles(connection: Connection, command: AboutFiles): Promise<Done> {
    return { answer: await aboutFiles(connection, command, this.#parts.files) }
  }

  async #list(actor: Actor, _: RoomsCommand): Promise<Done> {
    const { log, access } = this.#parts
    const shared = await log.rooms(undefined, LISTED)
    const readable = await Promise.all(shared.map((info) => access.permit(actor, 'read', info.room)))
    // A session that was opened and never used is nothing to list.
    const own = (await log.rooms(actor.id, LISTED)).filter((info) => info.head > 0)
    const listed = [...own, ...shared.filter((_info, index) => readable[index])]
    return { answer: { type: 'rooms', rooms: await Promise.all(listed.map((info) => this.#summary(actor, info))) } }
  }

  async #summary(actor: Actor, { room, epoch, head, at, owner, horizon }: RoomInfo): Promise<RoomSummary> {
    const first = await this.#parts.log.read(room, { epoch, seq: horizon }, { events: 4, bytes: 4_096 })
    let title = ''
    for (const { fact } of first.events) {
      if (fact.type !== 'message.posted') continue
      title = gistOf(fact.parts).replace(/\s+/gu, ' ').trim().slice(0, TITLE)
      break
    }
    const unread = await this.#parts.log.unread(room, actor.id, UNREAD)
    return {
      room,
      epoch,
      head,
      at,
      ...(owner === undefined ? {} : { owner }),
      ...(title === '' ? {} : { title }),
      ...(unread === undefined ? {} : { unread }),
    }
  }
}

async function older({ before, limit }: Older, room: Room): Promise<Done> {
  return { answer: { type: 'older', page: await room.older(before, { events: limit, bytes: 128 * 1024 }) } }
}

async function leave(connection: Connection, { room }: Leave): Promise<Done> {
  const reader = connection.readers.get(room)
  if (reader === undefined) throw new Refusal('room.unknown', `this connection is not in ${room}`)
  reader.leave()
  connection.readers.delete(room)
  return { answer: { type: 'leave', room } }
}

function mine(actor: Actor, action: Action, room: Room): Room | Problem {
  return isOpenTo(actor, room) ? room : denied(action, room.id)
}

function plainOf({ room: id, owner }: RoomInfo): Pick<Room, 'id' | 'owner'> {
  return { id, owner }
}

function denied(action: Action, room: RoomId): Problem {
  return problem('access.denied', `not allowed to ${action} in ${room}`)
}

function known(room: Room | undefined): Room {
  if (room === undefined) throw new Error('a command about a room was executed without one')
  return room
}
