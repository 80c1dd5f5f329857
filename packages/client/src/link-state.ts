// Where a connection stands, and what each happening makes of it. Pure: no socket, no clock, no chance.
import type { Notice, Problem, Retry } from '@parley/protocol'
import { absurd } from '@parley/protocol'

export type Welcome = Extract<Notice, { type: 'welcome' }>

/** On the way to a connection. */
interface Trying {
  /** Attempts that failed in a row; 0 at the first. */
  readonly attempt: number
  /** A token was refused already, and no connection has been welcomed since. */
  readonly renewed: boolean
  /** Why the attempt before failed, where that is known. */
  readonly problem: Problem | undefined
}

export type LinkState =
  | { readonly at: 'idle' }
  /** A token is fetched and a socket opened. */
  | ({ readonly at: 'opening' } & Trying)
  /** The socket is open; the server has not said its welcome yet. */
  | ({ readonly at: 'greeting' } & Trying)
  | { readonly at: 'online'; readonly attempt: number; readonly welcome: Welcome }
  | ({ readonly at: 'waiting'; readonly retryAfterMs: number } & Trying)
  | { readonly at: 'closed'; readonly problem: Problem | undefined }

export interface Dropped {
  readonly type: 'dropped'
  /** `renew` only where a new token can be fetched. */
  readonly retry: Retry
  readonly problem: Problem | undefined
  /** What the server asked to wait; 0 when it did not. */
  readonly retryAfterMs: number
  /** Whether the connection had lasted long enough to count as good. */
  readonly stable: boolean
}

export type LinkEvent =
  /** Somebody wants a connection now. */
  | { readonly type: 'start' }
  /** The wait is over. */
  | { readonly type: 'due' }
  | { readonly type: 'opened' }
  | { readonly type: 'welcomed'; readonly welcome: Welcome }
  | Dropped
  /** Nobody wants a connection any more. */
  | { readonly type: 'stop' }

/** The same object back means that nothing changed. */
export function step(link: LinkState, event: LinkEvent): LinkState {
  switch (event.type) {
    case 'start':
      if (link.at === 'opening' || link.at === 'greeting') return link
      return { at: 'opening', attempt: 0, renewed: false, problem: undefined }
    case 'due':
      return link.at === 'waiting' ? { at: 'opening', ...trying(link) } : link
    case 'opened':
      return link.at === 'opening' ? { at: 'greeting', ...trying(link) } : link
    case 'welcomed':
      return link.at === 'greeting' ? { at: 'online', attempt: link.attempt, welcome: event.welcome } : link
    case 'dropped':
      return drop(link, event)
    case 'stop':
      return link.at === 'closed' ? link : { at: 'closed', problem: undefined }
    default:
      return absurd(event)
  }
}

function trying({ attempt, renewed, problem }: Trying): Trying {
  return { attempt, renewed, problem }
}

/** A refused token is renewed once; when the new one is refused as well, waiting will not help. */
function drop(link: LinkState, { retry, problem, retryAfterMs, stable }: Dropped): LinkState {
  if (link.at !== 'opening' && link.at !== 'greeting' && link.at !== 'online') return link
  const renewed = link.at !== 'online' && link.renewed
  if (retry === 'never' || (retry === 'renew' && renewed)) return { at: 'closed', problem }
  return {
    at: 'waiting',
    attempt: stable ? 1 : link.attempt + 1,
    renewed: renewed || retry === 'renew',
    problem,
    retryAfterMs,
  }
}
