// Who is speaking from this browser: a token, kept for all its tabs and renewed before it ends.

import type { Bearer } from './token.ts'
import { bearerOf } from './token.ts'

/** Guests renew this long before their token ends. */
const MARGIN_MS = 120_000
const KEY = 'parley.token'

/**
 * `unknown`: nobody yet, a guest token will be fetched when it is needed;
 * `known`: a token is here; `asking`: only a person can help, by presenting a token.
 */
export type Who =
  | { readonly at: 'unknown' }
  | { readonly at: 'known'; readonly token: string; readonly guest: boolean; readonly bearer?: Bearer }
  | { readonly at: 'asking'; readonly why?: string }

export type Known = Extract<Who, { at: 'known' }>

export interface Identity {
  readonly who: Who
  subscribe(hear: () => void): () => void
  /** A token that holds a while longer. Rejects when there is none to be had, now or without help. */
  token(): Promise<string>
  /** Takes a token that somebody pasted or followed a link with. */
  present(token: string): void
  /** The server did not accept this token. */
  refused(token: string, why: string): void
  forget(): void
}

export interface IdentityOptions {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Runs one at a time over all tabs. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
  /** Calls back when another tab has changed what is stored; returns the stop. */
  readonly otherTabs: (hear: () => void) => () => void
}

export function createIdentity({ storage, fetch, now, alone, otherTabs }: IdentityOptions): Identity {
  const hearers = new Set<() => void>()
  let kept: string | null = null
  let who: Who = { at: 'unknown' }

  /** Another tab may have changed what is kept: storage is asked each time, and read only when it differs. */
  function current(): Who {
    const text = storage.getItem(KEY)
    if (text === kept) return who
    kept = text
    if (text !== null) who = read(text)
    else if (who.at === 'known') who = { at: 'unknown' }
    return who
  }

  function become(next: Who): void {
    if (next.at === 'known') storage.setItem(KEY, JSON.stringify({ token: next.token, guest: next.guest }))
    // A token that was refused stays: each tab and each visit hears the reason for itself.
    if (next.at === 'unknown') storage.removeItem(KEY)
    kept = storage.getItem(KEY)
    who = next
    for (const hear of hearers) hear()
  }

  function ask(why?: string): never {
    become(why === undefined ? { at: 'asking' } : { at: 'asking', why })
    throw new Error(why ?? 'this server wants to know who you are')
  }

  async function renew(): Promise<string> {
    const held = current()
    if (held.at === 'known' && holds(held, now())) return held.token
    const answer = await fetchGuest(fetch, held.at === 'known' ? held.token : undefined)
    if (answer.status === 404) return ask()
    if (!answer.ok) throw new Error(`no guest token: the server answered ${answer.status}`)
    const known = knownAs(tokenIn(await answer.json()), true)
    become(known)
    return known.token
  }

  return {
    get who() {
      return current()
    },
    subscribe(hear) {
      const stop = otherTabs(hear)
      hearers.add(hear)
      return () => {
        hearers.delete(hear)
        stop()
      }
    },
    async token() {
      const held = current()
      if (held.at === 'asking') throw new Error(held.why ?? 'nobody has signed in yet')
      if (held.at === 'known' && holds(held, now())) return held.token
      if (held.at === 'known' && !held.guest) return ask('Your token has ended.')
      return alone(renew)
    },
    present(token) {
      become(knownAs(token, false))
    },
    refused(token, why) {
      const held = current()
      if (held.at !== 'known' || held.token !== token) return
      become(held.guest ? { at: 'unknown' } : { at: 'asking', why })
    },
    forget() {
      become({ at: 'unknown' })
    },
  }
}

function holds({ guest, bearer }: Known, now: number): boolean {
  return bearer?.expiresAt === undefined || bearer.expiresAt - now > (guest ? MARGIN_MS : 0)
}

/** An old token keeps the guest the same; one that no longer counts must not keep them out. */
async function fetchGuest(fetch: typeof globalThis.fetch, old: string | undefined): Promise<Response> {
  if (old === undefined) return fetch('/api/guest', { method: 'POST' })
  const answer = await fetch('/api/guest', { method: 'POST', headers: { authorization: `Bearer ${old}` } })
  return answer.status === 401 ? fetch('/api/guest', { method: 'POST' }) : answer
}

function knownAs(token: string, guest: boolean): Known {
  const bearer = bearerOf(token)
  return bearer === undefined ? { at: 'known', token, guest } : { at: 'known', token, guest, bearer }
}

function read(text: string): Who {
  try {
    const value: unknown = JSON.parse(text)
    return knownAs(
      tokenIn(value),
      typeof value === 'object' && value !== null && 'guest' in value && value.guest === true,
    )
  } catch {
    return { at: 'unknown' }
  }
}

function tokenIn(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'token' in value && typeof value.token === 'string')
    return value.token
  throw new Error('an answer without a token')
}
