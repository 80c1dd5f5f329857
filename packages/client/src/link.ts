// The hands of the connection: enter each state, and know how to leave it. What happens next is decided in link-state.ts.
import {
  type Command,
  type Piece,
  type Problem,
  problem,
  problems,
  type Retry,
  SUBPROTOCOL,
  writePiece,
} from '@parley/protocol'
import { type Backoff, backoffMs } from './backoff.ts'
import type { Counters } from './diagnostics.ts'
import type { ServerFrame } from './frames.ts'
import { type Heartbeat, startHeartbeat } from './heartbeat.ts'
import { type Ending, Line, type LineListener, type Outcome } from './line.ts'
import { type LinkEvent, type LinkState, step, type Welcome } from './link-state.ts'
import { problemOfError } from './problems.ts'
import type { Chance, Clock, Dial, Stop, Token } from './seams.ts'
import { withToken } from './tokens.ts'
import { onWakeUp } from './wake-up.ts'
import type { Turn } from './watched.ts'

/** What the server says when all is well, beside replies. */
export type News = Extract<
  ServerFrame,
  {
    readonly type:
      | 'page'
      | 'signals'
      | 'removed'
      | 'problem'
      | 'health'
      | 'task.assigned'
      | 'upload.confirmed'
      | 'upload.ended'
  }
>

export interface LinkParts {
  readonly url: string
  readonly token: Token | undefined
  readonly dial: Dial
  readonly clock: Clock
  readonly chance: Chance
  readonly backoff: Backoff
  readonly turn: Turn
  readonly counters: Counters
  /** Entered another state. `retryAt` in ms since 1970, while it waits. */
  changed(link: LinkState, retryAt: number | undefined): void
  heard(news: News): void
  measured(roundTripMs: number): void
  /** A ping was not answered for so long. */
  missed(waitedMs: number): void
  /** The server accepted a new token on the open connection. */
  renewed(): void
}

const OPEN_WITHIN_MS = 10_000
const WELCOME_WITHIN_MS = 10_000
const CLOSE_WITHIN_MS = 2_000
/** A connection that lasted so long was a good one: the next failure is a first one. */
const STABLE_MS = 10_000
/** A server that answers pings but not this command has lost it. */
const ANSWER_WITHIN_MS = 60_000

const encoder = new TextEncoder()
const nothing: Stop = () => {}

export class Link {
  readonly #parts: LinkParts
  #state: LinkState = { at: 'idle' }
  #leave: Stop = nothing
  #line: Line | undefined
  #heartbeat: Heartbeat | undefined
  #onlineSince = 0
  #retryAt: number | undefined
  #renewing = false
  readonly #events: LinkEvent[] = []
  #stepping = false

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  get state(): LinkState {
    return this.#state
  }

  get online(): boolean {
    return this.#state.at === 'online'
  }

  start(): void {
    this.#dispatch({ type: 'start' })
  }

  /** Resolves when the socket has ended, or after two seconds. */
  async stop(): Promise<void> {
    const line = this.#line
    this.#dispatch({ type: 'stop' })
    if (line === undefined) return
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const stop = this.#parts.clock.after(CLOSE_WITHIN_MS, resolve)
    await Promise.race([line.gone, late])
    stop()
  }

  /** Only while online. `answered` is never called if the connection ends before the reply. */
  readonly ask = (command: Command, answered: (outcome: Outcome) => void): void => {
    if (this.#state.at !== 'online' || this.#line === undefined) return
    const question = this.#line.question(command)
    const { maxFrameBytes } = this.#state.welcome
    if (!isLarger(question.text, maxFrameBytes)) this.#line.ask(question, this.#parts.clock.steady(), answered)
    else answered({ problem: problem('message.large', `the server takes at most ${maxFrameBytes} bytes at once`) })
  }

  /** Sends a piece of a file, if there is a connection. */
  readonly send = (piece: Piece): void => {
    if (this.#state.at === 'online') this.#line?.send(writePiece(piece))
  }

  /** Ends the connection because of what the other side did; the next attempt follows. */
  readonly fail = (why: Problem, retry: Retry = 'later'): void => {
    this.#drop({ retry, problem: why, retryAfterMs: why.retryAfterMs ?? 0 })
  }

  /** Proves anew who speaks, over the open connection. */
  readonly renew = (): void => {
    const line = this.#line
    if (this.#renewing || line === undefined || typeof this.#parts.token !== 'function') return
    this.#renewing = true
    const done = (token?: string): void => {
      this.#renewing = false
      if (token !== undefined && line === this.#line) this.#parts.turn.take(() => this.#present(token))
    }
    // When no token can be had now, the server closes as the old one ends, and the next attempt asks again.
    withToken(this.#parts.token, done, () => done())
  }

  #present(token: string): void {
    this.ask({ type: 'authenticate', token }, (outcome) => {
      if ('answer' in outcome) return this.#parts.renewed()
      this.fail(outcome.problem, problems[outcome.problem.code].retry)
    })
  }

  #drop({ retry, problem, retryAfterMs }: Ending): void {
    const { clock, token } = this.#parts
    const stable = this.online && clock.steady() - this.#onlineSince >= STABLE_MS
    const rule = retry === 'renew' && typeof token !== 'function' ? 'never' : retry
    this.#dispatch({ type: 'dropped', retry: rule, problem, retryAfterMs, stable })
  }

  /** What happens while one event is worked on is worked on after it. */
  #dispatch(event: LinkEvent): void {
    this.#events.push(event)
    if (this.#stepping) return
    this.#stepping = true
    try {
      this.#parts.turn.take(() => {
        for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#take(next)
      })
    } finally {
      this.#stepping = false
    }
  }

  #take(event: LinkEvent): void {
    const next = step(this.#state, event)
    if (next === this.#state) return
    this.#leave()
    // The line outlives the steps of one attempt; every other change of state ends it.
    if (next.at !== 'greeting' && next.at !== 'online') this.#hangUp(event)
    this.#state = next
    this.#leave = this.#enter(next)
    this.#parts.changed(next, this.#retryAt)
  }

  #enter(link: LinkState): Stop {
    switch (link.at) {
      case 'opening':
        return this.#open()
      case 'greeting':
        return this.#parts.clock.after(WELCOME_WITHIN_MS, () =>
          this.fail(problem('server.failed', 'the server did not say its welcome in time')),
        )
      case 'online':
        return this.#live(link.welcome)
      case 'waiting':
        return this.#wait(link.attempt, link.retryAfterMs)
      default:
        return nothing
    }
  }

