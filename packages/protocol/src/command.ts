// What a connection may ask for, and what it hears back.
import type { AttachedPart, Attachment, Part, Task } from './event.ts'
import type { Page } from './page.ts'
import type { Problem } from './problem.ts'
import type { Health } from './signal.ts'
import type { Author, Json, MessageId, Position, Priority, RoomId, RunId } from './words.ts'

/** Hear a room from `at` on, or its last `history` events and what follows. */
export interface Join {
  readonly type: 'join'
  readonly room: RoomId
  readonly at?: Position
  readonly history?: number
}

export interface Leave {
  readonly type: 'leave'
  readonly room: RoomId
}

/** A part as it is sent: of a file of one's own its id is enough, and a small one may come with the message itself. */
export type SentPart = Exclude<Part, AttachedPart> | NamedPart | InlinePart

export interface NamedPart {
  readonly type: AttachedPart['type']
  readonly attachment: Pick<Attachment, 'id'>
}

export interface InlinePart {
  readonly type: AttachedPart['type']
  readonly name: string
  readonly base64: string
}

/** Say something. Sending the same id again is answered like the first time. */
export interface Post {
  readonly type: 'post'
  readonly room: RoomId
  readonly id: MessageId
  readonly parts: readonly SentPart[]
  readonly priority?: Priority
  readonly meta?: { readonly [key: string]: Json }
  /**
   * For who sends the next before the last is answered: the id of the post to this room that this connection sent just
   * before. Refused (`message.early`) where that one was refused, so that nothing is overtaken.
   */
  readonly after?: MessageId
  /** For an agent at work: correct this run instead of beginning another. Where it is over, or cannot be steered, a message like any other. */
  readonly steers?: RunId
  /** The sender's own earlier message that this one says better. */
  readonly supersedes?: MessageId
  /** Key of the message that this one answers. */
  readonly replyTo?: string
  /** Ids of users and agents who are meant. */
  readonly mentions?: readonly string[]
}

/** Say a message of one's own differently. `id` makes sending it again harmless, as in the following. */
export interface Edit {
  readonly type: 'edit'
  readonly room: RoomId
  readonly id: string
  /** Key of the message. */
  readonly message: string
  readonly parts: readonly SentPart[]
}

/** Remove the content of a message. */
export interface Redact {
  readonly type: 'redact'
  readonly room: RoomId
  readonly id: string
  readonly message: string
  readonly reason?: string
}

export interface React {
  readonly type: 'react'
  readonly room: RoomId
  readonly id: string
  readonly message: string
  readonly reaction: string
  readonly on: boolean
}

/** Make a task, or change what is given of one. A new one needs a title. */
export interface SetTask {
  readonly type: 'task'
  /** Absent: whichever room of this connection holds the task. */
  readonly room?: RoomId
  readonly id: string
  readonly task: string
  readonly title?: string
  readonly status?: string
  readonly progress?: number
  readonly priority?: Priority
  /** Null: nobody any more. */
  readonly assignee?: string | null
  readonly metadata?: { readonly [key: string]: Json }
}

/** The tasks of a room, also those that are over, newest change first. */
export interface ListTasks {
  readonly type: 'tasks'
  readonly room: RoomId
  readonly status?: string
  readonly assignee?: string
  readonly limit?: number
}

/** One is writing, or has stopped. Said again every few seconds while it goes on. */
export interface Type {
  readonly type: 'typing'
  readonly room: RoomId
  readonly on: boolean
}

/** What one says of oneself to a room, until the connection ends. */
export interface BePresent {
  readonly type: 'presence'
  readonly room: RoomId
  readonly state: Json
}

/** One has read up to and including `seq`. Never goes back. */
export interface MarkRead {
  readonly type: 'read'
  readonly room: RoomId
  readonly seq: number
}

/** Who is here. */
export interface Members {
  readonly type: 'members'
  readonly room: RoomId
}

/** Messages with these words, in a room or in all that the asker may read, newest first. */
export interface Search {
  readonly type: 'search'
  readonly text: string
  readonly room?: RoomId
  readonly limit?: number
}

/**
 * Begin to send a file, or go on with one that was begun: its bytes follow as binary messages (see `piece.ts`). `id` is the
 * sender's own, and the same over all their connections: the newest to begin goes on, from what is kept.
 */
