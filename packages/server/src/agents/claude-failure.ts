// What went wrong between this server and the model, in words for the one who waits for the answer.
import { AgentFailure } from '../seams/agent.ts'

interface Why {
  readonly code: string
  readonly message: string
}

const unauthorized: Why = {
  code: 'model.unauthorized',
  message: 'The model did not accept the API key of this server. Whoever runs it must set ANTHROPIC_API_KEY anew.',
}
const unpaid: Why = {
  code: 'model.unpaid',
  message: 'The account that this server uses for the model has no credit left.',
}
const forbidden: Why = { code: 'model.forbidden', message: 'The API key of this server may not use this model.' }
const unknown: Why = {
  code: 'model.unknown',
  message: 'There is no such model. Whoever runs this server must check PARLEY_MODEL and ANTHROPIC_BASE_URL.',
}
const large: Why = {
  code: 'model.large',
  message: 'The conversation is too long for the model. Start a new one, or send less.',
}
const rejected: Why = { code: 'model.rejected', message: 'The model could not read the request of this server.' }
const busy: Why = { code: 'model.busy', message: 'This server has asked the model too often. Try again in a moment.' }
const overloaded: Why = { code: 'model.overloaded', message: 'The model is overloaded. Try again in a moment.' }
const late: Why = { code: 'model.late', message: 'The model took too long to answer. Try again.' }
const failed: Why = { code: 'model.failed', message: 'The model failed to answer. Try again in a moment.' }
const unreachable: Why = { code: 'model.unreachable', message: 'This server cannot reach the model at the moment.' }
const unready: Why = { code: 'model.unready', message: 'The model could not be asked. The log of the server says why.' }
const cut: Why = {
  code: 'model.cut',
  message: 'The connection to the model broke in the middle of the answer. Ask again to get all of it.',
}

const unreadable: Why = {
  code: 'model.garbled',
  message: 'The model said something that this server cannot read. Ask again to get all of the answer.',
}

/** By the type that the API names in the body; an error in the middle of a stream has nothing else. */
const byType = new Map([
  ['authentication_error', unauthorized],
  ['billing_error', unpaid],
  ['permission_error', forbidden],
  ['not_found_error', unknown],
  ['request_too_large', large],
  ['invalid_request_error', rejected],
  ['rate_limit_error', busy],
  ['overloaded_error', overloaded],
  ['timeout_error', late],
  ['api_error', failed],
])

/** By status, for what stands between this server and the API and answers in its own way. */
const byStatus = new Map([
  [400, rejected],
  [401, unauthorized],
  [402, unpaid],
  [403, forbidden],
  [404, unknown],
  [408, late],
  [413, large],
  [429, busy],
  [504, late],
  [529, overloaded],
])

/** The parts of the SDK's `APIError` that matter here. */
interface ApiError extends Error {
  readonly status: number | undefined
  readonly type: string | null
  readonly headers: Headers | undefined
  readonly requestID: string | null | undefined
}

/** `begun`: the answer was already streaming. */
export function failureOf(error: unknown, begun: boolean): AgentFailure {
  if (error instanceof AgentFailure) return error
  if (error instanceof SyntaxError) return told(unreadable, error)
  if (!isApiError(error)) return told(begun ? cut : unready, error)
  if (error.status === undefined && error.type === null) return told(begun ? cut : unreachable, error)
  const why = byType.get(error.type ?? '') ?? byStatus.get(error.status ?? 0) ?? failed
  // What refuses a key may repeat it, so nothing of such an answer is kept but its name.
  if (why === unauthorized || why === forbidden)
    return told(why, new Error(`${error.status} ${error.type}, request ${error.requestID}`))
  const seconds = Number(error.headers?.get('retry-after') ?? Number.NaN)
  return told(why === busy && seconds > 0 ? { ...busy, message: waiting(seconds) } : why, error)
}

/** The stream came to an end that was none. */
export function brokenOff(): AgentFailure {
  return told(cut, new Error('the stream ended without message_stop'))
}

/** The pieces of an answer do not fit together. */
export function garbled(): AgentFailure {
  return told(unreadable, new Error('the stream is not what the Messages API says'))
}

export function refused(): AgentFailure {
  return new AgentFailure('model.refused', 'The model declined to answer this.')
}

function told({ code, message }: Why, cause: unknown): AgentFailure {
  return new AgentFailure(code, message, { cause })
}

function waiting(seconds: number): string {
  const when = seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`
  return `This server has asked the model too often. Try again in ${when}.`
}

function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && 'status' in error && 'requestID' in error
}
