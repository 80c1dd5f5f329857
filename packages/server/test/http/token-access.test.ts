import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Refusal } from '@parley/protocol'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issueToken, tokenAccess } from '../../src/adapters/token-access.ts'
import { room } from '../engine/stage.ts'

const secret = 'a-secret-of-the-tests-0123456789'
const key = new TextEncoder().encode(secret)
const reserved = new Set(['system', 'guide'])
const soon = () => Math.floor(Date.now() / 1000) + 600

/** A token with these claims, signed with the secret. */
function signed(claims: JWTPayload, alg = 'HS256'): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(key)
}

/** The code with which a token is refused. */
async function refusal(token: string | Promise<string>, access = tokenAccess({ secret, reserved })): Promise<string> {
  try {
    const actor = await access.identify(await token)
    return `accepted as ${actor.id}`
  } catch (cause) {
    if (cause instanceof Refusal) return cause.problem.code
    throw cause
  }
}

test('[A4] a token says who somebody is, until when, and what they are called', async () => {
  const { identify } = tokenAccess({ secret, reserved })
  const exp = soon()
  expect(await identify(await signed({ sub: 'alice', exp, name: 'Alice' }))).toEqual({
    id: 'alice',
    kind: 'user',
    name: 'Alice',
    expiresAt: exp * 1000,
  })
  expect(await identify(await signed({ sub: 'alice', exp }))).toEqual({
    id: 'alice',
    kind: 'user',
    expiresAt: exp * 1000,
  })
})

test('[A4] without a user or an end a token is none, and so is one of somebody else’s making', async () => {
  const exp = soon()
  const bad = [
    signed({ exp }),
    signed({ sub: 'alice' }),
    signed({ sub: '', exp }),
    signed({ sub: 'x'.repeat(129), exp }),
    signed({ sub: 'a\nb', exp }),
    signed({ sub: 'a\0', exp }),
    signed({ sub: 'alice', exp, nbf: exp }),
    new SignJWT({ sub: 'alice', exp })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('x'.repeat(32))),
  ]
  for (const token of bad) expect(await refusal(token)).toBe('auth.invalid')
  for (const text of ['', 'x', 'a.b.c', '..', '{}', 'Bearer x', 'e30.e30.', '\0'])
    expect(await refusal(text)).toBe('auth.invalid')
})

test('[A4] the algorithm is the server’s choice, never the token’s', async () => {
  const claims = { sub: 'alice', exp: soon() }
  expect(await refusal(new UnsecuredJWT(claims).encode())).toBe('auth.invalid')
  expect(await refusal(signed(claims, 'HS384'))).toBe('auth.invalid')
  expect(await refusal(signed(claims, 'HS512'))).toBe('auth.invalid')
  expect(await refusal(signed(claims))).toBe('accepted as alice')
})

test('[A4] whatever was taken before, each token is looked at as a whole', async () => {
  const access = tokenAccess({ secret, reserved })
  const good = await signed({ sub: 'alice', exp: soon() })
  expect(await refusal(good, access)).toBe('accepted as alice')
  const [header = '', payload = '', signature = ''] = good.split('.')
  const other = Buffer.from(JSON.stringify({ sub: 'bob', exp: soon() })).toString('base64url')
  const bySecret = (text: string): string => `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  const head = (fields: object): string => Buffer.from(JSON.stringify(fields)).toString('base64url')
  const bad = [
    `${header}.${other}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    `${good}.`,
    `${good}.x`,
    `${good}=`,
    `${header}.${payload}.!${signature}`,
    bySecret(`${head({ alg: 'none' })}.${payload}`),
    bySecret(`${head({ alg: 'HS256', crit: ['exp'], exp: 1 })}.${payload}`),
    bySecret(`${head([])}.${payload}`),
    bySecret(`${header}.${Buffer.from('no JSON').toString('base64url')}`),
    bySecret(`${header}.`),
    ...[null, 42, ['a'], {}].map((sub) => bySecret(`${header}.${head({ sub, exp: soon() })}`)),
  ]
  for (const token of bad) expect(await refusal(token, access)).toBe('auth.invalid')
  expect(await refusal(bySecret(`${header}.${other}`), access)).toBe('accepted as bob')
})

test('[C8] a token that has ended is told apart from one that never was good, with some seconds of grace', async () => {
  const now = Math.floor(Date.now() / 1000)
  expect(await refusal(signed({ sub: 'alice', exp: now - 60 }))).toBe('auth.expired')
  expect(await refusal(signed({ sub: 'alice', exp: now - 3 }))).toBe('accepted as alice')
  const other = new SignJWT({ sub: 'alice', exp: now - 60 }).setProtectedHeader({ alg: 'HS256' })
  expect(await refusal(other.sign(new TextEncoder().encode('x'.repeat(32))))).toBe('auth.invalid')
})

test('[A4] ids of agents are nobody’s', async () => {
  for (const sub of reserved) expect(await refusal(signed({ sub, exp: soon() }))).toBe('auth.invalid')
})

test('a token of more than 8 kB is refused unread', async () => {
  expect(await refusal(signed({ sub: 'alice', exp: soon(), pad: 'x'.repeat(8_192) }))).toBe('auth.invalid')
})

