import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { fetchWith } from '../src/fetch.ts'
import { selfSigned } from './certificate.ts'

/** A server that answers so; resolves with where it is, and what to trust. */
async function answering(answer: RequestListener, secure = true) {
  const { cert, key } = selfSigned()
  const server = secure ? createHttpsServer({ cert, key }, answer) : createHttpServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}/file`, ca: cert }
}

test('without headers and TLS options it is the platform’s own', () => {
  expect(fetchWith({ headers: {} })).toBe(fetch)
  expect(fetchWith({ headers: {}, insecure: false })).toBe(fetch)
})

test('a certificate is trusted where it is named, or all are, and not else', async () => {
  const { url, ca } = await answering((_, response) => response.end('here'))
  const body = async (get: typeof fetch) => (await get(url)).text()
  expect(await body(fetchWith({ headers: {}, ca }))).toBe('here')
  expect(await body(fetchWith({ headers: {}, insecure: true }))).toBe('here')
  await expect(body(fetchWith({ headers: { 'x-tenant': 'acme' } }))).rejects.toThrow('self-signed certificate')
  await expect(body(fetchWith({ headers: {}, ca: selfSigned().cert }))).rejects.toThrow('certificate')
})

test('headers are those of the connection and of the request, which wins', async () => {
  const { url } = await answering((request, response) => response.end(JSON.stringify(request.headers)), false)
  const get = fetchWith({ headers: { 'X-Tenant': 'acme', Authorization: 'Basic eA==' } })
  const response = await get(url, { headers: { authorization: 'Bearer t', range: 'bytes=5-' } })
  expect(await response.json()).toMatchObject({ 'x-tenant': 'acme', authorization: 'Bearer t', range: 'bytes=5-' })
})

test('what is answered is answered: status, headers, and a body where there is one', async () => {
  const { url, ca } = await answering((request, response) => {
    const status = Number(request.headers['x-status'])
    response.writeHead(status, { etag: '"x"', 'set-cookie': ['a=1', 'b=2'] }).end(status === 304 ? undefined : 'body')
  })
  const get = fetchWith({ headers: {}, ca })
  for (const status of [200, 206, 404, 503]) {
    const response = await get(url, { headers: { 'x-status': `${status}` } })
    expect([response.status, response.ok, await response.text()]).toEqual([status, status < 300, 'body'])
  }
  const known = await get(url, { headers: { 'x-status': '304' } })
  expect([known.status, known.body, known.headers.get('etag')]).toEqual([304, null, '"x"'])
  expect(known.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  const head = await get(url, { method: 'HEAD', headers: { 'x-status': '200' } })
  expect([head.status, head.body]).toEqual([200, null])
})

test('a body comes as it is sent, and the server is let go of when it is not wanted any more', async () => {
  const gone = Promise.withResolvers<void>()
  const { url, ca } = await answering((_, response) => {
    response.once('close', gone.resolve)
    response.write('one')
  })
  const response = await fetchWith({ headers: {}, ca })(url)
  const reader = response.body?.getReader()
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('one')
  await reader?.cancel()
  await gone.promise
})

test('a request can be given up before it is answered, and in the middle of the answer', async () => {
  const asked = Promise.withResolvers<IncomingMessage>()
  const { url, ca } = await answering((request, response) => {
    if (request.url === '/silent') asked.resolve(request)
    else response.write('one')
  })
  const get = fetchWith({ headers: {}, ca })
  const early = new AbortController()
  const waiting = get(url.replace('file', 'silent'), { signal: early.signal })
  await asked.promise
  early.abort()
  await expect(waiting).rejects.toThrow('abort')
  const late = new AbortController()
  const response = await get(url, { signal: late.signal })
  late.abort()
  await expect(response.text()).rejects.toThrow()
})

test('an answer that breaks off is an error, and so is a server that is not there', async () => {
  const { url, ca } = await answering((_, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('one', () => response.destroy())
  })
  const get = fetchWith({ headers: {}, ca })
  await expect((await get(url)).text()).rejects.toThrow()
  await expect(get('https://127.0.0.1:1/file')).rejects.toThrow('ECONNREFUSED')
})
