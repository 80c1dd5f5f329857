import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { systemChance } from '../../src/adapters/system-clock.ts'
import { tokenAccess } from '../../src/adapters/token-access.ts'
import { Doorkeeper } from '../../src/doorkeeper.ts'
import { routes } from '../../src/routes.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
const DOCUMENTS = [
  '/docs/PROTOCOL.md',
  '/docs/performance.md',
  '/docs/guide/agents.md',
  '/docs/decisions/0001-a-start.md',
]

/** A server with three documents, and with a web app if asked for; its address. */
async function serve({ app }: { readonly app: boolean }): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const below of ['web', 'docs/guide', 'docs/decisions', 'docs/charts'])
    mkdirSync(join(folder, below), { recursive: true })
  writeFileSync(join(folder, 'web', 'index.html'), '<!doctype html><title>Parley</title>')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'docs/charts/a.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  for (const file of ['PROTOCOL.md', 'docs/performance.md', 'docs/guide/agents.md', 'docs/decisions/0001-a-start.md'])
    writeFileSync(join(folder, file), '# A title\n')
  const server = fastify()
  onTestFinished(() => server.close())
  await server.register(routes, {
    access: tokenAccess({ reserved: new Set() }),
    chance: systemChance,
    doorkeeper: new Doorkeeper({ origins: undefined, loopback: true }),
    guestSecret: undefined,
    agents: [],
    version: '0.0.0',
    ready: async () => undefined,
    web: app ? join(folder, 'web') : undefined,
    docs: folder,
  })
  return server.listen({ host: '127.0.0.1', port: 0 })
}

async function get(url: string, accept: string, method = 'GET') {
  const response = await fetch(url, { method, headers: { accept } })
  const { status, headers } = response
  return { status, type: headers.get('content-type'), vary: headers.get('vary'), body: await response.text() }
}

const page = { status: 200, type: 'text/html; charset=utf-8', vary: expect.stringMatching(/^Accept(?:,|$)/) }
const text = { status: 200, type: 'text/plain; charset=utf-8', vary: 'Accept' }

test('a browser that opens a document gets the web app, which shows it', async () => {
  const url = await serve({ app: true })
  for (const path of [...DOCUMENTS, '/docs/PROTOCOL.md?from=guide'])
    expect(await get(url + path, BROWSER)).toEqual({ ...page, body: '<!doctype html><title>Parley</title>' })
  expect(await get(`${url}/docs/PROTOCOL.md`, BROWSER, 'HEAD')).toEqual({ ...page, body: '' })
})

test('everybody else gets the document itself, as plain text', async () => {
  const url = await serve({ app: true })
  for (const path of DOCUMENTS)
    for (const accept of ['*/*', 'text/plain', 'text/markdown', 'text/markdown, text/html, */*'])
      expect([accept, await get(url + path, accept)]).toEqual([accept, { ...text, body: '# A title\n' }])
})

test('without a web app a browser gets the text, too', async () => {
  const url = await serve({ app: false })
  expect(await get(`${url}/docs/PROTOCOL.md`, BROWSER)).toEqual({ ...text, vary: null, body: '# A title\n' })
})

test('a document that is not there is missing as text; the web app says so to a browser', async () => {
  const url = await serve({ app: true })
  expect(await get(`${url}/docs/guide/nothing.md`, 'text/markdown')).toMatchObject({ status: 404, vary: 'Accept' })
  expect(await get(`${url}/docs/guide/nothing.md`, BROWSER)).toMatchObject(page)
})

test('the web app opens for nothing but documents', async () => {
  const url = await serve({ app: true })
  for (const path of ['', 'secret.txt', 'readme.md', 'other/agents.md', 'guide/', 'guide/..%2f..%2fsecret.txt']) {
    const { status, body } = await get(`${url}/docs/${path}`, BROWSER)
    expect([path, status >= 400 && status < 500]).toEqual([path, true])
    expect(body).not.toMatch(/secret$|<title>/)
  }
})

test('pictures of the documents are pictures, for everybody', async () => {
  const url = await serve({ app: true })
  for (const accept of [BROWSER, 'image/*'])
    expect(await get(`${url}/docs/charts/a.svg`, accept)).toMatchObject({ status: 200, type: 'image/svg+xml' })
  expect((await get(`${url}/docs/charts/b.svg`, '*/*')).status).toBe(404)
})
