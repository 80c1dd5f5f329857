// A room as the application sees it: its picture, and what can be done there.
import {
  type AttachedPart,
  applyPage,
  emptyTimeline,
  type Json,
  type Member,
  type MessageId,
  type Page,
  type Part,
  type Position,
  type Problem,
  prependPage,
  Refusal,
  type RoomId,
  type RunId,
  type Signal,
  type Timeline,
} from '@parley/protocol'
import { Company, type CompanyPicture, noCompany } from './company.ts'
import type { Ground } from './ground.ts'
import { Hindsight } from './hindsight.ts'
import type { Pending, Said } from './pending.ts'
import type { Posted, PostOptions } from './post.ts'
import { Posts } from './posts.ts'
import type { Stop } from './seams.ts'
import { Self } from './self.ts'
import { type Progress, stillTrue, withSignals } from './signals.ts'
import { type Standing, Stay } from './stay.ts'
import { Tray } from './tray.ts'
import type { UploadSource } from './upload-source.ts'
import type { UploadOptions } from './uploads.ts'
import { Watched } from './watched.ts'
import { Wishes } from './wishes.ts'

/** How a room looks from here. Immutable: the same object until something changes. */
export interface RoomPicture extends Timeline, CompanyPicture {
  /** How far the tools at work have come, by call; of each the latest that was told. It may be told just before its tool. */
  readonly progress: Progress
  /** What was said here and is not seen in `messages` yet, in the order it was said. */
  readonly pending: readonly Pending[]
  /** Whether news arrive as they happen. False: offline, not asked for, or refused. */
  readonly joined: boolean
  /** Why the room cannot be heard. */
  readonly problem?: Problem
  readonly loadingOlder: boolean
}

export class Room extends Wishes {
  /** The picture before anything is known: what is rendered on a server. */
  readonly initial: RoomPicture
  /** Files chosen for the next message here. It outlives whoever shows it. */
  readonly tray: Tray
  readonly #ground: Ground
  readonly #picture: Watched<RoomPicture>
  readonly #posts: Posts
  readonly #stay: Stay
  readonly #company: Company
  readonly #self: Self
  readonly #hindsight = new Hindsight()
  #older: Promise<boolean> | undefined
  /** Files on their way. */
  #uploading = 0

