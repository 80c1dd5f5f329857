// One socket: what is asked over it and answered, what the server says, and how it ends. When it ends, its questions
// end with it: nobody waits for their replies.
import {
  type Answer,
  type Command,
  type Problem,
  problem,
  problems,
  type Retry,
  retryAfterClose,
} from '@parley/protocol'
import type { Counters } from './diagnostics.ts'
import { readFrame, type ServerFrame } from './frames.ts'
import { closeProblem } from './problems.ts'
import type { Dial, Socket } from './seams.ts'
import type { Turn } from './watched.ts'

/** How a command was answered. */
export type Outcome = { readonly answer: Answer } | { readonly problem: Problem }

/** How a socket ended, and when it makes sense to open another. */
export interface Ending {
  readonly retry: Retry
  readonly problem: Problem | undefined
  readonly retryAfterMs: number
}

export interface LineListener {
  opened(): void
  /** Anything at all came. */
  received(): void
  /** What the server says beside replies. False: it means nothing here and now. */
  said(frame: Exclude<ServerFrame, { readonly type: 'reply' | 'leaving' }>): boolean
  /** The server does what it must not. */
  failed(problem: Problem): void
  closed(ending: Ending): void
}

export interface LineParts {
  readonly dial: Dial
  readonly url: string
  /** The subprotocols to offer. */
  readonly protocols: readonly string[]
  readonly counters: Counters
  /** Each received frame is one turn. */
  readonly turn: Turn
  readonly listener: LineListener
}

interface Asked {
  readonly type: Command['type']
  readonly at: number
  readonly answered: (outcome: Outcome) => void
}

/** A command as it goes over the wire, with a mark of its own that the reply will carry. */
export interface Question {
  readonly ref: string
  readonly type: Command['type']
  readonly text: string
}

export class Line {
  readonly #socket: Socket
  readonly #counters: Counters
  #listener: LineListener | undefined
  readonly #asked = new Map<string, Asked>()
  #refs = 0
  /** What the server said on its way out: the reason, and when to come back. */
  #farewell: { readonly problem?: Problem; readonly retryAfterMs?: number } = {}
  readonly #gone = Promise.withResolvers<void>()

  constructor({ dial, url, protocols, counters, turn, listener }: LineParts) {
    this.#counters = counters
    this.#listener = listener
    this.#socket = dial(url, protocols, {
      opened: () => this.#listener?.opened(),
      received: (text) => turn.take(() => this.#received(text)),
      closed: (code, reason) => {
        this.#gone.resolve()
        this.#listener?.closed(this.#ending(code, reason))
      },
    })
  }

  /** Resolves when the socket has ended. */
  get gone(): Promise<void> {
    return this.#gone.promise
  }

  /** When the question was asked that waits longest for its reply. */
  get waitingSince(): number | undefined {
    return this.#asked.values().next().value?.at
  }

  question(command: Command): Question {
    this.#refs += 1
    const ref = `${this.#refs}`
    return { ref, type: command.type, text: JSON.stringify({ ...command, ref }) }
  }

  ask({ ref, type, text }: Question, at: number, answered: (outcome: Outcome) => void): void {
    this.#counters.framesOut += 1
    this.#asked.set(ref, { type, at, answered })
    this.#socket.send(text)
  }

  /** A binary message. */
  send(message: Uint8Array<ArrayBuffer>): void {
    this.#counters.framesOut += 1
    this.#socket.send(message)
  }

  /** Ends it from this side. Nothing more is heard of it. */
  hangUp(code: number, reason: string): void {
    this.#listener = undefined
    this.#asked.clear()
    this.#socket.close(code, reason)
  }

  #received(text: string): void {
    const listener = this.#listener
    if (listener === undefined) return
    this.#counters.framesIn += 1
    listener.received()
    const reading = readFrame(text)
    if (reading.as === 'wrong') listener.failed(reading.problem)
    else if (reading.as === 'unknown' || !this.#read(listener, reading.frame)) this.#counters.ignoredFrames += 1
  }

  /** False: the frame means nothing here and now. */
  #read(listener: LineListener, frame: ServerFrame): boolean {
    switch (frame.type) {
      case 'reply':
        return this.#answered(listener, frame.ref, frame)
      case 'leaving':
        this.#farewell = { ...this.#farewell, retryAfterMs: frame.retryAfterMs }
        return true
      case 'problem':
        // It may answer a command that could not be read, or say why the connection is about to end.
        if (frame.ref !== undefined && this.#answered(listener, frame.ref, frame)) return true
        this.#farewell = { ...this.#farewell, problem: frame.problem }
        return listener.said(frame)
      default:
        return listener.said(frame)
    }
  }

  /** False: nobody asked. */
  #answered(listener: LineListener, ref: string, outcome: Outcome): boolean {
    const asked = this.#asked.get(ref)
    if (asked === undefined) return false
    this.#asked.delete(ref)
    if ('answer' in outcome && outcome.answer.type !== asked.type)
      listener.failed(problem('message.invalid', 'the server answered another question than was asked'))
    else asked.answered(outcome)
    return true
  }

  #ending(code: number, reason: string): Ending {
    const { problem: said, retryAfterMs } = this.#farewell
    const why = said !== undefined && problems[said.code].number === code ? said : closeProblem(code, reason)
    return { retry: retryAfterClose(code), problem: why, retryAfterMs: retryAfterMs ?? why?.retryAfterMs ?? 0 }
  }
}