export interface Upload {
  readonly type: 'upload'
  readonly room: RoomId
  readonly id: string
  /** 1 to 255 characters, no path and no control characters. */
  readonly name: string
  /** Bytes, where they are known; then neither more nor less is taken. */
  readonly size?: number
}

/** All bytes of an upload were sent: check them, and keep the file. It is told to nobody until it is posted. */
export interface Attach {
  readonly type: 'attach'
  readonly room: RoomId
  readonly id: string
  readonly size: number
  /** Of all bytes, in hex. */
  readonly sha256: string
}

/** Forget an upload that is not finished. */
export interface Abandon {
  readonly type: 'abandon'
  readonly room: RoomId
  readonly id: string
}

/** A URL for a file, for `<img>` and the like, which cannot say who asks: good for some minutes, for the asker alone. */
export interface Link {
  readonly type: 'link'
  readonly attachment: string
}

/** Stop a run, or of a run the one tool call `call`. */
export interface Cancel {
  readonly type: 'cancel'
  readonly room: RoomId
  readonly run: RunId
  readonly call?: string
}

/** Allow or deny a tool call that waits for approval. */
export interface Approve {
  readonly type: 'approve'
  readonly room: RoomId
  readonly run: RunId
  readonly call: string
  readonly approved: boolean
  readonly reason?: string
}

/** Have the question of a run answered anew; the newer answer supersedes. `id` makes sending it again harmless. */
export interface Regenerate {
  readonly type: 'regenerate'
  readonly room: RoomId
  readonly run: RunId
  readonly id: string
}

/** A page of history that ends right before `before`. */
export interface Older {
  readonly type: 'older'
  readonly room: RoomId
  readonly before: number
  readonly limit: number
}

/** The rooms the asker may list: their own sessions first, newest first. */
export interface Rooms {
  readonly type: 'rooms'
}

/** Prove anew who is speaking, before the present token ends. Also the first message of a connection without a token. */
export interface Authenticate {
  readonly type: 'authenticate'
  readonly token: string
}

export interface Ping {
  readonly type: 'ping'
}

export type Command =
  | Join
  | Leave
  | Post
  | Cancel
  | Approve
  | Regenerate
  | Edit
  | Redact
  | React
  | SetTask
  | ListTasks
  | Type
  | BePresent
  | MarkRead
  | Members
  | Search
  | Older
  | Rooms
  | Upload
  | Attach
  | Abandon
  | Link
  | Authenticate
  | Ping

/** A command with the sender's own mark, which its reply carries. */
export interface Asked {
  readonly ref: string
  readonly command: Command
}

/** A frame that could not be read as a command; `ref` where it could be found. */
export interface Misread {
  readonly ref?: string
  readonly problem: Problem
}

export interface RoomSummary {
  readonly room: RoomId
  readonly epoch: string
  readonly head: number
  /** Milliseconds since 1970 of the last event; 0 for an empty room. */
  readonly at: number
  readonly owner?: string
  /** The first words somebody posted here, at most 80 characters. */
  readonly title?: string
  /** Messages of others beyond what the asker has read, counted up to 100. */
  readonly unread?: number
}

export interface Member {
  readonly user: Author
  readonly state?: Json
}

export interface Hit {
  readonly room: RoomId
  readonly seq: number
  /** Key of the message. */
  readonly message: string
  readonly by: Author
  readonly at: number
  /** The words around the first match, at most 200 characters. */
  readonly excerpt: string
}

/**
 * What a message set going. `answers`: a run began; `waits`: it begins when the agent has finished what came before;
 * `interrupts`: it begins as soon as the one at work has stopped; `steers`: the run at work was given the message.
 */
export interface Call {
  readonly agent: string
  readonly run: RunId
  readonly how: 'answers' | 'waits' | 'interrupts' | 'steers'
}

