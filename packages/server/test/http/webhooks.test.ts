import { readFile, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Event, type RoomId, textOf } from '@parley/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { configFromEnv, SettingError } from '../../src/options.ts'
import { tempFolder } from '../sqlite/folder.ts'
import { eventually, Socket, start } from '../wire/server.ts'

const secret = 'a secret of some length'

interface Got {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly told: { readonly room: RoomId; readonly epoch: string; readonly events: readonly Event[] }
}

/** Somebody else's server. */
async function receiver() {
  const got: Got[] = []
  const here = {
    got,
    url: '',
    /** A status; undefined: no answer at all. */
    answer: (_: Got): number | undefined => 200,
    texts: (room = 'lobby') => got.filter(({ told }) => told.room === room).flatMap(({ told }) => textsOf(told.events)),
  }
  const server = createHttpServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const one = { path: request.url ?? '', headers: request.headers, body, told: JSON.parse(body) }
    got.push(one)
    const status = here.answer(one)
    if (status !== undefined) response.writeHead(status, { location: `${here.url}/elsewhere` }).end('thanks')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  here.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return here
}

function textsOf(events: readonly Event[]): string[] {
  return events.map(({ fact }) => ('parts' in fact ? textOf(fact.parts) : fact.type))
}

test('another server is told by a request that it can check', async () => {
  const { got, url } = await receiver()
  const { parley } = await start({ webhooks: [{ url: `${url}/in?key=1`, secret }] })
  const { position } = await parley.as({ id: 'alice' }).post('lobby', 'hello — 你好')
  await eventually(() => got).toHaveLength(1)
  const [request] = got
  expect(request?.path).toBe('/in?key=1')
  expect(request?.told).toMatchObject({ room: 'lobby', epoch: position.epoch, events: [{ seq: position.seq }] })
  expect(request?.headers['content-type']).toBe('application/json')
  expect(request?.headers['parley-delivery']).toBe(`lobby:${position.epoch}:${position.seq}`)
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['parley-signature'])) ?? []
  const bytes = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', bytes.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ])
  const signed = bytes.encode(`${t}.${request?.body}`)
  expect(await crypto.subtle.verify('HMAC', key, Buffer.from(v1 ?? '', 'hex'), signed)).toBe(true)
  expect(Math.abs(Date.now() / 1000 - Number(t))).toBeLessThan(60)
})

test('the guide’s way to check a signature takes what is genuine and fresh, and nothing else', async () => {
  const guide = await readFile(new URL('../../../../docs/guide/server-api.md', import.meta.url), 'utf8')
  const [, snippet = ''] = /```js\n(.*?)```/su.exec(guide) ?? []
  const file = join(await tempFolder(), 'check.mjs')
  await writeFile(file, snippet)
  const { isFromParley } = await import(pathToFileURL(file).href)

  const { got, url } = await receiver()
  const { parley } = await start({ webhooks: [{ url, secret }] })
  await parley.as({ id: 'alice' }).post('lobby', 'hello — 你好')
  await eventually(() => got).toHaveLength(1)
  const { body = '', headers } = got[0] ?? {}
  const signature = headers?.['parley-signature']
  expect(isFromParley(signature, body, secret)).toBe(true)
  expect(isFromParley(signature, body, `${secret}!`)).toBe(false)
  expect(isFromParley(signature, body.replace('hello', 'hullo'), secret)).toBe(false)
  expect(isFromParley(signature, body, secret, Date.now() + 600_000)).toBe(false)
  expect(isFromParley(undefined, body, secret)).toBe(false)
  expect(isFromParley('t=1,v1=00', body, secret)).toBe(false)
})

test('a server that failed is told again, first of what it missed', async () => {
  const there = await receiver()
  there.answer = () => (there.got.length === 1 ? 500 : 200)
  const { parley } = await start({ webhooks: [{ url: there.url, secret }] })
  const alice = parley.as({ id: 'alice' })
  await alice.post('lobby', 'one')
  await eventually(() => there.texts()).toEqual(['one'])
  await alice.post('lobby', 'two')
  await eventually(() => there.texts().slice(1)).toEqual(['one', 'two'])
})

test('a redirect is not followed, and a refusal is not repeated', async () => {
  const there = await receiver()
  there.answer = ({ told }) => (textsOf(told.events).includes('moved') ? 307 : 410)
  const { parley } = await start({ webhooks: [{ url: `${there.url}/in`, secret }] })
  const alice = parley.as({ id: 'alice' })
  await alice.post('lobby', 'moved')
  await eventually(() => there.got).toHaveLength(1)
  await alice.post('lobby', 'gone')
  await eventually(() => there.got).toHaveLength(2)
  await alice.post('lobby', 'after')
  await eventually(() => there.texts()).toEqual(['moved', 'gone', 'after'])
  expect(new Set(there.got.map(({ path }) => path))).toEqual(new Set(['/in']))
})

