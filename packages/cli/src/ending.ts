// How a command ends: its exit code, and the one line that says why.
import { type Problem, problems, Refusal } from '@parley/protocol'

/** Exit codes of all commands. They are documented: never renumber one. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, refused: 3, offline: 4, approval: 5, interrupted: 130 } as const

export type EndingKind = keyof typeof exitCodes

/** Thrown to end a command. The message is shown as it is, in one line; an empty one is not shown. */
export class Ending extends Error {
  readonly kind: EndingKind
  constructor(kind: EndingKind, message = '', options?: ErrorOptions) {
    super(message, options)
    this.name = 'Ending'
    this.kind = kind
  }
}

/** Any error as the ending it means. */
export function endingOf(error: unknown): Ending {
  if (error instanceof Ending) return error
  if (error instanceof Refusal) return refused(error.problem, error)
  return new Ending('failure', messageOf(error), { cause: error })
}

/** The server's own words, and what to do about it. */
export function refused({ code, message }: Problem, cause?: Error): Ending {
  const text = `${sentence(message)} ${problems[code].advice} (${code})`
  return new Ending('refused', text, cause === undefined ? {} : { cause })
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}

/** The words of an error. A failed fetch, and a failed connection to a name with several addresses, have words only inside. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0])
  if (error instanceof TypeError && error.cause !== undefined) return messageOf(error.cause)
  return error instanceof Error ? error.message : String(error)
}

/** What `--verbose` shows: the chain of causes, each with the place where it was thrown. */
export function causesOf(ending: Ending): readonly string[] {
  const causes: string[] = []
  for (let cause = ending.cause; cause instanceof Error && causes.length < 8; cause = cause.cause)
    causes.push(cause.stack ?? cause.message)
  return causes
}