/** What a command was answered with; each answer names the command it belongs to. */
export type Answer =
  | { readonly type: 'join'; readonly room: RoomId; readonly position: Position; readonly members: readonly Author[] }
  | { readonly type: 'leave'; readonly room: RoomId }
  | {
      readonly type: 'post'
      readonly room: RoomId
      readonly id: MessageId
      readonly position: Position
      readonly at: number
      /** True when the same message was already there: nothing was added. */
      readonly repeated: boolean
      /** Which agents were called, where any were. Not told again for a repeat. */
      readonly calls?: readonly Call[]
    }
  | {
      readonly type: 'cancel'
      readonly room: RoomId
      readonly run: RunId
      readonly call?: string
      readonly position: Position
    }
  | {
      readonly type: 'approve'
      readonly room: RoomId
      readonly run: RunId
      readonly call: string
      readonly approved: boolean
      readonly position: Position
    }
  /** `run` is the new one. */
  | { readonly type: 'regenerate'; readonly room: RoomId; readonly run: RunId; readonly position: Position }
  | {
      readonly type: 'edit' | 'redact' | 'react'
      readonly room: RoomId
      readonly id: string
      readonly position: Position
    }
  | { readonly type: 'task'; readonly room: RoomId; readonly task: Task; readonly position: Position }
  | { readonly type: 'tasks'; readonly room: RoomId; readonly tasks: readonly Task[] }
  | { readonly type: 'typing' | 'presence'; readonly room: RoomId }
  | { readonly type: 'read'; readonly room: RoomId; readonly seq: number }
  | { readonly type: 'members'; readonly room: RoomId; readonly members: readonly Member[]; readonly count: number }
  | { readonly type: 'search'; readonly hits: readonly Hit[] }
  | { readonly type: 'older'; readonly page: Page }
  | { readonly type: 'rooms'; readonly rooms: readonly RoomSummary[] }
  | UploadBegun
  /** `upload`: it is whole already; `attach`: now it is. */
  | { readonly type: 'upload' | 'attach'; readonly room: RoomId; readonly id: string; readonly attachment: Attachment }
  | { readonly type: 'abandon'; readonly room: RoomId; readonly id: string }
  /** `url` is a path of this server; with `&thumbnail` an image comes small. */
  | { readonly type: 'link'; readonly attachment: string; readonly url: string; readonly expiresAt: number }
  | { readonly type: 'authenticate'; readonly actor: Author; readonly expiresAt?: number }
  | { readonly type: 'ping'; readonly now: number }

/** Where to go on with an upload, and how fast. */
export interface UploadBegun {
  readonly type: 'upload'
  readonly room: RoomId
  readonly id: string
  /** Names the upload in this connection's binary messages. */
  readonly channel: number
  /** So many bytes are kept already: send what follows them. */
  readonly confirmed: number
  /** So many bytes beyond those confirmed may be on their way. */
  readonly window: number
  /** At most so many bytes in one piece. */
  readonly pieceBytes: number
}

export type Reply =
  | { readonly ref: string; readonly command: Command; readonly answer: Answer }
  | { readonly ref: string; readonly command: Command; readonly problem: Problem }

/** What a server says about the connection itself, unasked. */
export type Notice =
  /** First of all, once the connection knows who speaks. */
  | {
      readonly type: 'welcome'
      readonly actor: Author
      readonly node: string
      readonly now: number
      /** Close of the token's life, ms since 1970. */
      readonly expiresAt?: number
      readonly heartbeatMs: number
      readonly maxFrameBytes: number
    }
  /** The token ends at `expiresAt`; send `authenticate` with a new one. */
  | { readonly type: 'token.expiring'; readonly expiresAt: number }
  /** The server is about to close; come back after about `retryAfterMs`. */
  | { readonly type: 'leaving'; readonly retryAfterMs: number }
  /** The listener was given a task, in a room that this connection does not hear. */
  | { readonly type: 'task.assigned'; readonly room: RoomId; readonly task: Task; readonly by: Author }
  /** So many bytes of an upload are kept: they outlive the server process. */
  | { readonly type: 'upload.confirmed'; readonly channel: number; readonly confirmed: number }
  /** Nothing more is taken of an upload here. What was confirmed is kept for going on, unless the problem says otherwise. */
  | { readonly type: 'upload.ended'; readonly channel: number; readonly problem: Problem }
  /** The connection lost its place in a room because it may no longer read it. */
  | { readonly type: 'removed'; readonly room: RoomId; readonly problem: Problem }
  /** How the server is: from time to time, and when it changes, to those who may know. */
  | Health
  /** Something was wrong that answers no command. */
  | { readonly type: 'problem'; readonly problem: Problem; readonly ref?: string }
