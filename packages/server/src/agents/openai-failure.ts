// What went wrong between this server and an OpenAI-compatible one, in words for the one who waits for the answer.
import { isFields } from '@parley/protocol'
import { AgentFailure } from '../seams/agent.ts'

export interface Asked {
  /** Where the model is: `127.0.0.1:11434`. */
  readonly host: string
  readonly model: string
  /** Whether the answer was already streaming. */
  readonly begun: boolean
}

/** The parts of the SDK's `APIError` that matter here. */
interface ApiError extends Error {
  readonly status: number | undefined
  readonly code: unknown
  readonly headers: Headers | undefined
  readonly requestID: string | null | undefined
}

export function failureOf(error: unknown, asked: Asked): AgentFailure {
  if (error instanceof AgentFailure) return error
  if (!isApiError(error)) return asked.begun ? cut(error) : unready(error)
  const { status } = error
  if (status === undefined) return withoutStatus(error, asked)
  const code = codes.get(status) ?? (status < 500 ? 'model.rejected' : 'model.failed')
  // What refuses a key may repeat it, so nothing of such an answer is kept but its number.
  const cause = status === 401 || status === 403 ? new Error(`${status}, request ${error.requestID}`) : error
  const spent = status === 429 && error.code === 'insufficient_quota'
  const message = spent ? unpaid : wordsOn(status, asked, Number(error.headers?.get('retry-after')))
  return new AgentFailure(spent ? 'model.unpaid' : code, message, { cause })
}

/** Whether this server does not want to be asked what a request used. */
export function refusesUsage(error: unknown): boolean {
  if (!isApiError(error) || (error.status !== 400 && error.status !== 422)) return false
  return /stream_options|include_usage/.test(error.message)
}

/** The stream came to an end that was none. */
export function cut(cause: unknown): AgentFailure {
  const message = 'The connection to the model broke in the middle of the answer. Ask again to get all of it.'
  return new AgentFailure('model.cut', message, { cause })
}

export function refused(): AgentFailure {
  return new AgentFailure('model.refused', 'The model declined to answer this.')
}

const codes = new Map([
  [401, 'model.unauthorized'],
  [402, 'model.unpaid'],
  [403, 'model.forbidden'],
  [404, 'model.unknown'],
  [408, 'model.late'],
  [413, 'model.large'],
  [429, 'model.busy'],
  [503, 'model.overloaded'],
  [504, 'model.late'],
])

const unpaid = 'The account that this server uses for the model has no credit left.'

function wordsOn(status: number, { host, model }: Asked, seconds: number): string {
  switch (status) {
    case 401:
      return `The model at ${host} did not accept the API key of this server. Whoever runs it must set OPENAI_API_KEY anew.`
    case 402:
      return unpaid
    case 403:
      return 'The API key of this server may not use this model.'
    case 404:
      return `There is no model ${model} at ${host}. Whoever runs this server must check PARLEY_MODEL and OPENAI_BASE_URL.`
    case 408:
    case 504:
      return 'The model took too long to answer. Try again.'
    case 413:
      return 'The conversation is too long for the model. Start a new one, or send less.'
    case 429:
      return `This server has asked the model too often. Try again in ${waiting(seconds)}.`
    case 503:
      return 'The model is overloaded. Try again in a moment.'
    default:
      return status < 500
        ? 'The model could not read the request of this server. The conversation may be too long for it.'
        : 'The model failed to answer. Try again in a moment.'
  }
}

function waiting(seconds: number): string {
  if (!(seconds > 0)) return 'a moment'
  return seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`
}

/** An error in the middle of a stream, or nobody there. */
function withoutStatus(error: ApiError, { host, begun }: Asked): AgentFailure {
  if (begun && 'error' in error && isFields(error.error))
    return new AgentFailure(
      'model.failed',
      'The model failed in the middle of the answer. Ask again to get all of it.',
      {
        cause: error,
      },
    )
  if (begun) return cut(error)
  return new AgentFailure('model.unreachable', `No model answers at ${host}.`, { cause: error })
}

function unready(cause: unknown): AgentFailure {
  const message = 'The model could not be asked. The log of the server says why.'
  return new AgentFailure('model.unready', message, { cause })
}

function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && 'status' in error && 'requestID' in error
}