test('a server that is down when this one stops is told by the next, also of sessions', async () => {
  const data = await tempFolder()
  const session = 'session:0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11'
  const there = await receiver()
  const options = { data, log: 'sqlite', agent: 'none', webhooks: [{ url: there.url, secret }] } as const
  const first = await start(options)
  await first.parley.as({ id: 'alice' }).post('lobby', 'told')
  await eventually(() => there.texts()).toEqual(['told'])
  there.answer = () => 503
  await first.parley.as({ id: 'alice' }).post('lobby', 'missed')
  await first.parley.as({ id: 'alice' }).post(session, 'missed here')
  await eventually(() => there.texts(session).length).toBeGreaterThan(0)
  await first.close(0)

  there.got.length = 0
  there.answer = () => 200
  const second = await start(options)
  await eventually(() => there.texts(session)).toEqual(['missed here'])
  await eventually(() => there.texts()).toEqual(['missed'])
  await second.parley.as({ id: 'alice' }).post('lobby', 'new')
  await eventually(() => there.texts()).toEqual(['missed', 'new'])
})

test('a hook that hangs holds up neither rooms nor other hooks nor the end of the server', async () => {
  const hanging = await receiver()
  hanging.answer = () => undefined
  const well = await receiver()
  const { parley, close } = await start({
    webhooks: [
      { url: hanging.url, secret },
      { url: 'http://127.0.0.1:1/nobody', secret },
      { url: well.url, secret },
    ],
  })
  const texts = Array.from({ length: 50 }, (_, index) => `${index}`)
  for (const text of texts) await parley.as({ id: 'alice' }).post('lobby', text)
  await eventually(() => well.texts()).toEqual(texts)
  expect(hanging.got).toHaveLength(1)
  await close(0)
})

test('what is said last is told before the server ends', async () => {
  const there = await receiver()
  const server = await start({ webhooks: [{ url: there.url, secret }] })
  await server.parley.as({ id: 'alice' }).post('lobby', 'goodbye')
  await server.close(0)
  expect(there.texts()).toEqual(['goodbye'])
})

test('how far a hook was told is nothing that people see', async () => {
  const there = await receiver()
  const server = await start({ webhooks: [{ url: there.url, secret }] })
  await server.parley.as({ id: 'alice' }).post('lobby', 'hello')
  await eventually(() => there.texts()).toEqual(['hello'])
  const bob = await Socket.native(server.url, 'bob')
  const rooms = await bob.ask({ type: 'rooms', ref: '1' })
  expect(rooms.answer?.rooms).toMatchObject([{ room: 'lobby' }])
  await bob.ask({ type: 'join', ref: '2', room: 'lobby' })
  const members = await bob.ask({ type: 'members', ref: '3', room: 'lobby' })
  await bob.ask({ type: 'read', ref: '4', room: 'lobby', seq: 1 })
  await eventually(() => JSON.stringify(bob.inbox)).toContain('"type":"read"')
  expect(JSON.stringify([members, bob.inbox])).not.toContain('webhook')
})

test('one webhook can be set by the environment', () => {
  const env = { PARLEY_WEBHOOK_URL: 'https://hooks.example/in', PARLEY_WEBHOOK_SECRET: secret }
  const place = { url: 'https://hooks.example/in', secret }
  expect(configFromEnv(env)).toEqual({ webhooks: [place] })
  expect(configFromEnv({ ...env, PARLEY_WEBHOOK_EVENTS: 'run.ended, task.set' })).toEqual({
    webhooks: [{ ...place, events: ['run.ended', 'task.set'] }],
  })
})

test('half a webhook, and one for events that are none, are refused with the name of the setting', () => {
  const url = 'https://hooks.example/in'
  const wrong = [
    { PARLEY_WEBHOOK_URL: url },
    { PARLEY_WEBHOOK_SECRET: secret },
    { PARLEY_WEBHOOK_EVENTS: 'run.ended' },
    { PARLEY_WEBHOOK_URL: url, PARLEY_WEBHOOK_SECRET: secret, PARLEY_WEBHOOK_EVENTS: 'run.ended,message.grew' },
  ]
  for (const env of wrong) {
    expect(() => configFromEnv(env)).toThrow(SettingError)
    expect(() => configFromEnv(env)).toThrow(/PARLEY_WEBHOOK_/u)
  }
})

test('a server with a webhook that cannot work does not start', async () => {
  await expect(start({ webhooks: [{ url: 'hooks.example', secret }] })).rejects.toThrow(SettingError)
})
