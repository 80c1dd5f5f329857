import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { memoryLog } from '../../src/adapters/memory-log.ts'
import { systemChance } from '../../src/adapters/system-clock.ts'
import { tokenAccess } from '../../src/adapters/token-access.ts'
import { Doorkeeper } from '../../src/doorkeeper.ts'
import { routes } from '../../src/routes.ts'
import { start, tokenFor } from '../wire/server.ts'

interface Response {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Asks for a path exactly as it is written: `fetch` would tidy it up first. */
function get(
  url: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  const { body, ...rest } = options
  return new Promise<Response>((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const asked = request({ hostname, port, path, ...rest }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    asked.once('error', reject)
    asked.end(body)
  })
}

function post(url: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return get(url, path, { method: 'POST', headers })
}

test('a server that lives says so, and one whose store does not answer says that it is not ready', async () => {
  const { url } = await start()
  expect(await get(url, '/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' })
  expect(await get(url, '/readyz')).toMatchObject({ status: 200, body: '{"status":"ready"}' })
  const log = {
    ...memoryLog({ now: Date.now, uuid: systemChance.uuid }),
    check: () => Promise.reject(new Error('/var/data is gone')),
  }
  const ill = await start({ log })
  expect(await get(ill.url, '/healthz')).toMatchObject({ status: 200 })
  expect(await get(ill.url, '/readyz')).toMatchObject({ status: 503, body: '{"status":"not ready"}' })
})

test('a page is told who answers here, whether it may come in as a guest and whether files are taken', async () => {
  const about = async (options: Parameters<typeof start>[0]) =>
    JSON.parse((await get((await start(options)).url, '/api/about')).body)
  const version = expect.stringMatching(/^\d+\.\d+\.\d+/)
  expect(await about({ agent: 'echo' })).toEqual({
    agent: { id: 'echo', name: 'echo', steers: false },
    guests: false,
    files: true,
    version,
  })
  expect(await about({ agent: 'none', guests: true, files: 'none' })).toEqual({
    agent: null,
    guests: true,
    files: false,
    version,
  })
})

test('a guest is called as they like, without what would break a line', async () => {
  const { url } = await start({ guests: true })
  const become = async (name: unknown): Promise<string> => {
    const body = JSON.stringify({ name })
    const answer = await fetch(`${url}/api/guest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    return (await answer.json()).user.name
  }
  expect(await become('  Ada\n Lovelace\u202e ')).toBe('Ada Lovelace')
  expect(await become('x'.repeat(100))).toHaveLength(64)
  for (const nothing of ['', ' \u0000 ', 7, null]) expect(await become(nothing)).toMatch(/^Guest [0-9a-f]{4}$/)
})

test('a guest gets a token, and stays the same guest with it', async () => {
  const { url } = await start({ guests: true })
  const first = JSON.parse((await post(url, '/api/guest')).body)
  expect(first).toEqual({
    token: expect.any(String),
    user: { id: expect.stringMatching(/^guest-[0-9a-f-]{36}$/), name: expect.stringMatching(/^Guest [0-9a-f]{4}$/) },
    expiresAt: expect.any(Number),
  })
  const again = JSON.parse((await post(url, '/api/guest', { authorization: `Bearer ${first.token}` })).body)
  expect(again.user).toEqual(first.user)
  // Who has no good guest's token is a guest that nobody has seen before.
  for (const token of ['nonsense', await tokenFor('alice'), await tokenFor('echo')]) {
    const fresh = JSON.parse((await post(url, '/api/guest', { authorization: `Bearer ${token}` })).body)
    expect(fresh.user.id).toMatch(/^guest-/)
    expect(fresh.user.id).not.toBe(first.user.id)
  }
})

test('where there are no guests, nobody becomes one', async () => {
  const { url } = await start()
  expect(await post(url, '/api/guest')).toMatchObject({ status: 404, body: expect.stringContaining('access.denied') })
})

test('[C4] what pages of other origins ask for is refused, and those of the list may read what they get', async () => {
  const { url } = await start({ guests: true, origins: ['https://app.example'] })
  const asked = [
    ['GET', '/api/about'],
    ['POST', '/api/guest'],
    ['POST', '/api/ticket'],
    ['OPTIONS', '/api/guest'],
  ] as const
  for (const [method, path] of asked) {
    const foreign = await get(url, path, { method, headers: { origin: 'https://evil.example' } })
    expect(foreign.status).toBe(403)
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined()
    const listed = await get(url, path, { method, headers: { origin: 'https://app.example' } })
    expect(listed.headers).toMatchObject({ 'access-control-allow-origin': 'https://app.example', vary: 'origin' })
    expect(listed.headers['access-control-allow-credentials']).toBeUndefined()
  }
  const preflight = await get(url, '/api/ticket', { method: 'OPTIONS', headers: { origin: 'https://app.example' } })
  expect(preflight).toMatchObject({
    status: 204,
    headers: { 'access-control-allow-headers': 'authorization, content-type, if-none-match, if-range, range' },
  })
})

test('the documents are there to read, as plain text', async () => {
  const { url } = await start()
  for (const path of [
    '/docs/README.md',
    '/docs/PROTOCOL.md',
    '/docs/ARCHITECTURE.md',
    '/docs/guide/agents.md',
    '/docs/decisions/0001-a-room-is-a-log.md',
  ]) {
    const { status, headers, body } = await get(url, path)
    expect([path, status, headers['content-type']]).toEqual([path, 200, 'text/plain; charset=utf-8'])
    expect(body).toMatch(/^#/)
  }
})

test('nothing but the documents is there, however it is asked for', async () => {
  const { url } = await start()
  for (const path of [
    '/docs/',
    '/docs/package.json',
    '/docs/LICENSE',
    '/docs/.gitignore',
    '/docs/readme.md',
    '/docs/packages/server/src/index.ts',
    '/docs/node_modules/fastify/README.md',
    '/docs/docs/guide/agents.md',
    '/docs/guide/',
    '/docs/guide/nothing.md',
    '/docs/../package.json',
    '/docs/../README.md',
    '/docs/..%2fpackage.json',
    '/docs/%2e%2e/package.json',
    '/docs/guide/../../package.json',
    '/docs/guide/..%2f..%2f..%2fpackage.json',
    '/docs/guide/..%2f..%2fREADME.md',
    '/docs/..\\package.json',
    '/docs/README.md%00.txt',
    '/docs//etc/passwd',
    '/docs/%',
    '//docs/README.md',
  ]) {
    const { status, body } = await get(url, path)
    expect([path, status >= 400 && status < 500]).toEqual([path, true])
    expect(body).not.toMatch(/dependencies|root:|\n\s+at /)
  }
})

test('a socket’s address says that it is one', async () => {
  const { url } = await start()
  for (const path of ['/api/ws', '/ws']) {
    const { status, headers, body } = await get(url, `${path}?token=very-secret`)
    expect(status).toBe(426)
    expect(headers).toMatchObject({ upgrade: 'websocket', 'sec-websocket-version': '13' })
    expect(body).not.toContain('very-secret')
    expect((await post(url, path)).status).toBe(404)
  }
})

test('what is not there is not there, in few words', async () => {
  const { url } = await start()
  for (const path of [
    '/nothing',
    '/api/nothing',
    '/api/ws/more',
    '/socket',
    '/healthz/x',
    '/__proto__',
    '/constructor',
  ])
    expect(await get(url, path)).toMatchObject({ status: 404, body: expect.not.stringMatching(/\n\s+at /) })
  const large = await get(url, '/api/ticket', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: 'x'.repeat(100_000),
  })
  expect(large.status).toBe(413)
})

test('every answer tells browsers to be careful', async () => {
  const { url } = await start({ guests: true })
  const answers = [
    await get(url, '/healthz'),
    await get(url, '/api/about'),
    await post(url, '/api/guest'),
    await get(url, '/docs/README.md'),
  ]
  answers.push(await get(url, '/nothing'), await get(url, '/ws'), await post(url, '/api/ticket'))
  for (const { headers } of answers)
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
  const policy = String(answers[0]?.headers['content-security-policy'])
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/script-src[^;]*unsafe|default-src[^;]*unsafe/)
})

test('the web app is served at the root and for every room, its assets for ever, its page afresh', async () => {
  const web = mkdtempSync(join(tmpdir(), 'parley-web-'))
  onTestFinished(() => rmSync(web, { recursive: true }))
  mkdirSync(join(web, 'assets'))
  writeFileSync(join(web, 'index.html'), '<!doctype html><title>Parley</title>')
  writeFileSync(join(web, 'assets', 'app-1a2b.js'), 'export {}')
  const app = fastify()
  onTestFinished(() => app.close())
  await app.register(routes, {
    access: tokenAccess({ reserved: new Set() }),
    chance: systemChance,
    doorkeeper: new Doorkeeper({ origins: undefined, loopback: true }),
    guestSecret: undefined,
    agents: [],
    version: '0.0.0',
    ready: async () => undefined,
    web,
    docs: undefined,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  for (const path of [
    '/',
    '/index.html',
    '/r/lobby',
    '/r/session:0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11',
    '/r/%23general',
  ])
    expect(await get(url, path)).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
      body: expect.stringContaining('<title>Parley'),
    })
  expect(await get(url, '/assets/app-1a2b.js')).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'public, max-age=31536000, immutable' },
  })
  for (const path of ['/assets/none.js', '/../package.json', '/%2e%2e/package.json', '/docs/README.md'])
    expect((await get(url, path)).status).toBe(404)
})
