// Access by JSON Web Tokens: HS256 with a shared secret, or the public keys of an issuer.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { isFields, Refusal, type RoomId } from '@parley/protocol'
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTClaimVerificationOptions,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import type { Access, Action, Actor, Grant } from '../seams/access.ts'

export interface TokenAccessOptions {
  /** HS256 secret of user tokens, at least 16 bytes. */
  readonly secret?: string
  /** Where the issuer publishes its public keys. */
  readonly jwksUrl?: string
  readonly issuer?: string
  readonly audience?: string
  /** HS256 secret of the guest tokens that this server mints; absent: no guests. */
  readonly guestSecret?: string
  /** User ids that nobody may have: those of agents. */
  readonly reserved: ReadonlySet<string>
}

const ACTIONS: readonly Action[] = ['read', 'write', 'run', 'manage']
const LEEWAY_SECONDS = 10
const MAX_TOKEN = 8_192
const CONTROL = /[\p{Cc}\p{Cs}]/u
const ASYMMETRIC = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

type Verifier = (token: string) => JWTPayload | Promise<JWTPayload>
type Rules = Omit<JWTClaimVerificationOptions, 'currentDate'>

export function tokenAccess(options: TokenAccessOptions): Access {
  const { guestSecret, reserved } = options
  const verifiers = verifiersOf(options)
  return {
    async identify(token) {
      if (token.length > MAX_TOKEN) throw new Refusal('auth.invalid', 'the token is too long')
      const actor = actorOf(await verify(token, verifiers))
      if (actor === undefined || reserved.has(actor.id))
        throw new Refusal('auth.invalid', 'the token names no acceptable user or rooms')
      return actor
    },
    guest: (uuid) => (guestSecret === undefined ? undefined : guestOf(uuid)),
    permit: ({ grants }, action, room) => grants === undefined || grants.some((grant) => covers(grant, action, room)),
  }
}

/** How the ids of guests begin. */
export const GUEST = 'guest-'

/** A person without an account, for local trials. */
export function guestOf(uuid: string): Actor {
  return { id: `${GUEST}${uuid}`, kind: 'user', name: `Guest ${uuid.slice(0, 4)}` }
}

const NOT_SIGNED = Buffer.from('{"alg":"none"}').toString('base64url')

/**
 * Checks HS256 in this thread: a signature takes some microseconds, the way to another thread and back for each token a
 * multiple of it. What the claims have to say, once the signature proved them, is the library's to check.
 */
function sharedSecret(secret: string, rules: Rules): Verifier {
  const key = createSecretKey(secret, 'utf8')
  /** The header of an issuer's tokens is the same in all of them. */
  let known: string | undefined
  return (token) => {
    const [header = '', payload = '', signature = '', ...more] = token.split('.')
    if (header !== known) {
      const { alg, crit } = headerOf(token)
      if (alg !== 'HS256' || crit !== undefined)
        throw new errors.JOSEAlgNotAllowed('the token must be signed with HS256')
    }
    const right = createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url')
    if (more.length > 0 || !areEqual(signature, right)) throw new errors.JWSSignatureVerificationFailed()
    known = header
    return UnsecuredJWT.decode(`${NOT_SIGNED}.${payload}.`, rules).payload
  }
}

function headerOf(token: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(token)
  } catch (cause) {
    throw new errors.JWSInvalid('the token is malformed', { cause })
  }
}

/** Takes as long wherever they differ. */
function areEqual(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

function verifiersOf({ secret, jwksUrl, guestSecret, issuer, audience }: TokenAccessOptions): readonly Verifier[] {
  const outside = { ...(issuer === undefined ? {} : { issuer }), ...(audience === undefined ? {} : { audience }) }
  const rules: Rules = { clockTolerance: LEEWAY_SECONDS, requiredClaims: ['sub', 'exp'] }
  const found: Verifier[] = []
  if (secret !== undefined) found.push(sharedSecret(secret, { ...rules, ...outside }))
  if (jwksUrl !== undefined) {
    const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 5_000, cooldownDuration: 30_000 })
    const rule = { ...rules, ...outside, algorithms: ASYMMETRIC }
    found.push(async (token) => (await jwtVerify(token, keys, rule)).payload)
  }
  // Guest tokens are this server's own: they need no issuer or audience.
  if (guestSecret !== undefined) found.push(sharedSecret(guestSecret, rules))
  return found
}

