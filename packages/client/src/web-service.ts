// One session as a small class with callbacks, for applications that want no more than that. A thin face over the client.
import {
  type Author,
  type Message,
  type Part,
  type Problem,
  problem,
  Refusal,
  type RunId,
  type Task,
} from '@parley/protocol'
import { type Client, connect } from './client.ts'
import type { ClientState } from './client-state.ts'
import type { CompanyPicture } from './company.ts'
import type { Options } from './options.ts'
import type { Posted } from './post.ts'
import type { Room, RoomPicture } from './room.ts'
import type { Stop } from './seams.ts'
import { type ToolPicture, toolsOf } from './signals.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * The use of a tool as it stands: `state` says whether its input is being written, somebody must allow it (`asking`, see
 * `approval`), it is at work, or how it ended.
 */
export interface ToolExecution extends ToolPicture {
  /** What it has printed since it was told of before. */
  readonly piece?: string
}

export class WebSocketService {
  readonly #url: string
  readonly #options: Options
  #client: Client | undefined
  #session: { readonly room: Room; readonly leave: Stop } | undefined
  readonly #onMessage = new Set<(message: Message) => void>()
  readonly #onTool = new Set<(tool: ToolExecution) => void>()
  readonly #onTask = new Set<(task: Task) => void>()
  readonly #onPresence = new Set<(members: CompanyPicture['members']) => void>()
  readonly #onTyping = new Set<(typing: readonly Author[]) => void>()
  readonly #onError = new Set<(problem: Problem) => void>()

  constructor(url: string, options: Options = {}) {
    this.#url = url
    this.#options = options
  }

  /** The client underneath, once `connect` was called. */
  get client(): Client | undefined {
    return this.#client
  }

