// The hands of the connection: enter each state, and know how to leave it. What happens next is decided in link-state.ts.
import { type Command, type Problem, problem, problems, type Retry, retryAfterClose, SUBPROTOCOL } from '@parley/protocol'
import { type Backoff, backoffMs } from './backoff.ts'
import type { Counters } from './diagnostics.ts'
import { readFrame, type ServerFrame } from './frames.ts'
import { type Heartbeat, startHeartbeat } from './heartbeat.ts'
import { Line, type Outcome } from './line.ts'
import { type LinkEvent, type LinkState, step, type Welcome } from './link-state.ts'
import { closeProblem, problemOfError } from './problems.ts'
import type { Chance, Clock, Dial, Stop, Token } from './seams.ts'
import { onWakeUp } from './wake-up.ts'
import type { Turn } from './watched.ts'

/** What the server says when all is well, beside replies. */
export type News = Exclude<ServerFrame, { readonly type: 'reply' | 'welcome' | 'leaving' | 'token.expiring' }>

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

/** What may stand in a subprotocol's name; the characters of a JWT are among them. */
const PLAIN_TOKEN = /^[A-Za-z0-9._~+-]{1,8192}$/

const encoder = new TextEncoder()
const nothing: Stop = () => {}

export class Link {
  readonly #parts: LinkParts
  #state: LinkState = { at: 'idle' }
  #leave: Stop = nothing
  #line: Line | undefined
  #heartbeat: Heartbeat | undefined
  /** What the server said on its way out: the reason, and when to come back. */
  #farewell: { readonly problem?: Problem; readonly retryAfterMs?: number } = {}
  #onlineSince = 0
  #retryAt: number | undefined
  #renewing = false
  readonly #events: LinkEvent[] = []

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
  ask(command: Command, answered: (outcome: Outcome) => void): void {
    const { clock, counters } = this.#parts
    if (this.#state.at !== 'online' || this.#line === undefined) return
    const frame = this.#line.frame(command)
    const { maxFrameBytes } = this.#state.welcome
    if (isLarger(frame.text, maxFrameBytes))
      return answered({ problem: problem('message.large', `the server takes at most ${maxFrameBytes} bytes at once`) })
    counters.framesOut += 1
    this.#line.ask(frame, { type: command.type, at: clock.steady(), answered })
  }

  /** Ends the connection because of what the other side did; the next attempt follows. */
  fail(why: Problem): void {
    this.#drop('later', why)
  }

  /** Proves anew who speaks, over the open connection. */
  renew(): void {
    const { token } = this.#parts
    const line = this.#line
    if (this.#renewing || line === undefined || typeof token !== 'function') return
    this.#renewing = true
    const done = (then: () => void): void => {
      this.#renewing = false
      if (line === this.#line) this.#parts.turn.take(then)
    }
    // When no token can be had now, the server closes as the old one ends, and the next attempt asks again.
    fetched(token).then(
      (fresh) => done(() => this.#present(fresh)),
      () => done(nothing),
    )
  }

  #present(token: string): void {
    this.ask({ type: 'authenticate', token }, (outcome) => {
      if ('problem' in outcome) this.#drop(problems[outcome.problem.code].retry, outcome.problem)
      else this.#parts.renewed()
    })
  }

  #drop(retry: Retry, why: Problem | undefined, retryAfterMs = why?.retryAfterMs ?? 0): void {
    const { clock, token } = this.#parts
    const stable = this.online && clock.steady() - this.#onlineSince >= STABLE_MS
    const rule = retry === 'renew' && typeof token !== 'function' ? 'never' : retry
    this.#dispatch({ type: 'dropped', retry: rule, problem: why, retryAfterMs, stable })
  }

  /** What happens while one event is worked on is worked on after it. */
  #dispatch(event: LinkEvent): void {
    this.#events.push(event)
    if (this.#events.length > 1) return
    this.#parts.turn.take(() => {
      for (let next = this.#events[0]; next !== undefined; next = this.#events[0]) {
        this.#take(next)
        this.#events.shift()
      }
    })
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
    const { clock, token } = this.#parts
    let here = true
    const stop = clock.after(OPEN_WITHIN_MS, () => this.#drop('later', undefined))
    this.#farewell = {}
    if (typeof token !== 'function') this.#dial(token)
    else
      fetched(token).then(
        (fresh) => here && this.#parts.turn.take(() => this.#dial(fresh)),
        (cause: unknown) => here && this.#untold(cause),
      )
    return () => {
      here = false
      stop()
    }
  }

  #untold(cause: unknown): void {
    const why = problemOfError(cause, 'auth.missing', 'no token could be fetched')
    this.#drop(why.code === 'auth.missing' ? 'later' : problems[why.code].retry, why)
  }

