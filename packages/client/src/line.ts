// One socket and the questions asked over it. When it ends, its questions end with it: nobody waits for their replies.
import type { Answer, Command, Problem } from '@parley/protocol'
import type { Dial, Socket, SocketListener } from './seams.ts'

/** How a command was answered. */
export type Outcome = { readonly answer: Answer } | { readonly problem: Problem }

interface Asked {
  readonly type: Command['type']
  readonly at: number
  readonly answered: (outcome: Outcome) => void
}

export class Line {
  readonly #socket: Socket
  #listener: SocketListener | undefined
  readonly #asked = new Map<string, Asked>()
  #refs = 0
  readonly #gone = Promise.withResolvers<void>()

  constructor(dial: Dial, url: string, protocols: readonly string[], listener: SocketListener) {
    this.#listener = listener
    this.#socket = dial(url, protocols, {
      opened: () => this.#listener?.opened(),
      received: (text) => this.#listener?.received(text),
      closed: (code, reason) => {
        this.#gone.resolve()
        this.#listener?.closed(code, reason)
      },
    })
  }

  /** Resolves when the socket has ended. */
  get gone(): Promise<void> {
    return this.#gone.promise
  }

  /** When the question that waits longest was asked. */
  get waitingSince(): number | undefined {
    return this.#asked.values().next().value?.at
  }

  /** The command as it goes over the wire, with a mark of its own. */
  frame(command: Command): { readonly ref: string; readonly text: string } {
    const ref = `${++this.#refs}`
    return { ref, text: JSON.stringify({ ...command, ref }) }
  }

  ask(frame: { readonly ref: string; readonly text: string }, asked: Asked): void {
    this.#asked.set(frame.ref, asked)
    this.#socket.send(frame.text)
  }

  /** Hands a reply to whoever asked. `stray`: nobody did; `wrong`: it answers another question. */
  answer(ref: string, outcome: Outcome): 'heard' | 'stray' | 'wrong' {
    const asked = this.#asked.get(ref)
    if (asked === undefined) return 'stray'
    if ('answer' in outcome && outcome.answer.type !== asked.type) return 'wrong'
    this.#asked.delete(ref)
    asked.answered(outcome)
    return 'heard'
  }

  /** Ends it from this side. Nothing more is heard of it. */
  hangUp(code: number, reason: string): void {
    this.#listener = undefined
    this.#asked.clear()
    this.#socket.close(code, reason)
  }
}
