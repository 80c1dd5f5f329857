// Who may knock: origins that may connect, and single-use tickets that stand for a token for half a minute.
import { randomBytes } from 'node:crypto'

export interface DoorkeeperOptions {
  /** Exact origins, scheme and port included. Undefined: the server's own only. */
  readonly origins: readonly string[] | undefined
  /** The server listens on the loopback only: then it answers to loopback names alone, whatever name a page gave it. */
  readonly loopback: boolean
}

interface Ticket {
  readonly token: string
  readonly origin: string | undefined
  readonly until: number
}

export const TICKET_MS = 30_000
const MAX_TICKETS = 10_000

export class Doorkeeper {
  readonly #options: DoorkeeperOptions
  readonly #tickets = new Map<string, Ticket>()

  constructor(options: DoorkeeperOptions) {
    this.#options = options
  }

  /** Programs send no origin and prove themselves by a token, never by a cookie; pages must be on the list. */
  allows(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return true
    const { origins, loopback } = this.#options
    if (origins !== undefined) return origins.includes(origin)
    const from = hostOf(origin)
    // A name of somebody else's that was pointed at this machine is not the server's own.
    return from !== undefined && from === host?.toLowerCase() && (!loopback || isLoopbackHost(from))
  }

  /** A random name for this token, good once, within 30 s, from the same origin. */
  issue(token: string, origin: string | undefined): string {
    this.#sweep()
    const ticket = randomBytes(24).toString('base64url')
    this.#tickets.set(ticket, { token, origin, until: performance.now() + TICKET_MS })
    return ticket
  }

  redeem(name: string, origin: string | undefined): string | undefined {
    const ticket = this.#tickets.get(name)
    if (ticket === undefined) return undefined
    this.#tickets.delete(name)
    return ticket.until >= performance.now() && ticket.origin === origin ? ticket.token : undefined
  }

  /** Tickets stand in the order of their end. */
  #sweep(): void {
    const now = performance.now()
    for (const [name, { until }] of this.#tickets) {
      if (until >= now && this.#tickets.size < MAX_TICKETS) break
      this.#tickets.delete(name)
    }
  }
}

function hostOf(origin: string): string | undefined {
  if (!/^https?:\/\//u.test(origin)) return undefined
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

export function isLoopbackHost(host: string): boolean {
  // An IPv6 address without brackets has no port.
  const name = host === '::1' ? host : host.replace(/:\d+$/u, '').replace(/^\[|\]$/gu, '')
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/u.test(name)
}