  #dial(token: string | undefined): void {
    const { dial, url } = this.#parts
    if (token !== undefined && !PLAIN_TOKEN.test(token))
      return this.#drop('never', problem('auth.invalid', 'a token has 1 to 8192 characters of A-Z a-z 0-9 - . _ ~ +'))
    const protocols = token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, `bearer.${token}`]
    try {
      this.#line = new Line(dial, url, protocols, {
        opened: () => this.#dispatch({ type: 'opened' }),
        received: (text) => this.#parts.turn.take(() => this.#received(text)),
        closed: (code, reason) => this.#closed(code, reason),
      })
    } catch (cause) {
      this.#drop('never', problemOfError(cause, 'message.invalid', 'no socket could be opened'))
    }
  }

  #live({ heartbeatMs }: Welcome): Stop {
    const { clock, measured } = this.#parts
    this.#onlineSince = clock.steady()
    const heartbeat = startHeartbeat({
      clock,
      everyMs: heartbeatMs,
      measured,
      ping: (answered) => this.ask({ type: 'ping' }, () => this.#ponged(answered)),
      lost: () => this.#drop('now', problem('heartbeat.lost', 'the server does not answer any more')),
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

  #received(text: string): void {
    const { counters } = this.#parts
    counters.framesIn += 1
    this.#heartbeat?.heard()
    const reading = readFrame(text)
    if (reading.as === 'wrong') this.fail(reading.problem)
    else if (reading.as === 'unknown' || !this.#read(reading.frame)) counters.ignoredFrames += 1
  }

  /** False: the frame means nothing here and now. */
  #read(frame: ServerFrame): boolean {
    if (frame.type === 'problem') return this.#troubled(frame)
    if (frame.type === 'welcome') {
      if (this.#state.at !== 'greeting') return false
      this.#dispatch({ type: 'welcomed', welcome: frame })
      return true
    }
    if (!this.online) return false
    if (frame.type === 'reply') return this.#answered(frame.ref, frame)
    if (frame.type === 'token.expiring') this.renew()
    else if (frame.type === 'leaving') this.#farewell = { ...this.#farewell, retryAfterMs: frame.retryAfterMs }
    else this.#parts.heard(frame)
    return true
  }

  /** A problem may answer a command that could not be read, or say why the connection is about to end. */
  #troubled(notice: Extract<ServerFrame, { type: 'problem' }>): boolean {
    if (notice.ref !== undefined && this.#line?.answer(notice.ref, notice) === 'heard') return true
    this.#farewell = { ...this.#farewell, problem: notice.problem }
    if (this.online) this.#parts.heard(notice)
    return true
  }

  #answered(ref: string, outcome: Outcome): boolean {
    const how = this.#line?.answer(ref, outcome)
    if (how === 'wrong') this.fail(problem('message.invalid', 'the server answered another question than was asked'))
    return how !== 'stray'
  }

  #closed(code: number, reason: string): void {
    this.#line = undefined
    const { problem: said, retryAfterMs } = this.#farewell
    const why = said !== undefined && problems[said.code].number === code ? said : closeProblem(code, reason)
    this.#drop(retryAfterClose(code), why, retryAfterMs ?? why?.retryAfterMs)
  }

  #hangUp(because: LinkEvent): void {
    const line = this.#line
    this.#line = undefined
    const why = because.type === 'dropped' ? because.problem : undefined
    const number = why === undefined ? 1000 : problems[why.code].number
    line?.hangUp(number < 3000 ? 1000 : number, why?.code ?? '')
  }
}

/** Never throws at once, however the function fails. */
async function fetched(token: () => string | Promise<string>): Promise<string> {
  return await token()
}

function isLarger(text: string, bytes: number): boolean {
  // A UTF-16 unit takes at most three bytes: most texts need not be encoded to know.
  return text.length * 3 > bytes && (text.length > bytes || encoder.encode(text).length > bytes)
}
