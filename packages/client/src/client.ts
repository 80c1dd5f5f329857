// The client: one connection, and the rooms that live on it.
import {
  type Attachment,
  type Command,
  type Hit,
  type Notice,
  type Problem,
  Refusal,
  type RoomId,
  type RoomSummary,
  roomId,
} from '@parley/protocol'
import { standardBackoff } from './backoff.ts'
import { type ClientState, type Status, statusOf } from './client-state.ts'
import { type Diagnostics, noCounts } from './diagnostics.ts'
import { dialWebSocket } from './dial.ts'
import { type DownloadOptions, Files, type UrlOptions } from './files.ts'
import type { Ground } from './ground.ts'
import { Link, type News } from './link.ts'
import type { LinkState, Welcome } from './link-state.ts'
import { httpBase, type Options, socketUrl } from './options.ts'
import { Outbox } from './outbox.ts'
import { standardOutbox } from './outbox-store.ts'
import { measured, missed, type Quality } from './quality.ts'
import { Requests } from './requests.ts'
import { Room } from './room.ts'
import type { Stop } from './seams.ts'
import { systemChance, systemClock } from './system.ts'
import { Uploads } from './uploads.ts'
import { attempt, Turn, Watched } from './watched.ts'

/** Posts pending in one client; more are refused. */
const MOST_PENDING = 1_000
/** How long a room stays joined after nobody watches it any more. */
const LINGER_MS = 5_000

/**
 * Opens a connection and keeps it open. `url` is the server's socket, such as `wss://chat.example/api/ws`; http(s) and,
 * in browsers, relative addresses will do. Throws a `TypeError` when it is no such address.
 */
export function connect(url: string, options: Options = {}): Client {
  return new Client(socketUrl(url), options)
}

/** Somebody was given a task, in a room that this connection does not hear. */
export type Assigned = Omit<Extract<Notice, { readonly type: 'task.assigned' }>, 'type'>

export class Client {
  /** The picture before anything is known: what is rendered on a server. */
  readonly initial: ClientState = { status: 'idle', attempt: 0 }
  readonly #turn = new Turn()
  readonly #state = new Watched<ClientState>(this.#turn, this.initial)
  readonly #counters = noCounts()
  readonly #rooms = new Map<RoomId, Room>()
  readonly #onAssigned = new Set<(assigned: Assigned) => void>()
  readonly #requests: Requests
  readonly #outbox: Outbox
  readonly #link: Link
  readonly #ground: Ground
  readonly #files: Files

