// Commands that are asked until they are answered, over as many connections as it takes. Only for those that may be repeated.
import { type Answer, type Command, Refusal } from '@parley/protocol'
import type { Outcome } from './line.ts'

interface Request extends PromiseWithResolvers<Answer> {
  readonly command: Command
}

type Ask = (command: Command, answered: (outcome: Outcome) => void) => void

export class Requests {
  readonly #ask: Ask
  readonly #open = new Set<Request>()

  /** @param ask sends a command if there is a connection, else does nothing */
  constructor(ask: Ask) {
    this.#ask = ask
  }

  /** Rejects with a `Refusal`, or with what ended the client. */
  add(command: Command): Promise<Answer> {
    const request = { command, ...Promise.withResolvers<Answer>() }
    this.#open.add(request)
    this.#send(request)
    return request.promise
  }

  /** There is a new connection. */
  online(): void {
    for (const request of this.#open) this.#send(request)
  }

  abandon(cause: unknown): void {
    for (const request of this.#open) request.reject(new Error('the connection was closed before an answer', { cause }))
    this.#open.clear()
  }

  #send(request: Request): void {
    this.#ask(request.command, (outcome) => {
      this.#open.delete(request)
      if ('answer' in outcome) return request.resolve(outcome.answer)
      const { code, message } = outcome.problem
      request.reject(new Refusal(code, message, outcome.problem))
    })
  }
}