test('where issuer and audience are configured, they must be right', async () => {
  const access = tokenAccess({ secret, reserved, issuer: 'us', audience: 'parley' })
  const claims = { sub: 'alice', exp: soon(), iss: 'us', aud: 'parley' }
  expect(await refusal(signed(claims), access)).toBe('accepted as alice')
  for (const wrong of [{ iss: 'them' }, { aud: 'other' }, { iss: undefined }, { aud: undefined }])
    expect(await refusal(signed({ ...claims, ...wrong } as JWTPayload), access)).toBe('auth.invalid')
})

test('[A4] rooms grants all actions by a text, or those that it names; nonsense grants nothing at all', async () => {
  const { identify } = tokenAccess({ secret, reserved })
  const rooms = ['lobby', { room: 'team-*', can: ['read', 'run', 'fly', 7] }, { room: 'news', can: [] }]
  const { grants } = await identify(await signed({ sub: 'alice', exp: soon(), rooms }))
  expect(grants).toEqual([
    { room: 'lobby', can: ['read', 'write', 'run', 'manage'] },
    { room: 'team-*', can: ['read', 'run'] },
    { room: 'news', can: [] },
  ])
  for (const nonsense of ['lobby', {}, 7, null, [7], [{ room: 'lobby' }], [{ room: 7, can: ['read'] }], [['lobby']]])
    expect(await refusal(signed({ sub: 'alice', exp: soon(), rooms: nonsense }))).toBe('auth.invalid')
  expect((await identify(await signed({ sub: 'alice', exp: soon(), rooms: [] }))).grants).toEqual([])
})

test('[A1, A4] what is granted is what is permitted', async () => {
  const { permit } = tokenAccess({ secret, reserved })
  const grants = [
    { room: 'lobby', can: ['read'] },
    { room: 'team-*', can: ['write'] },
  ] as const
  const may = (action: 'read' | 'write', name: string, of = { grants }) =>
    permit({ id: 'alice', kind: 'user', ...of }, action, room(name))
  expect([may('read', 'lobby'), may('write', 'lobby'), may('read', 'lobby2')]).toEqual([true, false, false])
  expect([may('write', 'team-a'), may('read', 'team-a'), may('write', 'team'), may('write', 'steam-a')]).toEqual([
    true,
    false,
    false,
    false,
  ])
  expect(permit({ id: 'alice', kind: 'user' }, 'manage', room('anything'))).toBe(true)
  expect(permit({ id: 'alice', kind: 'user', grants: [] }, 'read', room('lobby'))).toBe(false)
})

test('a token that this server makes is one that it takes', async () => {
  const { identify } = tokenAccess({ secret, reserved, issuer: 'us', audience: 'parley' })
  const rooms = ['lobby', { room: 'team-*', can: ['read'] }] as const
  const more = { name: 'Alice', rooms, issuer: 'us', audience: 'parley' }
  const token = await issueToken({ secret, user: 'alice', expiresInMs: 60_000, ...more })
  expect(await identify(token)).toMatchObject({
    id: 'alice',
    name: 'Alice',
    grants: [{ room: 'lobby' }, { can: ['read'] }],
  })
})

test('guests have tokens of their own, which need no issuer, and are nobody where there are none', async () => {
  const guests = tokenAccess({ secret, reserved, issuer: 'us', guestSecret: 'another-secret-0123456789' })
  expect(guests.guest('0b6f3c1e')).toEqual({ id: 'guest-0b6f3c1e', kind: 'user', name: 'Guest 0b6f' })
  const token = await issueToken({ secret: 'another-secret-0123456789', user: 'guest-1', expiresInMs: 60_000 })
  expect(await refusal(token, guests)).toBe('accepted as guest-1')
  expect(tokenAccess({ secret, reserved }).guest('1')).toBeUndefined()
  expect(await refusal(token)).toBe('auth.invalid')
})

let keys: Server
let jwksUrl: string
let published: Awaited<ReturnType<typeof generateKeyPair>>
beforeAll(async () => {
  published = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(published.publicKey)), kid: 'k1', alg: 'RS256' }
  keys = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })))
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve))
  jwksUrl = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/keys`
})
afterAll(() => keys.close())

test('[A4] with published keys, what the issuer signed is taken', async () => {
  const access = tokenAccess({ jwksUrl, reserved })
  const token = new SignJWT({ sub: 'alice', exp: soon() }).setProtectedHeader({ alg: 'RS256', kid: 'k1' })
  expect(await refusal(token.sign(published.privateKey), access)).toBe('accepted as alice')
})

test('[A4] a public key does not pass for a secret, nor a key that comes along in the token for a published one', async () => {
  const access = tokenAccess({ jwksUrl, reserved })
  const claims = { sub: 'alice', exp: soon() }
  const pem = new TextEncoder().encode(await exportSPKI(published.publicKey))
  const confused = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(pem)
  expect(await refusal(confused, access)).toBe('auth.invalid')
  const own = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(own.publicKey)
  for (const header of [{ jwk }, { jku: 'http://127.0.0.1:1/keys' }, { kid: '../../etc/passwd' }, { kid: 'k1' }, {}]) {
    const forged = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', ...header }).sign(own.privateKey)
    expect(await refusal(forged, access)).toBe('auth.invalid')
  }
  expect(await refusal(new UnsecuredJWT(claims).encode(), access)).toBe('auth.invalid')
})
