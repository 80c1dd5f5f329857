// What connections post: a message takes its place in the line of its sender, goes into the log with what it sets going, and is answered.
import { type Asked, authorOf, type MessagePosted, messageKey, type Post } from '@parley/protocol'
import type { Access } from '../seams/access.ts'
import type { Whole } from './attachments.ts'
import type { Posted } from './callings.ts'
import type { Connection } from './connection.ts'
import { weighed } from './load-critical.ts'
import { lineOf, type PostLine, type Sent } from './post-line.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'
import type { Runs, Taken } from './runs.ts'

export interface ConnectionPostsParts {
  readonly access: Access
  readonly rooms: Pick<Rooms, 'get'>
  readonly runs: Pick<Runs, 'post'>
  /** Rooms to which one connection may send ahead. */
  readonly maxRooms: number
  /** Answers what was refused, or broke. */
  refused(connection: Connection, asked: Asked, cause: unknown): void
}

export class ConnectionPosts {
  readonly #parts: ConnectionPostsParts

  constructor(parts: ConnectionPostsParts) {
    this.#parts = parts
  }

  /** Answers when the message is durable, or refused. This is what most commands are: it costs no promise of its own. */
  post(connection: Connection, asked: Asked, post: Whole<Post>, room: Room): void {
    const by = authorOf(connection.actor)
    const { id, after, steers } = post
    const fact = factOf(post, by.id)
    const posted: Posted = steers === undefined ? { by, id, fact } : { by, id, fact, steers }
    this.#line(connection, room).add(new Waiting(this.#parts, connection, asked, room, posted), after)
  }

  #line(connection: Connection, room: Room): PostLine<Posted, Taken> {
    const { access, rooms, runs, maxRooms } = this.#parts
    // A line lives as long as its connection; a room that was idle may have been opened anew since.
    const take = (posts: readonly Posted[]) => runs.post(rooms.get(room.id) ?? room, posts)
    return lineOf(connection.lines, room.id, maxRooms, (posts) => {
      const may = weighed(access, connection.actor, room.id, posts)
      return may instanceof Promise ? may.then(take) : take(may)
    })
  }
}

/** A message on its way into the log. */
class Waiting implements Sent<Posted, Taken> {
  readonly post: Posted
  readonly #parts: ConnectionPostsParts
  readonly #connection: Connection
  readonly #asked: Asked
  readonly #room: Room

  constructor(parts: ConnectionPostsParts, connection: Connection, asked: Asked, room: Room, post: Posted) {
    this.#parts = parts
    this.#connection = connection
    this.#asked = asked
    this.#room = room
    this.post = post
  }

  resolve({ event, repeated, calls }: Taken): void {
    const { id: room, position } = this.#room
    const { seq, at } = event
    const { id } = this.post
    const answer = { type: 'post', room, id, position: { epoch: position.epoch, seq }, at, repeated } as const
    this.#connection.settle(this.#asked, calls === undefined || calls.length === 0 ? answer : { ...answer, calls })
  }

  reject(cause: unknown): void {
    this.#parts.refused(this.#connection, this.#asked, cause)
  }
}

function factOf({ parts, priority, meta, supersedes, replyTo, mentions }: Whole<Post>, author: string): MessagePosted {
  // Most messages have nothing else.
  if ((priority ?? meta ?? supersedes ?? replyTo ?? mentions) === undefined) return { type: 'message.posted', parts }
  return {
    type: 'message.posted',
    parts,
    ...(priority === undefined ? {} : { priority }),
    ...(meta === undefined ? {} : { meta }),
    ...(supersedes === undefined ? {} : { supersedes: messageKey(author, supersedes) }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(mentions === undefined ? {} : { mentions }),
  }
}
