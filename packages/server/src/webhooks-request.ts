// One request to a webhook: how it is signed, how it is sent, and what its answer means.
import { createHmac } from 'node:crypto'
import type { Event, RoomId } from '@parley/protocol'
import type { Clock } from './seams/clock.ts'
import type { Hook } from './webhooks-hook.ts'

/** Events of one room, in their order; a hook that was told of the last has been told of all before it. */
export interface Delivery {
  readonly room: RoomId
  readonly epoch: string
  readonly events: readonly Event[]
}

/** `later`: worth trying again. `refused`: these events are not wanted, now or ever. */
export type Verdict =
  | { readonly is: 'taken' }
  | { readonly is: 'later'; readonly why: string; readonly retryAfterMs?: number }
  | { readonly is: 'refused'; readonly why: string }

export interface Request {
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  readonly signal: AbortSignal
}

/** Posts. Rejects when no answer came; never follows a redirect. */
export type Send = (
  url: string,
  request: Request,
) => Promise<{ readonly status: number; readonly retryAfter: string | null }>

export const sendByHttp: Send = async (url, request) => {
  const response = await fetch(url, { method: 'POST', redirect: 'manual', ...request })
  // Only the status counts; what else it says may be long.
  await response.body?.cancel().catch(() => undefined)
  return { status: response.status, retryAfter: response.headers.get('retry-after') }
}

/** A hook that has not answered by then is tried again. */
const PATIENCE_MS = 10_000

/** Sends and judges the answer. Resolves with `later` when `signal` aborts. */
export async function deliver(
  hook: Hook,
  delivery: Delivery,
  { send, clock, signal }: { readonly send: Send; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Verdict> {
  const body = JSON.stringify(delivery)
  const impatience = new AbortController()
  const stop = clock.after(PATIENCE_MS, () => impatience.abort())
  try {
    const request = { headers: headersOf(hook, delivery, body, clock.now()), body }
    const answer = await send(hook.url, { ...request, signal: AbortSignal.any([signal, impatience.signal]) })
    return verdictOf(answer.status, answer.retryAfter, clock.now())
  } catch (cause) {
    return { is: 'later', why: impatience.signal.aborted ? 'no answer in time' : reasonOf(cause) }
  } finally {
    stop()
  }
}

function headersOf({ secret }: Hook, { room, epoch, events }: Delivery, body: string, now: number) {
  return {
    'content-type': 'application/json',
    'user-agent': 'parley-webhook',
    'parley-delivery': `${room}:${epoch}:${events.at(-1)?.seq ?? 0}`,
    'parley-signature': signatureOf(secret, body, Math.floor(now / 1000)),
  }
}

/** @param at seconds since 1970. */
function signatureOf(secret: string, body: string, at: number): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`
}

/** @param now ms since 1970, for a `Retry-After` that is a date. */
export function verdictOf(status: number, retryAfter: string | null, now: number): Verdict {
  const why = `status ${status}`
  if (status >= 200 && status < 300) return { is: 'taken' }
  if (status !== 408 && status !== 429 && status < 500) return { is: 'refused', why }
  const wait = retryAfter === null ? Number.NaN : waitOf(retryAfter, now)
  return Number.isFinite(wait) ? { is: 'later', why, retryAfterMs: Math.max(0, wait) } : { is: 'later', why }
}

/** Seconds, or a date. */
function waitOf(retryAfter: string, now: number): number {
  return /^\d+$/u.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now
}

/** Short, and without the address. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  if (inner instanceof Error && 'code' in inner && typeof inner.code === 'string') return inner.code
  return inner instanceof Error ? inner.name : 'no answer'
}