  /**
   * Goes to a session, and leaves the one before. A bare UUID (small letters) is the private session of that id, anything
   * else a room. Resolves when it is heard; rejects with a `Refusal` when it may not be.
   */
  async connect(sessionId: string): Promise<void> {
    this.#session?.leave()
    const client = this.#client ?? connect(this.#url, this.#options)
    if (this.#client === undefined) client.subscribe(this.#heed(client.initial))
    else if (client.status === 'closed') client.reconnect()
    this.#client = client
    const room = client.room(UUID.test(sessionId) ? `session:${sessionId}` : sessionId)
    const stop = room.subscribe(this.#follow(room.initial))
    this.#session = { room, leave: stop }
    await joined(client, room)
  }

  /** Resolves when the message is in the session's log for good; see `Room.post`. */
  sendMessage(message: string | readonly Part[]): Promise<Posted> {
    return this.#inSession((room) => room.post(message))
  }

  /** Hears each message of the session, everybody's and one's own, when it appears and whenever it has grown or ended. */
  onMessage(callback: (message: Message) => void): Stop {
    return add(this.#onMessage, callback)
  }

  /** Hears each use of a tool whenever it has changed: begins, waits for approval, comes further, prints, ends. */
  onToolExecution(callback: (tool: ToolExecution) => void): Stop {
    return add(this.#onTool, callback)
  }

  /** Hears each task of the session whenever it is made or has changed. */
  onTask(callback: (task: Task) => void): Stop {
    return add(this.#onTask, callback)
  }

  /** Hears who is here whenever that has changed; those who have left since have `here` false. */
  onPresence(callback: (members: CompanyPicture['members']) => void): Stop {
    return add(this.#onPresence, callback)
  }

  /** Hears who else is writing whenever that has changed. */
  onTyping(callback: (typing: readonly Author[]) => void): Stop {
    return add(this.#onTyping, callback)
  }

  /** Lets the others know that one is writing, or has stopped; see `Room.typing`. */
  typing(on = true): void {
    this.#session?.room.typing(on)
  }

  /** Hears what goes wrong with the connection, the session, or a message of one's own. */
  onError(callback: (problem: Problem) => void): Stop {
    return add(this.#onError, callback)
  }

  /** Allows or denies a tool that waits for it; see `Room.approve`. */
  approve(call: string, approved: boolean, reason?: string): Promise<void> {
    return this.#inSession((room) => room.approve(call, approved, reason))
  }

  /** Stops a run, or of it the tool call `call` alone; see `Room.cancel`. */
  cancel(run: RunId, call?: string): Promise<void> {
    return this.#inSession((room) => room.cancel(run, call))
  }

  /** Leaves the session and closes the connection. What has not been sent is kept. */
  async disconnect(): Promise<void> {
    this.#session?.leave()
    this.#session = undefined
    await this.#client?.close()
  }

  async #inSession<Result>(act: (room: Room) => Promise<Result>): Promise<Result> {
    if (this.#session === undefined) throw new Refusal('room.unknown', 'connect to a session first')
    return await act(this.#session.room)
  }

  /** Tells the callbacks what is different in each picture. */
  #follow(first: RoomPicture): (picture: RoomPicture) => void {
    let before = first
    return (picture) => {
      const { messages, pending, problem: why, tasks, members, typing } = before
      const executions = newsOfTools(before, picture)
      before = picture
      for (const message of news(messages, picture.messages)) for (const hear of this.#onMessage) hear(message)
      for (const execution of executions) for (const hear of this.#onTool) hear(execution)
      for (const task of picture.tasks.values())
        if (task !== tasks.get(task.id)) for (const hear of this.#onTask) hear(task)
      if (picture.members !== members) for (const hear of this.#onPresence) hear(picture.members)
      if (picture.typing !== typing) for (const hear of this.#onTyping) hear(picture.typing)
      for (const post of picture.pending) if (!pending.includes(post)) this.#told(post.problem)
      if (picture.problem !== why) this.#told(picture.problem)
    }
  }

  #heed(first: ClientState): (state: ClientState) => void {
    let before = first
    return (state) => {
      if (state.problem !== before.problem) this.#told(state.problem)
      before = state
    }
  }

  #told(why: Problem | undefined): void {
    if (why !== undefined) for (const hear of this.#onError) hear(why)
  }
}

/** The messages that are new or have changed, in a picture that may have let go of its far past. */
function news(before: readonly Message[], after: readonly Message[]): readonly Message[] {
  const shift = before.findIndex(({ key }) => key === after[0]?.key)
  return shift < 0 ? after : after.filter((message, index) => message !== before[index + shift])
}

/** The tools that are new or have changed, or have come further. */
function newsOfTools(before: RoomPicture, after: RoomPicture): readonly ToolExecution[] {
  if (before.tools === after.tools && before.progress === after.progress) return []
  return toolsOf(after).flatMap((tool): readonly ToolExecution[] => {
    const { call, progress, printed } = tool
    const was = before.tools.get(call)
    const further = progress !== undefined && progress !== before.progress.get(call)
    if (after.tools.get(call) === was && !further) return []
    const piece = printed?.slice(was?.printed?.length ?? 0) ?? ''
    return [piece === '' ? tool : { ...tool, piece }]
  })
}

function add<Callback>(callbacks: Set<Callback>, callback: Callback): Stop {
  callbacks.add(callback)
  return () => callbacks.delete(callback)
}

/** Resolves once the room is heard, rejects once it is clear that it will not be. */
function joined(client: Client, room: Room): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stale = room.timeline.problem
  const look = (): void => {
    const why = room.timeline.problem ?? ended(client.state)
    if (room.timeline.joined) resolve()
    else if (why !== undefined && why !== stale) reject(new Refusal(why.code, why.message, why))
  }
  const stops = [room.subscribe(look), client.subscribe(look)]
  look()
  return promise.finally(() => {
    for (const stop of stops) stop()
  })
}

function ended(state: ClientState): Problem | undefined {
  if (state.status !== 'closed') return undefined
  return state.problem ?? problem('server.leaving', 'the connection was closed')
}
