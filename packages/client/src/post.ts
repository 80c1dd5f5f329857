// What somebody says, and what they hear back once it is in the log.
import {
  type Call,
  isAttached,
  type Json,
  type MessageId,
  type MessagePosted,
  type Position,
  type Priority,
  type RunId,
} from '@parley/protocol'

export interface PostOptions {
  /** Default: a fresh UUID. The same id with the same content is one post, however often it is said. */
  readonly id?: string
  /** 0 to 4. Default: the server's, which is 2. */
  readonly priority?: Priority
  /** Kept with the message, for the application's own use. */
  readonly meta?: { readonly [key: string]: Json }
  /** A run at work that it corrects. Where that is over or cannot be steered, it is a post like any other. */
  readonly steers?: RunId
  /** Id of an earlier message of the same user that it says better. */
  readonly supersedes?: MessageId
  /** Key of the message that it answers. */
  readonly replyTo?: string
  /** Ids of users and agents who are meant. */
  readonly mentions?: readonly string[]
}

/** A post that is in the room's log for good. */
export interface Posted {
  readonly id: string
  readonly position: Position
  /** Which agents it set to work, and how, where any were called. Absent where the answer was lost with a connection. */
  readonly calls?: readonly Call[]
}

/** What a message shows of a post. */
export type Words = Pick<MessagePosted, 'parts' | 'priority' | 'meta' | 'replyTo' | 'mentions'>

export type Content = Words & Pick<PostOptions, 'steers' | 'supersedes'>

export function haveSameWords(one: Words, other: Words): boolean {
  const [mine, theirs] = [one, other].map(({ parts, priority, meta, replyTo, mentions }) =>
    // Of a file the id says all.
    JSON.stringify([
      parts.map((part) => (isAttached(part) ? part.attachment.id : part)),
      priority,
      meta,
      replyTo,
      mentions,
    ]),
  )
  return mine === theirs
}

export function areSame(one: Content, other: Content): boolean {
  return haveSameWords(one, other) && one.steers === other.steers && one.supersedes === other.supersedes
}
