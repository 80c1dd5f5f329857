// The client's own view of what went wrong: closes and errors as problems.
import { isProblem, type Problem, type ProblemCode, problem, problems, Refusal } from '@parley/protocol'

/** Why a socket closed, where its code tells; undefined for an ordinary loss. */
export function closeProblem(code: number, reason: string): Problem | undefined {
  if (code === 1009) return problem('message.large', reason || 'a message was too large')
  if (code === 1002 || code === 1003 || code === 1007)
    return problem('message.invalid', reason || `the other side could not read a message (${code})`)
  for (const [name, kind] of Object.entries(problems)) {
    const named = { code: name, message: reason || kind.advice }
    if (kind.number === code && isProblem(named)) return named
  }
  return undefined
}

/** A refusal's own problem; anything else as `code`, with the error's own words in the details. */
export function problemOfError(cause: unknown, code: ProblemCode, message: string): Problem {
  if (cause instanceof Refusal) return cause.problem
  return problem(code, message, { details: { cause: cause instanceof Error ? cause.message : String(cause) } })
}

/** Rejects a post whose end is not known: it may have arrived or not. It is kept, and sent again with the same id. */
export class OutcomeUnknown extends Error {
  /** The id of the post. */
  readonly id: string
  constructor(id: string, options?: ErrorOptions) {
    super(`it is not known whether post ${id} arrived; it is kept and will be sent again with the same id`, options)
    this.name = 'OutcomeUnknown'
    this.id = id
  }
}
