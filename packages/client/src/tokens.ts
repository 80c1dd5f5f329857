// Where tokens come from, and what may be sent as one.
import { type Problem, problem, problems, Refusal, type Retry } from '@parley/protocol'
import { problemOfError } from './problems.ts'
import type { Token } from './seams.ts'

/** What may stand in the name of a subprotocol; the characters of a JWT are among them. */
const PLAIN = /^[A-Za-z0-9._~+-]{1,8192}$/

/** Calls back at once where no token has to be fetched. `failed` hears why there is none, and when to ask again. */
export function withToken(
  token: Token | undefined,
  had: (token: string | undefined) => void,
  failed: (why: Problem, retry: Retry) => void,
): void {
  if (typeof token !== 'function') return checked(token, had, failed)
  fetched(token).then(
    (fresh) => checked(fresh, had, failed),
    (cause: unknown) => failed(...unfetched(cause)),
  )
}

/** Rejects however the function fails. */
async function fetched(token: () => string | Promise<string>): Promise<string> {
  return await token()
}

function checked(
  token: string | undefined,
  had: (token: string | undefined) => void,
  failed: (why: Problem, retry: Retry) => void,
): void {
  if (token === undefined || PLAIN.test(token)) had(token)
  else failed(problem('auth.invalid', 'a token has 1 to 8192 characters of A-Z a-z 0-9 - . _ ~ +'), 'never')
}

/** A function that throws a refusal decides itself whether asking again makes sense; anything else is the weather. */
function unfetched(cause: unknown): [Problem, Retry] {
  const why = problemOfError(cause, 'auth.missing', 'no token could be fetched')
  return [why, cause instanceof Refusal ? problems[why.code].retry : 'later']
}