  constructor(id: RoomId, ground: Ground) {
    super(id, ground)
    this.#ground = ground
    const still = { progress: new Map(), pending: [], joined: false, loadingOlder: false }
    this.initial = { ...emptyTimeline(id), ...noCompany, ...still }
    this.#picture = new Watched(ground.turn, this.initial)
    this.#posts = new Posts(id, ground, {
      picture: () => this.timeline,
      open: () => ground.online && this.#stay.decided,
      seen: ({ epoch, seq }) => {
        const { position } = this.timeline
        return this.#stay.standing === 'refused' || (position?.epoch === epoch && seq <= position.seq)
      },
      changed: () => {
        this.#show({ pending: this.#posts.entries })
        this.#stay.rest()
      },
    })
    this.#stay = new Stay(id, ground, {
      position: () => this.timeline.position,
      watched: () => this.#picture.watchers > 0,
      posting: () => this.#posts.unsettled || this.#uploading > 0,
      changed: (standing, why) => this.#stands(standing, why),
      met: (members) => this.#company.meet(members),
    })
    this.#company = new Company({
      clock: ground.clock,
      me: () => ground.outbox.user,
      changed: (company) => this.#show(company),
    })
    this.#self = new Self({
      room: id,
      ground,
      open: () => ground.online && this.#stay.standing === 'joined',
      hasRead: (seq) =>
        this.#company.hear(ground.outbox.user === undefined ? [] : [{ type: 'read', user: ground.outbox.user, seq }]),
    })
    this.tray = new Tray({
      turn: ground.turn,
      chance: ground.chance,
      upload: (file, options) => this.upload(file, options),
      check: ({ id: attachment }) => ground.request({ type: 'link', attachment }),
    })
  }

  get timeline(): RoomPicture {
    return this.#picture.value
  }

  /**
   * Calls `see` with each new picture. The room is joined while somebody is subscribed, and left some seconds after
   * the last one stopped.
   */
  readonly subscribe = (see: (picture: RoomPicture) => void): Stop => {
    const stop = this.#picture.watch(see)
    this.#ground.turn.take(() => this.#stay.want())
    return () => {
      stop()
      if (this.#picture.watchers === 0) this.#hindsight.release()
      this.#ground.turn.take(() => this.#stay.rest())
    }
  }

  /**
   * Says something. Shown as pending at once; resolves when it is in the room's log for good. Rejects with a `Refusal`
   * when it is refused, and with `OutcomeUnknown` when the client ends before the outcome is known.
   */
  readonly post = (said: string | readonly Part[], options: PostOptions = {}): Promise<Posted> => {
    try {
      return this.#ground.turn.take(() => {
        this.#self.typing(false)
        const posted = this.#posts.add(said, options)
        this.#stay.want()
        return posted
      })
    } catch (refusal) {
      return Promise.reject(refusal)
    }
  }

  /**
   * Sends a file; resolves with a part to be posted here. It goes on by itself after a lost connection or a restart of the
   * server, from what has arrived, and lets everything else go first. Nobody else knows of it until it is posted. Rejects
   * with a `Refusal`, with the signal's reason, or with why the file cannot be read.
   */
  readonly upload = async (file: UploadSource, options: UploadOptions = {}): Promise<AttachedPart> => {
    const { uploads, turn } = this.#ground
    this.#uploading += 1
    turn.take(() => this.#stay.want())
    try {
      return await uploads.add({ room: this.id, ready: () => this.#stay.decided }, file, options)
    } finally {
      this.#uploading -= 1
      turn.take(() => this.#stay.rest())
    }
  }

  /** Says a refused post once more, with the same id. Its outcome is told in `pending`. */
  readonly retry = (id: string): void =>
    this.#ground.turn.take(() => {
      this.#posts.retry(id)
      this.#stay.want()
    })

  /** Forgets a pending post and what was typed. One that was on the wire may have arrived all the same. */
  readonly discard = (id: string): void => this.#ground.turn.take(() => this.#posts.discard(id))

  /** Says something to the agent at work in `run`: as `post` does with `steers`. */
  readonly steer = (run: RunId, said: string | readonly Part[]): Promise<Posted> => this.post(said, { steers: run })

  /** Says an earlier message of one's own better: as `post` does with `supersedes`. `id` is the earlier one's. */
  readonly edit = (id: MessageId, said: string | readonly Part[]): Promise<Posted> =>
    this.post(said, { supersedes: id })

  /** Answers a message, whose key is given: as `post` does with `replyTo`. */
  readonly reply = (key: string, said: string | readonly Part[], options: PostOptions = {}): Promise<Posted> =>
    this.post(said, { ...options, replyTo: key })

  /**
   * Lets the others know that one is writing, while the room is heard. May be called at each keystroke. False: one has
   * stopped, which a post says as well.
   */
  readonly typing = (on = true): void => this.#ground.turn.take(() => this.#self.typing(on))

  /** What one says of oneself to the others here, over lost connections too. Throws a `Refusal` beyond 1,024 characters of JSON. */
  readonly setPresence = (state: Json): void => this.#ground.turn.take(() => this.#self.become(structuredClone(state)))

  /**
   * One has read all up to a place in the log; without one, all messages that the picture shows. May be called as often
   * as one likes: it is told while the room is heard, at most once a second, again after a loss, and never goes back.
   */
  readonly read = (upTo: Position | number = this.timeline.messages.at(-1)?.seq ?? 0): void => {
    const { epoch, seq } = typeof upTo === 'number' ? { epoch: undefined, seq: upTo } : upTo
    if (epoch !== undefined && epoch !== this.timeline.position?.epoch) return
    this.#ground.turn.take(() => this.#self.read(seq))
  }

  /** Asks anew who is here. The picture follows. Rejects with a `Refusal`. */
  readonly listMembers = async (): Promise<readonly Member[]> => {
    const answer = await this.#ground.request({ type: 'members', room: this.id })
    if (answer.type !== 'members') return []
    const { members, count } = answer
    if (this.#stay.standing === 'joined') this.#ground.turn.take(() => this.#company.list(members, count))
    return members
  }

  /**
   * Allows or denies a tool call that waits for it; resolves when that is in the log. Rejects with a `Refusal`, of code
   * `approval.over` where nothing waits for it any more, or somebody else has decided.
   */
  readonly approve = async (call: string, approved: boolean, reason?: string): Promise<void> => {
    const tool = this.timeline.tools.get(call)
    if (tool === undefined) throw new Refusal('approval.over', `no tool call ${call} is known in ${this.id}`)
    const { run } = tool
    const more = reason === undefined ? {} : { reason }
    await this.#ground.request({ type: 'approve', room: this.id, run, call, approved, ...more })
  }

  /**
   * Adds about `limit` earlier events to the picture. Resolves with whether there are more before. A picture that has
   * grown long by itself lets go of its far past, but not while somebody is looking who has called this.
   */
  readonly older = (limit = 100): Promise<boolean> => {
    const { position, earlier, start } = this.timeline
    if (position === undefined || !earlier) return Promise.resolve(false)
    this.#older ??= this.#load(start + 1, limit)
    return this.#older
  }

  /** Stops hearing it, until somebody subscribes or posts again. What is pending is sent before. */
  readonly leave = (): void => this.#ground.turn.take(() => this.#stay.leave())

  online(): void {
    this.#stay.online()
  }

  offline(): void {
    this.#stay.offline()
    this.#posts.lost()
    this.#self.lost()
  }

  /** The actor may be allowed more now. */
  renewed(): void {
    this.#stay.renewed()
    this.#posts.flush()
  }

  /** False: the page means nothing here and now. */
  page(page: Page): boolean {
    if (this.#stay.standing !== 'joined') return false
    if (!fits(this.timeline, page)) {
      this.#stay.strayed()
      return false
    }
    if (page.reset !== undefined) this.#begins(page)
    this.#stay.followed()
    const timeline = this.#hindsight.limit(applyPage(this.timeline, page), page.events)
    this.#show({ ...timeline, progress: stillTrue(this.timeline.progress, timeline.tools) })
    this.#posts.appeared(page)
    return true
  }

  /** False: they mean nothing here and now. */
  signals(signals: readonly Signal[]): boolean {
    if (this.#stay.standing !== 'joined') return false
    const { progress, tools } = this.timeline
    const next = withSignals(progress, signals, tools)
    if (next !== progress) this.#show({ progress: next })
    this.#company.hear(signals)
    return true
  }

  removed(why: Problem): void {
    if (this.#stay.standing !== 'away') this.#stay.refused(why)
  }

  /** A post of an earlier life, from before all that is pending. */
  restore(post: Said): void {
    this.#posts.restore(post)
  }

  /** No connection will be made by itself any more. */
  abandon(cause: unknown): void {
    this.#posts.abandon(cause)
    this.#stay.stop()
    this.#company.quiet()
    this.#self.stop()
  }

  /** Somebody else speaks from now on, who may not see what was seen here. */
  forget(): void {
    this.#posts.forget()
    this.tray.clear()
    this.#hindsight.release()
    this.#company.restart()
    this.#company.leave()
    this.#self.forget()
    this.#picture.set(this.initial)
  }

  #begins({ epoch }: Page): void {
    const { position } = this.timeline
    if (position !== undefined) this.#ground.counters.resets += 1
    this.#hindsight.release()
    if (position === undefined || position.epoch === epoch) return
    this.#company.restart()
    this.#self.restart()
  }

  #stands(standing: Standing, why: Problem | undefined): void {
    const { problem: before, ...picture } = this.timeline
    // Why it was refused stays to be read until it is heard again.
    const problem = why ?? (standing === 'joined' ? undefined : before)
    const joined = standing === 'joined'
    // A lost connection comes back soon. Where it is heard no more for other reasons, nothing is known of the moment.
    const silent = !joined && standing !== 'joining' && this.#ground.online
    const progress: Progress = silent ? new Map() : picture.progress
    this.#picture.set({ ...picture, progress, joined, ...(problem === undefined ? {} : { problem }) })
    if (silent) this.#company.leave()
    if (joined) this.#self.joined()
    this.#posts.settle()
    this.#posts.flush()
    this.#ground.uploads.look()
    this.#stay.rest()
  }

  async #load(before: number, limit: number): Promise<boolean> {
    let past: Partial<Timeline> = {}
    this.#hindsight.hold()
    this.#show({ loadingOlder: true })
    try {
      const answer = await this.#ground.request({ type: 'older', room: this.id, before, limit })
      if (answer.type === 'older') past = prependPage(this.timeline, answer.page)
      return past.earlier ?? this.timeline.earlier
    } finally {
      this.#older = undefined
      this.#show({ ...past, loadingOlder: false })
    }
  }

  #show(change: Partial<RoomPicture>): void {
    this.#picture.set({ ...this.timeline, ...change })
  }
}

/** Whether the page follows the picture or replaces it. */
function fits({ position }: Timeline, page: Page): boolean {
  if (page.reset !== undefined) return true
  if (position === undefined) return page.after === 0
  return page.epoch === position.epoch && page.after <= position.seq
}
