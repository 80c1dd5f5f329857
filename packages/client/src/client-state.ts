// How a connection looks from the application.
import type { Author, Health, Problem } from '@parley/protocol'
import type { LinkState } from './link-state.ts'
import type { Quality } from './quality.ts'

export type Status = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed'

/** How the connection is. Immutable: the same object until something changes. */
export interface ClientState {
  readonly status: Status
  /** Attempts that failed in a row; 0 while all is well. */
  readonly attempt: number
  /** When the next attempt comes, ms since 1970; present while one is waited for. */
  readonly retryAt?: number
  /** What went wrong last, until the connection is well again. With status `closed`: why no attempt will follow. */
  readonly problem?: Problem
  /** Who the server says is speaking; present from the first welcome on. */
  readonly actor?: Author
  /** The latest measured round trip. */
  readonly roundTripMs?: number
  /** How good the present connection is; present from its first ping on. */
  readonly quality?: Quality
  /** How the server says it is, to those who may know. */
  readonly health?: Health
}

export function statusOf(link: LinkState): Status {
  switch (link.at) {
    case 'opening':
    case 'greeting':
      return link.attempt === 0 ? 'connecting' : 'reconnecting'
    case 'waiting':
      return 'reconnecting'
    case 'online':
      return 'connected'
    default:
      return link.at
  }
}
