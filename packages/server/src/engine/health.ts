// Tells how the server is to those who may know: from time to time, and when it changes.
import type { Health } from '@parley/protocol'
import type { Actor } from '../seams/access.ts'
import type { Connection } from './connection.ts'

const EVERY_MS = 30_000
/** So many are told in one go: where there are very many, they take turns. */
const AT_ONCE = 2_000

export interface HealthParts {
  /** Whether somebody may know how the server is. */
  operates(actor: Actor): boolean | Promise<boolean>
  failed(what: string, cause: unknown): void
}

interface Told {
  readonly status: Health['status']
  readonly at: number
}

export class Bulletin {
  readonly #parts: HealthParts
  readonly #told = new WeakMap<Connection, Told>()

  constructor(parts: HealthParts) {
    this.#parts = parts
  }

  /** @param now on the steady scale. Who comes takes for granted that all is well. */
  tell(health: Health, connections: Iterable<Connection>, now: number): void {
    let left = AT_ONCE
    for (const connection of connections) {
      if (!connection.identified) continue
      const told = this.#told.get(connection) ?? { status: 'ok', at: now }
      const due = told.status !== health.status || now - told.at >= EVERY_MS
      this.#told.set(connection, due ? { status: health.status, at: now } : told)
      if (!due) continue
      this.#offer(connection, health)
      left -= 1
      if (left === 0) return
    }
  }

  #offer(connection: Connection, health: Health): void {
    this.#mayKnow(connection).then(
      (yes) => yes && connection.notice(health),
      (cause: unknown) => this.#parts.failed('could not tell somebody how the server is', cause),
    )
  }

  async #mayKnow(connection: Connection): Promise<boolean> {
    return this.#parts.operates(connection.actor)
  }
}
