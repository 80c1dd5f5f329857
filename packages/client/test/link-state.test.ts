import { problem } from '@parley/protocol'
import { expect, test } from 'vitest'
import { type Dropped, type LinkEvent, type LinkState, step, type Welcome } from '../src/link-state.ts'
import { alice } from './server.ts'

const why = problem('server.failed', 'it failed')
const expired = problem('auth.expired', 'the token has expired')
const welcome: Welcome = { type: 'welcome', actor: alice, node: 'n', now: 0, heartbeatMs: 25_000, maxFrameBytes: 1_000 }

const start: LinkEvent = { type: 'start' }
const due: LinkEvent = { type: 'due' }
const opened: LinkEvent = { type: 'opened' }
const welcomed: LinkEvent = { type: 'welcomed', welcome }
const stop: LinkEvent = { type: 'stop' }

function dropped(more: Partial<Dropped> = {}): Dropped {
  return { type: 'dropped', retry: 'later', problem: why, retryAfterMs: 0, stable: false, ...more }
}

function trying(attempt = 0, renewed = false, problem = why) {
  return { attempt, renewed, problem }
}

const fresh = { attempt: 0, renewed: false, problem: undefined }
const idle: LinkState = { at: 'idle' }
const opening: LinkState = { at: 'opening', ...trying(2) }
const greeting: LinkState = { at: 'greeting', ...trying(2) }
const online: LinkState = { at: 'online', attempt: 2, welcome }
const waiting: LinkState = { at: 'waiting', retryAfterMs: 0, ...trying(3) }
const closed: LinkState = { at: 'closed', problem: expired }

test.each<[string, LinkState, LinkEvent, LinkState]>([
  ['someone who wants a connection gets one opened', idle, start, { at: 'opening', ...fresh }],
  ['wanting one cuts a wait short', waiting, start, { at: 'opening', ...fresh }],
  ['wanting one wakes a closed connection', closed, start, { at: 'opening', ...fresh }],
  ['wanting one anew replaces the one there is', online, start, { at: 'opening', ...fresh }],
  ['an attempt under way is enough', opening, start, opening],
  ['a greeting under way is enough', greeting, start, greeting],
  ['after the wait the next attempt begins', waiting, due, { at: 'opening', ...trying(3) }],
  ['an open socket waits for the welcome', opening, opened, { at: 'greeting', ...trying(2) }],
  ['the welcome makes it online', greeting, welcomed, online],
  ['a welcome at any other time means nothing', online, welcomed, online],
  ['a failed attempt is counted', opening, dropped(), { at: 'waiting', retryAfterMs: 0, ...trying(3) }],
  ['so is a greeting that failed', greeting, dropped(), { at: 'waiting', retryAfterMs: 0, ...trying(3) }],
  ['a short connection counts as a failure', online, dropped(), { at: 'waiting', retryAfterMs: 0, ...trying(3) }],
  [
    'after a long connection the counting begins anew',
    online,
    dropped({ stable: true }),
    { at: 'waiting', retryAfterMs: 0, ...trying(1) },
  ],
  [
    'the server says how long to wait',
    online,
    dropped({ retryAfterMs: 4_000 }),
    { at: 'waiting', retryAfterMs: 4_000, ...trying(3) },
  ],
  ['what no attempt can mend ends it', online, dropped({ retry: 'never' }), { at: 'closed', problem: why }],
  [
    'a refused token is renewed',
    online,
    dropped({ retry: 'renew', problem: expired }),
    { at: 'waiting', retryAfterMs: 0, ...trying(3, true, expired) },
  ],
  [
    'a renewed token that is refused ends it',
    { at: 'greeting', ...trying(3, true, expired) },
    dropped({ retry: 'renew', problem: expired }),
    { at: 'closed', problem: expired },
  ],
  [
    'that a token was renewed is remembered over other failures',
    { at: 'opening', ...trying(3, true, expired) },
    dropped(),
    { at: 'waiting', retryAfterMs: 0, ...trying(4, true) },
  ],
  ['what drops while nothing is open means nothing', waiting, dropped(), waiting],
  ['nobody needs to drop a closed one', closed, dropped(), closed],
  ['who wants no connection has none', online, stop, { at: 'closed', problem: undefined }],
  ['why it was closed before is still true', closed, stop, closed],
])('%s', (_, before, event, after) => {
  const next = step(before, event)
  expect(next).toEqual(after)
  if (after === before) expect(next).toBe(before)
})