async function verify(token: string, verifiers: readonly Verifier[]): Promise<JWTPayload> {
  const causes: unknown[] = []
  for (const verifier of verifiers) {
    try {
      return await verifier(token)
    } catch (cause) {
      causes.push(cause)
    }
  }
  if (causes.some((cause) => cause instanceof errors.JWTExpired))
    throw new Refusal('auth.expired', 'the token has expired')
  const unchecked = causes.find((cause) => !isFault(cause))
  if (unchecked !== undefined) throw new Error('a token could not be checked', { cause: unchecked })
  throw new Refusal('auth.invalid', 'the token is not valid')
}

/** Whether it is the token that is wrong, and not the way to the keys of its issuer. */
function isFault(cause: unknown): boolean {
  const { JOSEError, JWKSInvalid, JWKSTimeout } = errors
  if (!(cause instanceof JOSEError)) return false
  // Without a code of its own it says that no keys came.
  return ![JOSEError.code, JWKSInvalid.code, JWKSTimeout.code].includes(cause.code)
}

function actorOf({ sub, exp, name, rooms }: JWTPayload): Actor | undefined {
  if (typeof sub !== 'string' || sub.length === 0 || sub.length > 128 || CONTROL.test(sub) || exp === undefined)
    return undefined
  const grants = rooms === undefined ? undefined : grantsOf(rooms)
  if (rooms !== undefined && grants === undefined) return undefined
  return {
    id: sub,
    kind: 'user',
    expiresAt: exp * 1000,
    ...(typeof name === 'string' && name !== '' ? { name: name.slice(0, 128) } : {}),
    ...(grants === undefined ? {} : { grants }),
  }
}

/** The `rooms` claim: each a room or `prefix*`, with all actions or those it names. */
function grantsOf(rooms: unknown): readonly Grant[] | undefined {
  if (!Array.isArray(rooms)) return undefined
  const grants: Grant[] = []
  for (const item of rooms as readonly unknown[]) {
    if (typeof item === 'string') grants.push({ room: item, can: ACTIONS })
    else if (isFields(item) && typeof item.room === 'string' && Array.isArray(item.can)) {
      const named: readonly unknown[] = item.can
      grants.push({ room: item.room, can: ACTIONS.filter((action) => named.includes(action)) })
    } else return undefined
  }
  return grants
}

function covers({ room, can }: Grant, action: Action, wanted: RoomId): boolean {
  if (!can.includes(action)) return false
  return room.endsWith('*') ? wanted.startsWith(room.slice(0, -1)) : room === wanted
}

export interface TokenClaims {
  readonly secret: string
  readonly user: string
  readonly name?: string
  /** As in the `rooms` claim; absent: all rooms but other people's sessions. */
  readonly rooms?: readonly (string | { readonly room: string; readonly can: readonly Action[] })[]
  readonly expiresInMs: number
  readonly issuer?: string
  readonly audience?: string
}

/** A user token, signed with HS256. */
export async function issueToken({
  secret,
  user,
  name,
  rooms,
  expiresInMs,
  issuer,
  audience,
}: TokenClaims): Promise<string> {
  const now = Date.now()
  const token = new SignJWT({ ...(name === undefined ? {} : { name }), ...(rooms === undefined ? {} : { rooms }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(user)
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(Math.ceil((now + expiresInMs) / 1000))
  if (issuer !== undefined) token.setIssuer(issuer)
  if (audience !== undefined) token.setAudience(audience)
  return token.sign(new TextEncoder().encode(secret))
}
