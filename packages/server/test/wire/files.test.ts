// Files over real sockets and HTTP: what comes back is what was sent, for whom it is meant, and with headers that keep it harmless.
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { type Attachment, writePiece } from '@parley/protocol'
import { describe, expect, test } from 'vitest'
import { Socket, start, tokenFor } from './server.ts'

function sample(name: string): Promise<Buffer> {
  return readFile(new URL(`../files/${name}`, import.meta.url))
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function headers(user: string, more: Record<string, string> = {}): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await tokenFor(user)}`, ...more }
}

/** Uploads over HTTP. */
async function give(url: string, user: string, name: string, bytes: Uint8Array<ArrayBuffer>, room = 'lobby') {
  const query = new URLSearchParams({ room, name })
  return fetch(`${url}/api/attachments?${query}`, { method: 'POST', headers: await headers(user), body: bytes })
}

async function given(url: string, user: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Attachment> {
  const response = await give(url, user, name, bytes)
  expect(response.status, await response.clone().text()).toBe(201)
  const attachment: Attachment = await response.json()
  return attachment
}

/** Posts a message that holds it. */
async function shown(url: string, user: string, ...files: readonly Attachment[]): Promise<Socket> {
  const socket = await Socket.native(url, user)
  await socket.ask({ type: 'join', ref: 'join', room: 'lobby' })
  const parts = files.map((attachment) => ({ type: 'file', attachment }))
  const reply = await socket.ask({ type: 'post', ref: 'post', room: 'lobby', id: `m${files[0]?.id}`, parts })
  expect(reply.problem).toBeUndefined()
  return socket
}

async function take(url: string, user: string, { id }: Pick<Attachment, 'id'>, more: Record<string, string> = {}) {
  return fetch(`${url}/api/attachments/${id}`, { headers: await headers(user, more) })
}

/** Asks for a path as it is written, and reads the raw answer. */
function raw(url: string, path: string, more: Record<string, string>): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: more }, (response) => {
      let body = ''
      response.on('data', (part) => {
        body += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
      .once('error', reject)
      .end()
  })
}

describe('over the socket', () => {
  test('[B1, B4, B8] a file that is sent in pieces comes back byte by byte', async () => {
    const { url } = await start()
    const socket = await Socket.native(url, 'alice')
    await socket.ask({ type: 'join', ref: '1', room: 'lobby' })
    const bytes = Buffer.concat([await sample('picture.png'), randomBytes(700_000)])
    const { answer } = await socket.ask({
      type: 'upload',
      ref: '2',
      room: 'lobby',
      id: 'u',
      name: 'a.png',
      size: bytes.length,
    })
    const { channel, pieceBytes } = answer as { channel: number; pieceBytes: number }
    for (let offset = 0; offset < bytes.length; offset += pieceBytes)
      socket.ws.send(writePiece({ channel, offset, bytes: bytes.subarray(offset, offset + pieceBytes) }))
    const attach = { type: 'attach', ref: '3', room: 'lobby', id: 'u', size: bytes.length, sha256: sha256(bytes) }
    const reply = await socket.ask(attach)
    const attachment = reply.answer?.attachment as Attachment
    expect(attachment).toMatchObject({ mediaType: 'image/png', width: 160, height: 90, size: bytes.length })
    const response = await take(url, 'alice', attachment)
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
  })

  test('[E9] envelopes carry files: begun, sent, committed, posted and told', async () => {
    const { url } = await start()
    const alice = await Socket.envelope(url, 'alice')
    const bob = await Socket.envelope(url, 'bob')
    for (const one of [alice, bob]) {
      one.send({ type: 'joinRoom', payload: { roomId: 'lobby' }, messageId: 'j' })
      await one.next('roomJoined')
    }
    const bytes = await sample('picture.jpg')
    alice.send({ type: 'uploadStart', payload: { roomId: 'lobby', uploadId: 'u', fileName: 'p.jpg' }, messageId: '1' })
    const { payload } = await alice.next('uploadStarted')
    alice.ws.send(writePiece({ channel: Number(payload?.channel), offset: 0, bytes }))
    expect((await alice.next('uploadConfirmed')).payload).toMatchObject({ confirmed: bytes.length })
    const commit = { roomId: 'lobby', uploadId: 'u', size: bytes.length, sha256: sha256(bytes) }
    alice.send({ type: 'uploadCommit', payload: commit, messageId: '2' })
    const committed = (await alice.next('uploadCommitted')).payload
    expect(committed).toMatchObject({ uploadId: 'u', fileName: 'p.jpg', mediaType: 'image/jpeg', width: 160 })
    const metadata = { type: 'image', fileUrl: committed?.fileUrl, mood: 'fine' }
    alice.send({ type: 'message', payload: { roomId: 'lobby', content: '', metadata }, messageId: 'm' })
    await alice.next('messageReceived')
    const told = await bob.next('message')
    expect(told.payload).toMatchObject({
      content: '',
      metadata: { type: 'image', fileUrl: committed?.fileUrl, fileName: 'p.jpg', size: bytes.length, mood: 'fine' },
    })
  })

  test.each([
    'http://evil.example/x.png',
    'javascript:alert(1)',
    'file:///etc/passwd',
    '/api/attachments/no-such-file',
    '/api/attachments/../../healthz',
    'http://169.254.169.254/latest/meta-data',
  ])('[E9] the fileUrl %s is none of one’s own', async (fileUrl) => {
    const { url } = await start()
    const alice = await Socket.envelope(url, 'alice')
    alice.send({ type: 'joinRoom', payload: { roomId: 'lobby' }, messageId: 'j' })
    await alice.next('roomJoined')
    const metadata = { type: 'file', fileUrl, fileName: 'x' }
    alice.send({ type: 'message', payload: { roomId: 'lobby', content: 'look', metadata }, messageId: 'm' })
    const error = await alice.next('error')
    expect(['4002', '4022']).toContain(error.payload?.code)
  })
})

describe('over HTTP', () => {
  test('[B12] a file is posted in one go, again without harm, and not as another', async () => {
    const { url } = await start()
    const bytes = new Uint8Array(await sample('page.pdf'))
    const query = `room=lobby&name=page.pdf&id=once&sha256=${sha256(bytes)}`
    const post = async (body: Uint8Array<ArrayBuffer>, search = query) =>
      fetch(`${url}/api/attachments?${search}`, { method: 'POST', headers: await headers('alice'), body })
    const first = await post(bytes)
    const attachment = await first.json()
    expect([first.status, first.headers.get('location')]).toEqual([201, `/api/attachments/${attachment.id}`])
    expect(attachment).toMatchObject({ name: 'page.pdf', mediaType: 'application/pdf', size: bytes.length })
    expect(await (await post(bytes)).json()).toEqual(attachment)
    expect((await post(new Uint8Array([1, 2, 3]))).status).toBe(409)
    expect((await post(bytes, 'room=lobby&name=page.pdf&id=other&sha256='.concat('0'.repeat(64)))).status).toBe(422)
  })

  test('[B12] who may not, what is not named, and what is too large or not taken', async () => {
    const { url } = await start({ limits: { attachmentBytes: 10_000 } })
    const bytes = new Uint8Array(await sample('picture.png'))
    const path = `${url}/api/attachments`
    expect((await fetch(`${path}?room=lobby&name=x`, { method: 'POST', body: bytes })).status).toBe(401)
    const badToken = { authorization: 'Bearer nonsense' }
    expect((await fetch(`${path}?room=lobby&name=x`, { method: 'POST', headers: badToken, body: bytes })).status).toBe(
      401,
    )
    expect((await give(url, 'alice', '../x', bytes)).status).toBe(400)
    expect((await give(url, 'alice', 'x', bytes, 'not a room')).status).toBe(400)
    const reader = await tokenFor('rita', { rooms: [{ room: 'lobby', can: ['read'] }] })
    const denied = { method: 'POST', headers: { authorization: `Bearer ${reader}` }, body: bytes }
    expect((await fetch(`${path}?room=lobby&name=x`, denied)).status).toBe(403)
    expect((await give(url, 'alice', 'x', new Uint8Array(20_000).fill(65))).status).toBe(413)
    const program = new Uint8Array(5_000)
    program.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
    expect((await give(url, 'alice', 'harmless.png', program)).status).toBe(415)
  })

  test('[B8] a part of a file, what is known already, and only its headers', async () => {
    const { url } = await start()
    const bytes = new Uint8Array(await sample('tone.mp3'))
    const attachment = await given(url, 'alice', 'tone.mp3', bytes)
    const etag = `"${attachment.sha256}"`
    const whole = await take(url, 'alice', attachment)
    expect([whole.status, whole.headers.get('etag'), whole.headers.get('accept-ranges')]).toEqual([200, etag, 'bytes'])
    const part = await take(url, 'alice', attachment, { range: 'bytes=10-19' })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`])
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(10, 20))
    const tail = await take(url, 'alice', attachment, { range: 'bytes=-5' })
    expect(new Uint8Array(await tail.arrayBuffer())).toEqual(bytes.slice(-5))
    const beyond = await take(url, 'alice', attachment, { range: 'bytes=999999-' })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`])
    const several = await take(url, 'alice', attachment, { range: 'bytes=0-1,5-6' })
    expect(several.status).toBe(200)
    const changed = await take(url, 'alice', attachment, { range: 'bytes=0-1', 'if-range': '"another"' })
    expect(changed.status).toBe(200)
    expect((await take(url, 'alice', attachment, { 'if-none-match': etag })).status).toBe(304)
    const head = await fetch(`${url}/api/attachments/${attachment.id}`, {
      method: 'HEAD',
      headers: await headers('alice'),
    })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)])
  })

  test('[B8] who may have it, and that everybody else hears the same', async () => {
    const { url } = await start()
    const attachment = await given(url, 'alice', 'x.txt', new TextEncoder().encode('words'))
    const path = `${url}/api/attachments/${attachment.id}`
    expect((await fetch(path)).status).toBe(401)
    const before = await take(url, 'bob', attachment)
    const nothing = await take(url, 'bob', { id: 'no-such-file' })
    expect([before.status, nothing.status]).toEqual([404, 404])
    const [one, other] = [await before.json(), await nothing.json()]
    expect([one.code, one.message.replace(attachment.id, 'X')]).toEqual([
      other.code,
      other.message.replace('no-such-file', 'X'),
    ])
    await shown(url, 'alice', attachment)
    expect(await (await take(url, 'bob', attachment)).text()).toBe('words')
    const elsewhere = await tokenFor('carol', { rooms: ['other'] })
    expect((await fetch(path, { headers: { authorization: `Bearer ${elsewhere}` } })).status).toBe(404)
  })

  test('[B9] a link needs no token, is its user’s, and cannot be bent', async () => {
    const { url } = await start()
    const attachment = await given(url, 'alice', 'picture.png', new Uint8Array(await sample('picture.png')))
    const other = await given(url, 'alice', 'x.txt', new TextEncoder().encode('words'))
    const socket = await shown(url, 'alice', attachment, other)
    const reply = await socket.ask({ type: 'link', ref: 'l', attachment: attachment.id })
    const link = String(reply.answer?.url)
    const shownThere = await fetch(url + link)
    expect([shownThere.status, shownThere.headers.get('content-type')]).toEqual([200, 'image/png'])
    const small = await fetch(`${url}${link}&thumbnail`)
    expect([small.status, small.headers.get('content-type')]).toEqual([200, 'image/webp'])
    const again = await fetch(`${url}${link}&thumbnail`, {
      headers: { 'if-none-match': small.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
    expect((await fetch(url + link.replace(attachment.id, other.id))).status).toBe(401)
    expect((await fetch(`${url}${link}x`)).status).toBe(401)
  })

  test('[B10] a removed message takes its file along at once', async () => {
    const { url } = await start()
    const attachment = await given(url, 'alice', 'x.txt', new TextEncoder().encode('words'))
    const socket = await shown(url, 'alice', attachment)
    const link = String((await socket.ask({ type: 'link', ref: 'l', attachment: attachment.id })).answer?.url)
    await socket.ask({ type: 'redact', ref: 'r', room: 'lobby', id: 'r', message: `alice/m${attachment.id}` })
    expect((await take(url, 'alice', attachment)).status).toBe(404)
    expect((await fetch(url + link)).status).toBe(404)
  })

  test('what a browser gets can do nothing there', async () => {
    const { url } = await start()
    const page = '<script>alert(1)</script>'
    const evil = await given(url, 'alice', 'page.html', new TextEncoder().encode(page))
    const response = await take(url, 'alice', evil)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename=page.html')
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/u)
    const pdf = await given(url, 'alice', 'a.pdf', new Uint8Array(await sample('page.pdf')))
    const saved = await take(url, 'alice', pdf)
    expect(saved.headers.get('content-type')).toBe('application/octet-stream')
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment/u)
    const image = await given(url, 'alice', 'naïve "quoted"; 🎂.png', new Uint8Array(await sample('picture.png')))
    const inline = (await take(url, 'alice', image)).headers.get('content-disposition')
    expect(inline).toMatch(/^inline; filename=".*"; filename\*=UTF-8''na%C3%AFve/u)
  })

  test('paths and names lead nowhere else', async () => {
    const { url } = await start()
    const bearer = await headers('alice')
    for (const path of [
      '/api/attachments/..%2f..%2fetc%2fpasswd',
      '/api/attachments/../../../../etc/passwd',
      '/api/attachments/%00',
      '/api/attachments/%ff',
      '/api/attachments/__proto__',
      `/api/attachments/${'x'.repeat(5_000)}`,
    ]) {
      const { status, body } = await raw(url, path, bearer)
      expect([400, 404, 414], `${path}: ${status}`).toContain(status)
      expect(body).not.toContain('root:')
    }
  })

  test('pages of other origins may neither read nor write', async () => {
    const { url } = await start()
    const evil = { origin: 'https://evil.example' }
    const attachment = await given(url, 'alice', 'x.txt', new TextEncoder().encode('words'))
    expect((await take(url, 'alice', attachment, evil)).status).toBe(403)
    const post = { method: 'POST', headers: await headers('alice', evil), body: 'x' }
    expect((await fetch(`${url}/api/attachments?room=lobby&name=x`, post)).status).toBe(403)
  })

  test('a body that ends early leaves nothing behind, and the server goes on', async () => {
    const { url, parley } = await start()
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const { authorization } = await headers('alice')
    socket.write(
      `POST /api/attachments?room=lobby&name=x&id=u HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n`,
    )
    socket.write('content-length: 1000\r\n\r\nonly so much')
    await expect.poll(() => parley.files?.uploads.count).toBe(1)
    socket.destroy()
    await expect.poll(() => parley.files?.uploads.count).toBe(0)
    expect((await give(url, 'alice', 'x', new TextEncoder().encode('words'))).status).toBe(201)
  })

  test('a server without files says so', async () => {
    const { url } = await start({ files: 'none' })
    expect((await give(url, 'alice', 'x', new Uint8Array([65]))).status).toBe(404)
    const socket = await Socket.native(url, 'alice')
    await socket.ask({ type: 'join', ref: '1', room: 'lobby' })
    const reply = await socket.ask({ type: 'upload', ref: '2', room: 'lobby', id: 'u', name: 'x' })
    expect(reply.problem?.code).toBe('attachment.type')
  })

  test('too many requests are told to wait', async () => {
    const { url } = await start({ limits: { userRate: 10 } })
    const attachment = await given(url, 'alice', 'x', new TextEncoder().encode('words'))
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => (await take(url, 'alice', attachment)).status),
    )
    expect(statuses).toContain(429)
    const answer = await take(url, 'alice', attachment)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})
