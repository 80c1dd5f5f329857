import { request } from 'node:http'
import { expect, test } from 'vitest'
import { mayOperate } from '../../src/operators.ts'
import type { Access } from '../../src/seams/access.ts'
import { Puppet } from '../engine/puppet.ts'
import { eventually, Socket, start, tokenFor } from '../wire/server.ts'

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Asks with exactly these headers; `host` may be any name. */
function get(url: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url + path, { headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        body += part
      })
      const { statusCode: status = 0 } = response
      response.on('end', () => resolve({ status, type: response.headers['content-type'] ?? '', body }))
    })
    asked.once('error', reject).end()
  })
}

const SAMPLE = /^([a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="[^"\n]*",?)*\})?) (Na[nN]|[+-]Inf|-?[\d.]+(?:e[+-]?\d+)?)$/u

/** The samples of a scrape; throws for a line that is none. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || /^# (?:HELP|TYPE) \w+ \S/u.test(line)) continue
    const [, name, value] = SAMPLE.exec(line) ?? []
    if (name === undefined) throw new Error(`not a sample: ${line}`)
    if (samples.has(name)) throw new Error(`told twice: ${name}`)
    samples.set(name, Number(value))
  }
  return samples
}

async function scrape(url: string): Promise<ReadonlyMap<string, number>> {
  const { status, type, body } = await get(url, '/metrics')
  expect([status, type]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)])
  return samplesOf(body)
}

test('/metrics is text that Prometheus reads, and its numbers move with what happens', async () => {
  const { url } = await start()
  const before = await scrape(url)
  expect(before.get('parley_connections')).toBe(0)
  expect(before.get('parley_events_appended_total')).toBe(0)
  const alice = await Socket.native(url, 'alice')
  const bob = await Socket.native(url, 'bob')
  for (const socket of [alice, bob]) await socket.ask({ ref: 'j', type: 'join', room: 'lobby' })
  const parts = [{ type: 'text', text: 'hello' }]
  await alice.ask({ ref: 'p', type: 'post', room: 'lobby', id: 'm1', parts })
  await bob.next('page', ({ page }) => page?.events.some(({ id }) => id === 'm1') === true)
  await alice.ask({ ref: 'x', type: 'leave', room: 'nowhere' })
  const after = await scrape(url)
  const moved = [
    'parley_connections',
    'parley_rooms',
    'parley_events_appended_total',
    'parley_deliveries_total',
    'parley_append_seconds_count',
    'parley_fan_out_seconds_count',
    'parley_commands_total{type="join"}',
    'parley_commands_total{type="post"}',
    'parley_refusals_total{code="room.unknown"}',
  ]
  expect(moved.map((name) => after.get(name))).toEqual([2, 1, 1, 2, 1, 1, 2, 1, 1])
  expect(after.get('parley_sent_bytes_total')).toBeGreaterThan(300)
  for (const name of ['parley_lagging_readers', 'parley_outbox_bytes', 'parley_runs', 'parley_load_level'])
    expect([name, after.get(name)]).toEqual([name, 0])
  alice.ws.terminate()
  await eventually(async () => (await scrape(url)).get('parley_connections')).toBe(1)
  // What a socket sent is not forgotten with it.
  expect((await scrape(url)).get('parley_sent_bytes_total')).toBeGreaterThanOrEqual(
    after.get('parley_sent_bytes_total') ?? Number.POSITIVE_INFINITY,
  )
})

test('the process is told of too, and twice in a row', async () => {
  const { url } = await start()
  for (let round = 0; round < 2; round += 1) {
    const samples = await scrape(url)
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect([name, samples.has(name)]).toEqual([name, true])
  }
})

test('two servers in one process count for themselves', async () => {
  const [one, other] = [await start(), await start()]
  await Socket.native(one.url, 'alice')
  expect((await scrape(one.url)).get('parley_connections')).toBe(1)
  expect((await scrape(other.url)).get('parley_connections')).toBe(0)
})

test('answers to pings tell how good the lines are', async () => {
  const { url } = await start({ heartbeatMs: 20 })
  await Socket.native(url, 'alice')
  await eventually(async () => (await scrape(url)).get('parley_jitter_seconds_count')).toBeGreaterThan(0)
  const samples = await scrape(url)
  expect(samples.get('parley_round_trip_seconds_count')).toBeGreaterThan(1)
  expect(samples.get('parley_pings_total')).toBeGreaterThan(1)
})

test('from elsewhere, or through a proxy, only who may manage everything sees the numbers', async () => {
  const { url } = await start()
  const foreign = [{ host: 'chat.example' }, { 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }]
  for (const headers of foreign) {
    expect(await get(url, '/metrics', headers)).toMatchObject({
      status: 401,
      body: expect.stringContaining('auth.missing'),
    })
    const as = async (token: string) =>
      (await get(url, '/metrics', { ...headers, authorization: `Bearer ${token}` })).status
    const rooms = (room: string, can: readonly ('read' | 'manage')[]) => tokenFor('alice', { rooms: [{ room, can }] })
    expect(await as('nonsense')).toBe(401)
    expect(await as(await tokenFor('alice', { expiresInMs: -60_000 }))).toBe(401)
    expect(await as(await rooms('*', ['read']))).toBe(403)
    expect(await as(await rooms('team-*', ['manage']))).toBe(403)
    expect(await as(await rooms('*', ['manage']))).toBe(200)
    expect(await as(await tokenFor('operator'))).toBe(200)
  }
})

test('a guest may know how a server is that listens on the loopback only, and no other guest', async () => {
  const asked: string[] = []
  const access: Pick<Access, 'permit'> = {
    permit: (_, action, room) => {
      asked.push(`${action} ${room}`)
      return true
    },
  }
  const rest = { identify: () => Promise.reject(new Error('not asked')), guest: () => undefined }
  const guest = { id: 'guest-1', kind: 'user' } as const
  expect(await mayOperate({ ...access, ...rest }, true)(guest)).toBe(true)
  expect(await mayOperate({ ...access, ...rest }, false)(guest)).toBe(false)
  expect(asked).toEqual([])
  expect(await mayOperate({ ...access, ...rest }, false)({ id: 'alice', kind: 'user' })).toBe(true)
  expect(asked).toEqual(['manage *'])
})

test('a server that leaves is not ready any more, and still alive', async () => {
  const puppet = new Puppet()
  const { url, fastify } = await start({ agent: [{ agent: puppet, answers: 'everything' }] })
  const alice = await Socket.native(url, 'alice')
  await alice.ask({ ref: 'j', type: 'join', room: 'lobby' })
  await alice.ask({ ref: 'p', type: 'post', room: 'lobby', id: 'm1', parts: [{ type: 'text', text: 'go' }] })
  expect(await get(url, '/readyz')).toMatchObject({ status: 200 })
  const drained = fastify.parley.drain(60_000)
  await alice.next('leaving')
  expect(await get(url, '/readyz')).toMatchObject({ status: 503, body: '{"status":"leaving"}' })
  expect(await get(url, '/healthz')).toMatchObject({ status: 200 })
  puppet.on.end()
  await drained
})
