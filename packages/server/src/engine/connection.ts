// A socket with somebody at its other end: what comes in is decoded and handed on, what goes out is bounded.
import {
  type Answer,
  type Asked,
  authorOf,
  type Dialect,
  type Misread,
  type Notice,
  type Problem,
  problem,
  problems,
  Refusal,
  type RoomId,
} from '@parley/protocol'
import type { Actor } from '../seams/access.ts'
import { Frame, type Listener, type Transport } from '../seams/transport.ts'
import type { Posted } from './callings.ts'
import { Bucket, type Limits, tooFast } from './limits.ts'
import type { PostLine } from './post-line.ts'
import type { Ear, Reader } from './reader.ts'
import type { Taken } from './runs.ts'
import { Turns } from './turns.ts'

/** Where connections live: it knows who people are and does what they ask. */
export interface House {
  readonly limits: Limits
  now(): number
  steady(): number
  identify(token: string): Promise<Actor>
  /** Counts the connection in as this actor, or says why not. */
  enter(connection: Connection, actor: Actor): Problem | { readonly shared: Bucket; readonly welcome: Notice }
  /** The actor proved anew who they are, perhaps with other grants. */
  renewed(connection: Connection): void
  /**
   * Does what was asked and answers it. A promise only while it is open whether it may be done: until then the
   * connection's next commands wait, so that what one connection asks is done in its order.
   */
  execute(connection: Connection, asked: Asked): Promise<void> | undefined
  /** A binary message of somebody who is known, in a dialect that has them. */
  piece(connection: Connection, bytes: Uint8Array): void
  /** Somebody was told that something is not done. */
  refused(why: Problem): void
  left(connection: Connection): void
  failed(what: string, cause: unknown): void
}

/** Refusals for haste after which a connection that does not slow down is closed. */
const PATIENCE = 1_000
const WARN_MS = 60_000
/** Bytes that even a slow line should carry within `stuckMs`. */
const LARGE = 128 * 1024
/** What checking a token costs, in the measure of `Commands`. */
const PROOF_COST = 10