  #open(): Stop {
    const { clock, token, turn } = this.#parts
    let here = true
    const stop = clock.after(OPEN_WITHIN_MS, () => this.#drop({ retry: 'later', problem: undefined, retryAfterMs: 0 }))
    withToken(
      token,
      (fresh) => here && turn.take(() => this.#dial(fresh)),
      (why, retry) => here && this.fail(why, retry),
    )
    return () => {
      here = false
      stop()
    }
  }

  #dial(token: string | undefined): void {
    const { dial, url, turn, counters } = this.#parts
    const protocols = token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, `bearer.${token}`]
    try {
      this.#line = new Line({ dial, url, protocols, counters, turn, listener: this.#listener() })
    } catch (cause) {
      this.fail(problemOfError(cause, 'message.invalid', 'no socket could be opened'), 'never')
    }
  }

  #listener(): LineListener {
    return {
      opened: () => this.#dispatch({ type: 'opened' }),
      received: () => this.#heartbeat?.heard(),
      said: (frame) => this.#said(frame),
      failed: this.fail,
      closed: (ending) => {
        this.#line = undefined
        this.#drop(ending)
      },
    }
  }

  #live({ heartbeatMs }: Welcome): Stop {
    const { clock, measured, missed } = this.#parts
    this.#onlineSince = clock.steady()
    const heartbeat = startHeartbeat({
      clock,
      everyMs: heartbeatMs,
      measured,
      missed,
      ping: (answered) => this.ask({ type: 'ping' }, () => this.#ponged(answered)),
      lost: () => this.fail(problem('heartbeat.lost', 'the server does not answer any more')),
    })
    this.#heartbeat = heartbeat
    const deaf = onWakeUp(() => heartbeat.probe())
    return () => {
      deaf()
      heartbeat.stop()
      this.#heartbeat = undefined
    }
  }

  #ponged(answered: () => void): void {
    answered()
    const since = this.#line?.waitingSince
    if (since !== undefined && this.#parts.clock.steady() - since > ANSWER_WITHIN_MS)
      this.fail(problem('server.failed', 'the server does not answer a command'))
  }

  #wait(attempt: number, retryAfterMs: number): Stop {
    const { clock, chance, backoff, counters } = this.#parts
    const ms = backoffMs(attempt, chance, backoff, retryAfterMs)
    const due = (): void => this.#dispatch({ type: 'due' })
    const stop = clock.after(ms, due)
    const deaf = onWakeUp(due)
    this.#retryAt = clock.now() + ms
    counters.reconnects += 1
    return () => {
      this.#retryAt = undefined
      deaf()
      stop()
    }
  }

  #said(frame: Parameters<LineListener['said']>[0]): boolean {
    if (frame.type === 'welcome') {
      if (this.#state.at !== 'greeting') return false
      this.#dispatch({ type: 'welcomed', welcome: frame })
    } else if (!this.online) return frame.type === 'problem'
    else if (frame.type === 'token.expiring') this.renew()
    else this.#parts.heard(frame)
    return true
  }

  #hangUp(because: LinkEvent): void {
    const line = this.#line
    this.#line = undefined
    const why = because.type === 'dropped' ? because.problem : undefined
    const number = why === undefined ? 1000 : problems[why.code].number
    line?.hangUp(number < 3000 ? 1000 : number, why?.code ?? '')
  }
}

function isLarger(text: string, bytes: number): boolean {
  // A UTF-16 unit takes at most three bytes: most texts need not be encoded to know.
  return text.length * 3 > bytes && (text.length > bytes || encoder.encode(text).length > bytes)
}
