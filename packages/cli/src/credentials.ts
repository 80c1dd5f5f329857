// Which token a command presents: the one it was given, or that of a remembered guest.
import { readFile } from 'node:fs/promises'
import type { Token } from '@parley/client'
import { Refusal } from '@parley/protocol'
import type { ServerAddress } from './address.ts'
import { messageOf } from './ending.ts'
import { type Guest, type Guests, isGuest } from './guests.ts'
import { ask, type Trust } from './http.ts'
import type { Environment } from './terminal.ts'

/** What the client asks for tokens, and whom it tells that the last one was not accepted. */
export interface Credentials {
  readonly token: Token
  refused(): void
}

/** Guests renew this long before their token ends. */
const MARGIN_MS = 120_000

export interface GivenToken {
  readonly token?: string
  readonly tokenFile?: string
}

/** The token of the flags or the environment. A file is read anew each time, so that others may renew it. */
export function givenToken({ token, tokenFile }: GivenToken, env: Environment): Token | undefined {
  if (tokenFile !== undefined) return () => readToken(tokenFile)
  return (token ?? env.PARLEY_TOKEN)?.trim() || undefined
}

async function readToken(file: string): Promise<string> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new Refusal('access.denied', `the token file ${file} can't be read: ${messageOf(cause)}`)
  }
  const token = text.trim()
  if (token === '') throw new Refusal('access.denied', `the token file ${file} is empty`)
  return token
}

export interface GuestParts {
  readonly server: ServerAddress
  readonly trust: Trust
  readonly guests: Guests
  /** What others shall see; the server may have its own mind. */
  readonly name?: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * A guest of the server, the same one each time. Where no token can be had the token function rejects:
 * with a `Refusal` where trying again would not help.
 */
export function guestCredentials({ server, trust, guests, name, now }: GuestParts): Credentials {
  let presented: string | undefined
  let refused: string | undefined
  /** A name is asked for once. */
  let named = name === undefined
  return {
    async token() {
      const known = await guests.find(server.origin)
      const holds = known !== undefined && known.token !== refused && known.expiresAt - now() > MARGIN_MS
      const guest = holds && named ? known : await becomeGuest(server, trust, known, name)
      if (guest !== known) await guests.keep(server.origin, guest)
      named = true
      presented = guest.token
      return guest.token
    },
    refused() {
      refused = presented
    },
  }
}

/** The old token keeps the guest the same person; one that does not count any more gives a new one. */
async function becomeGuest(
  server: ServerAddress,
  trust: Trust,
  known: Guest | undefined,
  name: string | undefined,
): Promise<Guest> {
  const headers = known === undefined ? {} : { authorization: `Bearer ${known.token}` }
  const { status, body } = await ask(
    'POST',
    server.beside('guest'),
    trust,
    headers,
    name === undefined ? undefined : { name },
  )
  if (isGuest(body)) return { token: body.token, expiresAt: body.expiresAt }
  if (status === 403 || status === 404)
    throw new Refusal(
      'access.denied',
      `${server.origin} takes no guests; give a token with --token-file or PARLEY_TOKEN`,
    )
  throw new Error(`${server.origin} gave no guest token (HTTP ${status})`)
}