  /** Use {@link connect}. */
  constructor(url: string, options: Options) {
    const { dial = dialWebSocket, chance = systemChance, window = 64, lazy = false, token } = options
    const clock = this.#turn.timed(options.clock ?? systemClock)
    const backoff = { ...standardBackoff, ...options.backoff }
    const shared = { clock, chance, backoff, turn: this.#turn, counters: this.#counters }
    this.#outbox = new Outbox(options.outbox ?? standardOutbox(url), MOST_PENDING, this.#counters)
    this.#link = new Link({
      ...shared,
      url,
      token,
      dial,
      changed: (link, retryAt) => this.#changed(link, retryAt),
      heard: (news) => this.#heard(news),
      measured: (ms) => this.#show({ roundTripMs: Math.round(ms), ...this.#judged((before) => measured(before, ms)) }),
      missed: (ms) => this.#show(this.#judged((before) => missed(before, ms))),
      renewed: () => this.#renewed(),
    })
    this.#requests = new Requests(this.#link.ask)
    this.#ground = this.#groundWith(shared, window)
    this.#files = new Files({
      ...shared,
      token,
      base: httpBase(url),
      fetch: options.fetch ?? ((...asked) => fetch(...asked)),
      request: this.#ground.request,
    })
    if (!lazy) this.#link.start()
  }

  get status(): Status {
    return this.state.status
  }

  get state(): ClientState {
    return this.#state.value
  }

  get diagnostics(): Diagnostics {
    const { roundTripMs } = this.state
    return { ...this.#counters, ...(roundTripMs === undefined ? {} : { roundTripMs }) }
  }

  /** How many posts are on their way, in all rooms: said, and not seen there yet. */
  get queued(): number {
    const pending = [...this.#rooms.values()].flatMap(({ timeline }) => timeline.pending)
    return pending.filter(({ state }) => state !== 'refused').length
  }

  /** Calls `see` with each new state. */
  readonly subscribe = (see: (state: ClientState) => void): Stop => this.#state.watch(see)

  /** The room of this id, always the same object. It is joined when somebody subscribes or posts. Throws a `Refusal` when it is no id. */
  readonly room = (id: string): Room => {
    const name = roomId(id)
    if (name === undefined) throw new Refusal('message.invalid', `not a room id: ${JSON.stringify(id)}`)
    const known = this.#rooms.get(name)
    if (known !== undefined) return known
    const room = new Room(name, this.#ground)
    this.#rooms.set(name, room)
    return room
  }

  /** Hears of tasks that one is given in rooms that are not joined. */
  readonly onAssigned = (hear: (assigned: Assigned) => void): Stop => {
    this.#onAssigned.add(hear)
    return () => this.#onAssigned.delete(hear)
  }

  /** Messages with these words, in a room or in all that the user may read, newest first. Rejects with a `Refusal`. */
  readonly search = async (
    text: string,
    { room, ...more }: { readonly room?: string; readonly limit?: number } = {},
  ): Promise<readonly Hit[]> => {
    const where = room === undefined ? {} : { room: this.room(room).id }
    const answer = await this.#ground.request({ type: 'search', text, ...more, ...where })
    return answer.type === 'search' ? answer.hits : []
  }

  /** The rooms the user may list, their own sessions first, latest first. Rejects with a `Refusal`. */
  readonly rooms = async (): Promise<readonly RoomSummary[]> => {
    const answer = await this.#ground.request({ type: 'rooms' })
    return answer.type === 'rooms' ? answer.rooms : []
  }

  /**
   * A URL for a file, to be shown with `<img>`, `<audio>` and the like: good for some minutes, for this user alone. Ask again
   * when it is shown again. Rejects with a `Refusal`.
   */
  readonly urlOf = (file: Pick<Attachment, 'id'>, options: UrlOptions = {}): Promise<string> =>
    this.#files.urlOf(file.id, options)

  /**
   * Calls `see` with a URL for a file, and with another each time before that one ends; with undefined as long as the user may
   * not have it. For links: what is being played does not like to be called differently.
   */
  readonly watchUrl = (
    file: Pick<Attachment, 'id'>,
    see: (url: string | undefined) => void,
    options: Pick<UrlOptions, 'thumbnail'> = {},
  ): Stop => this.#files.watchUrl(file.id, see, options)

  /**
   * The bytes of a file as they come, over as many requests as it takes, and no faster than they are read. Errors with a
   * `Refusal` where the user may not have it, or where what came is not what was said of it.
   */
  readonly download = (file: Attachment, options: DownloadOptions = {}): ReadableStream<Uint8Array> =>
    this.#files.download(file, options)

  /** Connects now: instead of waiting, after `close`, or anew. */
  readonly reconnect = (): void => this.#link.start()

  /**
   * Closes the connection and leaves nothing running; resolves when the socket has ended. Posts that have not arrived
   * reject with `OutcomeUnknown` and stay in the outbox, for `reconnect` or the next start.
   */
  readonly close = (): Promise<void> => this.#link.stop()

  #groundWith(shared: Pick<Ground, 'clock' | 'chance' | 'backoff' | 'turn' | 'counters'>, window: number): Ground {
    const link = this.#link
    const ground: Ground = {
      ...shared,
      get uploads() {
        return uploads
      },
      window,
      outbox: this.#outbox,
      lingerMs: LINGER_MS,
      get online() {
        return link.online
      },
      get ended() {
        return link.state.at === 'closed'
      },
      wake: () => {
        if (link.state.at === 'idle') link.start()
      },
      ask: link.ask,
      send: link.send,
      request: (command) => this.#request(command),
      renew: link.renew,
      fail: link.fail,
    }
    const uploads = new Uploads(ground)
    return ground
  }

  #request(command: Command): ReturnType<Requests['add']> {
    this.#ground.wake()
    const answer = this.#requests.add(command)
    if (this.#ground.ended) this.#requests.abandon(this.state.problem)
    return answer
  }

  #changed(link: LinkState, retryAt: number | undefined): void {
    if (link.at === 'online') this.#welcomed(link.welcome)
    else if (this.status === 'connected') this.#lost()
    if (link.at === 'closed') this.#abandon(link.problem)
    const { actor, roundTripMs } = this.state
    const problem = 'problem' in link ? link.problem : undefined
    this.#state.set({
      status: statusOf(link),
      attempt: 'attempt' in link && link.at !== 'online' ? link.attempt : 0,
      ...(retryAt === undefined ? {} : { retryAt }),
      ...(problem === undefined ? {} : { problem }),
      ...(actor === undefined ? {} : { actor }),
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
    })
  }

  #lost(): void {
    this.#ground.uploads.offline()
    for (const room of this.#rooms.values()) room.offline()
  }

  /** Each room goes on from its own place; what was said and not heard of is said again. */
  #welcomed({ actor }: Welcome): void {
    const before = this.#outbox.user
    if (before !== undefined && before !== actor.id) {
      for (const room of this.#rooms.values()) room.forget()
      this.#ground.uploads.stop(new Error('somebody else speaks from now on'))
      this.#files.forget()
    }
    for (const kept of this.#outbox.become(actor.id).toReversed()) this.room(kept.room).restore(kept)
    this.#show({ actor })
    for (const room of this.#rooms.values()) room.online()
    this.#requests.online()
    this.#ground.uploads.look()
  }

  #abandon(problem: Problem | undefined): void {
    const cause = problem === undefined ? undefined : new Refusal(problem.code, problem.message, problem)
    for (const room of this.#rooms.values()) room.abandon(cause)
    this.#requests.abandon(cause)
    this.#ground.uploads.stop(cause)
  }

  #heard(news: News): void {
    if (news.type === 'problem') return this.#show({ problem: news.problem })
    if (news.type === 'health') return this.#show({ health: news })
    if (news.type === 'task.assigned') return this.#assigned(news)
    if (news.type === 'removed') return this.#rooms.get(news.room)?.removed(news.problem)
    const known =
      news.type === 'upload.confirmed' || news.type === 'upload.ended'
        ? this.#ground.uploads.hear(news)
        : this.#inRoom(news)
    if (!known) this.#counters.ignoredFrames += 1
  }

  #assigned({ type: _, ...assigned }: Extract<News, { readonly type: 'task.assigned' }>): void {
    for (const hear of [...this.#onAssigned]) attempt(() => hear(assigned))
  }

  #judged(how: (before: Quality | undefined) => Quality): { readonly quality: Quality } {
    return { quality: how(this.state.quality) }
  }

  /** False: it means nothing there and now. */
  #inRoom(news: Extract<News, { readonly type: 'page' | 'signals' }>): boolean | undefined {
    if (news.type === 'page') return this.#rooms.get(news.page.room)?.page(news.page)
    return this.#rooms.get(news.room)?.signals(news.signals)
  }

  #renewed(): void {
    for (const room of this.#rooms.values()) room.renewed()
  }

  #show(change: Partial<ClientState>): void {
    this.#state.set({ ...this.state, ...change })
  }
}