export class Connection implements Ear, Listener {
  /** Where it comes from. */
  readonly address: string
  readonly dialect: Dialect
  readonly memory: unknown
  readonly voice = {}
  readonly readers = new Map<RoomId, Reader>()
  /** Where this connection posted. */
  readonly lines = new Map<RoomId, PostLine<Posted, Taken>>()
  /** A page of the past is said only while next to nothing waits. */
  readonly turns = new Turns(() => this.outbox * 4 <= this.#house.limits.softBytes)
  readonly #transport: Transport
  readonly #house: House
  readonly #openedAt: number
  readonly #own: Bucket
  #shared: Bucket | undefined
  #actor: Actor | undefined
  #inbox: { readonly item: Asked | Misread; readonly length: number }[] = []
  /** While it is open who speaks, or whether a command may be done. */
  #busy = false
  #gone = false
  /** Commands that wait for an answer, with the length of their frames: mostly the first is answered first. */
  readonly #waiting: { readonly asked: Asked; readonly length: number }[] = []
  /** Characters of all that is in the inbox or waits for an answer. */
  #held = 0
  /** Which of its readers went first the last time. */
  #first = 0
  #hasty = 0
  /** How hasty it was when it was looked at last. */
  #hastyThen = 0
  #warned = false
  #stuck: { readonly bytes: number; readonly since: number } | undefined

  constructor(transport: Transport, address: string, dialect: Dialect, memory: unknown, house: House) {
    this.#transport = transport
    this.address = address
    this.dialect = dialect
    this.memory = memory
    this.#house = house
    this.#openedAt = house.steady()
    this.#own = new Bucket(house.limits.connectionRate, this.#openedAt)
  }

  get actor(): Actor {
    if (this.#actor === undefined) throw new Error('a command was executed before it was known who asks')
    return this.#actor
  }

  get identified(): boolean {
    return this.#actor !== undefined
  }

  get gone(): boolean {
    return this.#gone
  }

  /** Bytes that wait for the socket. */
  get outbox(): number {
    return this.#transport.buffered
  }

  get congested(): boolean {
    return this.outbox > this.#house.limits.softBytes
  }

  /** Somebody who needs no proof. */
  become(actor: Actor): void {
    const entered = this.#house.enter(this, actor)
    if ('code' in entered) return this.end(entered)
    this.#actor = actor
    this.#shared = entered.shared
    this.notice(entered.welcome)
    for (const command of this.dialect.opening(this.memory).toReversed())
      this.#inbox.unshift({ item: { ref: command.type, command }, length: 0 })
    this.#pump()
  }

  /** A token that came with the connection; what is asked meanwhile waits. */
  present(token: string): void {
    this.#decide(
      this.#house.identify(token).then(
        (actor) => (this.#gone ? undefined : this.become(actor)),
        (cause: unknown) => this.broken(cause),
      ),
    )
  }

  received(text: string): void {
    if (this.#gone) return
    const { length } = text
    for (const item of this.dialect.decode(text, this.memory)) {
      this.#inbox.push({ item, length })
      this.#held += length
    }
    this.#pump()
    const { waiting, waitingLength } = this.#house.limits
    if (this.#inbox.length > waiting || (this.#inbox.length > 0 && this.#held > waitingLength))
      this.end(problem('limit.exceeded', 'too many messages wait to be decided'))
  }

  receivedBytes(bytes: Uint8Array): boolean {
    if (this.#actor === undefined || !this.dialect.takesPieces) return this.#gone
    if (!this.#gone) this.#house.piece(this, bytes)
    return true
  }

  drained(): void {
    this.#stuck = undefined
    this.#walk()
  }

  /** Each time another reader goes first: one busy room may fill the socket again before it is the others' turn. */
  #walk(): void {
    if (!this.#lags()) return
    const readers = [...this.readers.values()]
    this.#first = (this.#first + 1) % Math.max(readers.length, 1)
    for (const reader of readers.slice(this.#first)) reader.walk()
    for (const reader of readers.slice(0, this.#first)) reader.walk()
  }

  /** Whether one of its readers is not live: it catches up, or was let go. */
  #lags(): boolean {
    for (const reader of this.readers.values()) if (!reader.live) return true
    return false
  }

  /** The transport has ended; nothing is heard or said any more. */
  closed(): void {
    this.#leave()
  }

  #pump(): void {
    while (!this.#busy && !this.#gone) {
      const next = this.#inbox.shift()
      if (next === undefined) return
      const { item, length } = next
      this.#held -= length
      if ('command' in item && item.command.type === 'authenticate') this.#authenticate(item, item.command.token)
      else if (this.#actor === undefined)
        return this.end(problem('auth.missing', 'say who you are first: send a token'))
      else if ('problem' in item) this.#misread(item)
      else this.#execute(item, length)
    }
  }

  #execute(asked: Asked, length: number): void {
    const { waiting, waitingLength } = this.#house.limits
    if (this.#waiting.length >= waiting || this.#held + length > waitingLength)
      return this.reply(asked, problem('limit.exceeded', 'too many messages wait for an answer'))
    this.#waiting.push({ asked, length })
    this.#held += length
    const deciding = this.#house.execute(this, asked)
    if (deciding !== undefined) this.#decide(deciding)
  }

  /** Until this settles, the next commands wait. */
  #decide(deciding: Promise<unknown>): void {
    this.#busy = true
    deciding
      .catch((cause: unknown) => this.broken(cause))
      .finally(() => {
        this.#busy = false
        this.#pump()
      })
  }

  #misread({ ref, problem: why }: Misread): void {
    const wait = this.spend(1)
    this.#house.refused(wait ?? why)
    this.notice({ type: 'problem', problem: wait ?? why, ...(ref === undefined ? {} : { ref }) })
  }

  #authenticate(asked: Asked, token: string): void {
    const wait = this.spend(PROOF_COST)
    if (wait !== undefined) return this.reply(asked, wait)
    this.#decide(
      this.#house.identify(token).then(
        (actor) => (this.#gone ? undefined : this.#proved(asked, actor)),
        (cause: unknown) => this.#disproved(asked, this.#problemOf(cause)),
      ),
    )
  }

  #proved(asked: Asked, actor: Actor): void {
    const { id, expiresAt } = actor
    if (this.#actor === undefined) this.become(actor)
    else if (this.#actor.id !== id)
      return this.reply(asked, problem('access.denied', 'a connection keeps its user; open another for another user'))
    else {
      this.#actor = actor
      this.#warned = false
      this.#house.renewed(this)
    }
    this.reply(asked, {
      type: 'authenticate',
      actor: authorOf(actor),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    })
  }

  /** A bad token ends a connection that has no better one. */
  #disproved(asked: Asked, why: Problem): void {
    this.reply(asked, why)
    if (this.#actor === undefined) this.end(why)
  }

  /** Takes `cost` from what this connection and its user may use, or says how long to wait. */
  spend(cost: number): Problem | undefined {
    const now = this.#house.steady()
    const wait = this.#own.take(cost, now) || (this.#shared?.take(cost, now) ?? 0)
    if (wait === 0) return undefined
    this.#hasty += 1
    if (this.#hasty === PATIENCE) this.end(tooFast(wait))
    return tooFast(wait)
  }

  /** A command was decided; this is what its sender hears. */
  settle(asked: Asked, outcome: Answer | Problem): void {
    const place = this.#waiting.findIndex((one) => one.asked === asked)
    const [waited] = place < 0 ? [] : this.#waiting.splice(place, 1)
    this.#held -= waited?.length ?? 0
    this.reply(asked, outcome)
  }

  reply({ ref, command }: Asked, outcome: Answer | Problem): void {
    if (this.#gone) return
    if ('code' in outcome) this.#house.refused(outcome)
    const reply = 'code' in outcome ? { ref, command, problem: outcome } : { ref, command, answer: outcome }
    this.#say(this.dialect.reply(reply, this.memory))
    this.heed()
  }

  notice(notice: Notice): void {
    if (!this.#gone) this.#say(this.dialect.notice(notice, this.memory))
  }

  /** Does what its dialect asks by itself, before what came in meanwhile. */
  heed(): void {
    const asks = this.#gone ? [] : this.dialect.asks(this.memory)
    if (asks.length === 0) return
    this.#inbox.unshift(...asks.map((item) => ({ item, length: 0 })))
    this.#pump()
  }

  #say(texts: readonly string[]): void {
    if (texts.length > 0) this.hear(new Frame(texts))
  }

  hear(frame: Frame): void {
    if (this.#gone || frame.texts.length === 0) return
    // What waits already decides: a frame is said to whoever took the ones before it, however large it is.
    if (this.#transport.buffered > this.#house.limits.hardBytes)
      return this.end(problem('reader.slow', 'too many bytes wait for this connection'))
    this.#transport.send(frame)
  }

  broken(cause: unknown): void {
    if (!this.#gone) this.end(this.#problemOf(cause))
  }

  /** Says why and closes. */
  end(why: Problem): void {
    if (this.#gone) return
    this.#leave()
    this.#house.refused(why)
    // Not heard like the rest: perhaps it ends because too much waits already.
    const goodbye = this.dialect.notice({ type: 'problem', problem: why }, this.memory)
    if (goodbye.length > 0) this.#transport.send(new Frame(goodbye))
    this.#transport.close(problems[why.code].number, `${why.code}: ${why.message}`.slice(0, 120))
  }

  #leave(): void {
    if (this.#gone) return
    this.#gone = true
    this.#inbox = []
    for (const reader of this.readers.values()) reader.leave()
    this.readers.clear()
    this.#house.left(this)
  }

  /** Called about once a second: looks at the deadlines. */
  tick(): void {
    const { limits } = this.#house
    const steady = this.#house.steady()
    if (this.#actor === undefined) {
      if (steady - this.#openedAt >= limits.greetingMs)
        this.end(problem('auth.missing', 'nobody said who is speaking in time'))
      return
    }
    // A second without haste is enough: it did slow down.
    if (this.#hasty === this.#hastyThen) this.#hasty = 0
    this.#hastyThen = this.#hasty
    this.#watchToken(this.#actor.expiresAt)
    this.#watchSocket(steady)
  }

  #watchToken(expiresAt: number | undefined): void {
    if (expiresAt === undefined) return
    const left = expiresAt - this.#house.now()
    if (left <= 0) return this.end(problem('auth.expired', 'the token has expired'))
    if (left > WARN_MS || this.#warned) return
    this.#warned = true
    this.notice({ type: 'token.expiring', expiresAt })
  }

  #watchSocket(steady: number): void {
    const bytes = this.#transport.buffered
    if (bytes === 0 || bytes < (this.#stuck?.bytes ?? 0)) this.#stuck = undefined
    if (bytes > 0) this.#stuck ??= { bytes, since: steady }
    // A transport counts a chunk until all of it is out: a large one may take its time on a slow line.
    const patience = this.#house.limits.stuckMs * Math.max(1, bytes / LARGE)
    if (this.#stuck !== undefined && steady - this.#stuck.since >= patience)
      return this.end(problem('reader.slow', 'the connection takes nothing any more'))
    if (!this.congested) this.#walk()
  }

  /** What is no refusal is logged. */
  #problemOf(cause: unknown): Problem {
    if (cause instanceof Refusal) return cause.problem
    this.#house.failed('a connection broke', cause)
    return problem('server.failed', 'something failed on the server')
  }
}
