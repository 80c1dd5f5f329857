import { describe, expect, test } from 'vitest'
import { createIdentity, type Identity } from '../src/identity/identity.ts'
import { bearerOf, tokenInFragment } from '../src/identity/token.ts'

const HOUR_MS = 3_600_000

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256' })}.${part(claims)}.signature`
}

interface Browser {
  now: number
  /** What the server answers next; 404: it takes no guests. */
  guests: 'welcome' | 404 | 503
  /** The tokens that guests came with. */
  readonly asked: (string | null)[]
  open(): Identity
}

/** One browser whose tabs share what is stored. */
function browser(): Browser {
  const stored = new Map<string, string>()
  const hearers = new Set<() => void>()
  let line: Promise<unknown> = Promise.resolve()
  const self: Browser = {
    now: Date.UTC(2030, 0, 1),
    guests: 'welcome',
    asked: [],
    open: () =>
      createIdentity({
        storage: {
          getItem: (key) => stored.get(key) ?? null,
          setItem: (key, value) => void stored.set(key, value),
          removeItem: (key) => void stored.delete(key),
        },
        fetch: async (_url, init) => {
          self.asked.push(new Headers(init?.headers).get('authorization'))
          if (self.guests !== 'welcome') return new Response(null, { status: self.guests })
          const exp = (self.now + HOUR_MS) / 1000
          return Response.json({ token: jwt({ sub: 'guest-1', name: 'Guest 1', exp }) })
        },
        now: () => self.now,
        alone<T>(work: () => Promise<T>) {
          const mine = line.then(work, work)
          line = mine
          return mine
        },
        otherTabs(hear) {
          hearers.add(hear)
          return () => hearers.delete(hear)
        },
      }),
  }
  return self
}

describe('a guest', () => {
  test('is fetched once for all tabs and stays until shortly before the token ends', async () => {
    const here = browser()
    const [one, other] = [here.open(), here.open()]
    const [first, same] = await Promise.all([one.token(), other.token()])
    expect(first).toBe(same)
    expect(here.asked).toEqual([null])
    here.now += HOUR_MS - 180_000
    expect(await one.token()).toBe(first)
    here.now += 120_000
    expect(await one.token()).not.toBe(first)
    expect(here.asked).toEqual([null, `Bearer ${first}`])
  })

  test('becomes another one when the server does not know the token any more', async () => {
    const identity = browser().open()
    identity.refused(await identity.token(), 'the token is not valid')
    expect(identity.who.at).toBe('unknown')
  })

  test('is not given up because the server is away for a moment', async () => {
    const here = browser()
    here.guests = 503
    const identity = here.open()
    await expect(identity.token()).rejects.toThrow('503')
    here.guests = 'welcome'
    expect(bearerOf(await identity.token())).toMatchObject({ id: 'guest-1', name: 'Guest 1' })
  })

  test('is asked to sign in where the server takes none', async () => {
    const here = browser()
    here.guests = 404
    const identity = here.open()
    await expect(identity.token()).rejects.toThrow()
    expect(identity.who).toEqual({ at: 'asking' })
  })
})

describe('somebody with a token', () => {
  test('is known in all tabs, and asked again with the reason when the token is refused', async () => {
    const here = browser()
    const [one, other] = [here.open(), here.open()]
    const ada = jwt({ sub: 'ada', name: 'Ada' })
    one.present(ada)
    expect(other.who).toMatchObject({ at: 'known', guest: false, bearer: { id: 'ada', name: 'Ada' } })
    one.refused(ada, 'the token has been revoked')
    expect(one.who).toEqual({ at: 'asking', why: 'the token has been revoked' })
    expect(here.asked).toEqual([])
  })

  test('is not made a guest when the token ends', async () => {
    const here = browser()
    const identity = here.open()
    identity.present(jwt({ sub: 'ada', exp: here.now / 1000 + 10 }))
    here.now += 11_000
    await expect(identity.token()).rejects.toThrow('ended')
    expect(identity.who.at).toBe('asking')
    expect(here.asked).toEqual([])
  })

  test('is forgotten in all tabs after signing out', () => {
    const here = browser()
    const [one, other] = [here.open(), here.open()]
    one.present(jwt({ sub: 'ada' }))
    expect(other.who.at).toBe('known')
    one.forget()
    expect(other.who.at).toBe('unknown')
  })
})

test('a link may carry a token in its fragment', () => {
  expect(tokenInFragment('#token=abc.def.ghi')).toBe('abc.def.ghi')
  expect(tokenInFragment('#token=')).toBeUndefined()
  expect(tokenInFragment('#part-2')).toBeUndefined()
})
