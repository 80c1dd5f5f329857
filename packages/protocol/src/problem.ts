// What can go wrong in the protocol's own terms: each refusal has a stable code, a number, a rule for retrying and an advice.

/**
 * When it makes sense to try the same thing again.
 * `never`: not without changing it; `now`: at once; `later`: after a pause (see `retryAfterMs` where given);
 * `renew`: after fetching a new token.
 */
export type Retry = 'never' | 'now' | 'later' | 'renew'

export interface ProblemKind {
  /** Number on the wire: the close code where the connection ends, the `code` of an envelope's error. */
  readonly number: number
  readonly retry: Retry
  readonly advice: string
}

/** The table. PROTOCOL.md prints it, and a test holds the two against each other. */
export const problems = {
  'auth.invalid': { number: 4000, retry: 'renew', advice: 'Present a valid token.' },
  'rate.exceeded': { number: 4001, retry: 'later', advice: 'Wait as long as retryAfterMs says, then go slower.' },
  'message.invalid': { number: 4002, retry: 'never', advice: 'Correct the message; details name the field.' },
  'room.unknown': { number: 4003, retry: 'never', advice: 'Join the room first, or check its id.' },
  'access.denied': { number: 4004, retry: 'never', advice: 'Ask for a token that grants this.' },
  'auth.expired': { number: 4005, retry: 'renew', advice: 'Fetch a new token and renew before the old one expires.' },
  'auth.missing': { number: 4000, retry: 'renew', advice: 'Send a token when connecting, or as the first message.' },
  'reader.slow': { number: 4007, retry: 'now', advice: 'Reconnect and resume from your positions.' },
  'id.conflict': { number: 4008, retry: 'never', advice: 'Use a new id for new content; the first content stays.' },
  'run.over': { number: 4009, retry: 'never', advice: 'No such run is going on; there is nothing left to do.' },
  'storage.unavailable': {
    number: 4010,
    retry: 'later',
    advice: 'Send the same message with the same id again in a moment.',
  },
  'message.large': { number: 4011, retry: 'never', advice: 'Send less at once; the welcome names the limit.' },
  'limit.exceeded': { number: 4012, retry: 'later', advice: 'Close connections, leave rooms or wait for replies.' },
  'server.failed': { number: 4013, retry: 'later', advice: 'Try again; the failure was logged on the server.' },
  'heartbeat.lost': { number: 4014, retry: 'now', advice: 'Reconnect and resume from your positions.' },
  'message.early': { number: 4015, retry: 'now', advice: 'Send the earlier message first.' },
  'run.busy': {
    number: 4016,
    retry: 'never',
    advice: 'Wait until the agent has finished or stop it, then send the message again.',
  },
  'approval.over': {
    number: 4017,
    retry: 'never',
    advice: 'Nothing waits for this decision; the room shows what became of it.',
  },
  'message.unknown': { number: 4018, retry: 'never', advice: 'Name a message of your own that is in this room.' },
  'task.unknown': { number: 4019, retry: 'never', advice: 'Create the task first: give it a title and a room.' },
  'user.unknown': { number: 4020, retry: 'never', advice: 'Name somebody who is, or was, in this room.' },
  'server.busy': { number: 4021, retry: 'later', advice: 'Send it again later; what is urgent is still taken.' },
  'attachment.unknown': {
    number: 4022,
    retry: 'never',
    advice: 'Name a file of your own that was uploaded to this room; if it was removed, upload it again.',
  },
  'attachment.large': { number: 4023, retry: 'never', advice: 'Send a smaller file; details name the limit in bytes.' },
  'attachment.type': { number: 4024, retry: 'never', advice: 'Files of this type are not taken; send another.' },
  'quota.exceeded': {
    number: 4025,
    retry: 'never',
    advice: 'Remove messages with files, or ask for more space; details name the limit in bytes.',
  },
  'storage.full': { number: 4026, retry: 'later', advice: 'Upload again later; messages are still taken.' },
  'upload.mismatch': {
    number: 4027,
    retry: 'now',
    advice: 'Upload the file again from its beginning: size or content were not what was said.',
  },
  'upload.offset': {
    number: 4030,
    retry: 'now',
    advice: 'Begin the upload again: the answer says from which byte to go on.',
  },
  'upload.unknown': { number: 4028, retry: 'now', advice: 'Begin the upload again: it goes on from what is kept.' },
  'upload.moved': {
    number: 4029,
    retry: 'never',
    advice: 'Another connection of yours goes on with this upload; wait for it.',
  },
  'server.leaving': {
    number: 1012,
    retry: 'later',
    advice: 'Reconnect after retryAfterMs; another server takes over.',
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problems

/** A refusal as it travels: enough to show, to log and to decide what to do next. */
export interface Problem {
  readonly code: ProblemCode
  readonly message: string
  readonly details?: { readonly [key: string]: string | number | boolean }
  readonly retryAfterMs?: number
}

export function problem(code: ProblemCode, message: string, more: Omit<Problem, 'code' | 'message'> = {}): Problem {
  return { code, message, ...more }
}

export function isProblem(value: object): value is Problem {
  return 'code' in value && typeof value.code === 'string' && Object.hasOwn(problems, value.code) && 'message' in value
}

/** A problem that is thrown: where awaiting code refuses. It is turned into a reply in exactly one place. */
export class Refusal extends Error {
  readonly problem: Problem
  constructor(code: ProblemCode, message: string, more: Omit<Problem, 'code' | 'message'> = {}) {
    super(message)
    this.name = 'Refusal'
    this.problem = problem(code, message, more)
  }
}

/** Whether a client may connect again by itself after a close with this code, and how. */
export function retryAfterClose(code: number): Retry {
  for (const kind of Object.values(problems)) if (kind.number === code) return kind.retry
  if (code === 1002 || code === 1003 || code === 1007 || code === 1009) return 'never'
  return 'now'
}
