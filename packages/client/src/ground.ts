// What a room stands on: the little that it may ask of its client.
import type { Answer, Command, Piece, Problem } from '@parley/protocol'
import type { Backoff } from './backoff.ts'
import type { Counters } from './diagnostics.ts'
import type { Outcome } from './line.ts'
import type { Outbox } from './outbox.ts'
import type { Chance, Clock } from './seams.ts'
import type { Uploads } from './uploads.ts'
import type { Turn } from './watched.ts'

export interface Ground {
  /** Each timer's work is a turn. */
  readonly clock: Clock
  readonly chance: Chance
  readonly backoff: Backoff
  readonly turn: Turn
  readonly outbox: Outbox
  readonly uploads: Uploads
  readonly counters: Counters
  /** Posts of one room on the wire at once. */
  readonly window: number
  /** How long a room stays joined after nobody needs it any more. */
  readonly lingerMs: number
  readonly online: boolean
  /** No connection will be made by itself any more. */
  readonly ended: boolean
  /** Says that a connection is wanted, where none was yet. */
  wake(): void
  /** Only while online. `answered` is never called if the connection ends before the reply. */
  ask(command: Command, answered: (outcome: Outcome) => void): void
  /** Asks until there is an answer, over as many connections as it takes. Rejects with a `Refusal`. */
  request(command: Command): Promise<Answer>
  /** Sends a piece of a file, if there is a connection. */
  send(piece: Piece): void
  /** Fetches a new token and presents it. */
  renew(): void
  /** The server does what it must not. */
  fail(problem: Problem): void
}
