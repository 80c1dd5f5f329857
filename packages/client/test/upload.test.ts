// How fast a file goes, where its bytes come from, and how it is had again.
import { createHash } from 'node:crypto'
import type { Attachment } from '@parley/protocol'
import { Refusal } from '@parley/protocol'
import { describe, expect, test } from 'vitest'
import { standardBackoff } from '../src/backoff.ts'
import { Files } from '../src/files.ts'
import { httpBase } from '../src/options.ts'
import { digestOf, hasher } from '../src/upload-hash.ts'
import { confirmed, firstPace, type Pace, pieceOf } from '../src/upload-pace.ts'
import { sourceOf } from '../src/upload-source.ts'
import { Time } from './time.ts'

describe('the pace of an upload', () => {
  const WINDOW = 2 * 1024 * 1024

  /** Sends over a line of so many bytes a millisecond, `farMs` away, for so long; the pace at the end, and the longest queue. */
  function along(bytesPerMs: number, farMs: number, forMs: number): { pace: Pace; queueMs: number } {
    let pace = firstPace
    let [now, free, queueMs, way] = [0, 0, 0, 0]
    const flying: { bytes: number; sentAt: number; backAt: number }[] = []
    while (now < forMs) {
      while (way + pieceOf(pace, 131_072) <= Math.min(pace.allowance, WINDOW) || way === 0) {
        const bytes = pieceOf(pace, 131_072)
        free = Math.max(free, now) + bytes / bytesPerMs
        if (now > forMs / 2) queueMs = Math.max(queueMs, free - now)
        flying.push({ bytes, sentAt: now, backAt: free + farMs })
        way += bytes
      }
      const next = flying.shift()
      if (next === undefined) break
      now = next.backAt
      way -= next.bytes
      pace = confirmed(pace, next.bytes, now - next.sentAt, now, WINDOW)
    }
    return { pace, queueMs }
  }

  test('fills a fast line up to the window', () => {
    expect(along(1_000_000, 1, 1_000).pace.allowance).toBe(WINDOW)
  })

  test('fills a fast line that is far away', () => {
    expect(along(20_000, 100, 10_000).pace.allowance).toBe(WINDOW)
  })

  test.each([
    [125, 20],
    [125, 150],
    [1_250, 20],
    [12, 50],
  ])('leaves no long queue before a line of %i bytes/ms, %i ms away', (bytesPerMs, farMs) => {
    const { pace, queueMs } = along(bytesPerMs, farMs, 60_000)
    expect(queueMs).toBeLessThan(Math.max(700, (pieceOf(pace, 131_072) / bytesPerMs) * 3))
    // And uses it all the same.
    expect(pace.allowance / (farMs + queueMs)).toBeGreaterThan(bytesPerMs * 0.4)
  })

  test('never stops', () => {
    let pace = firstPace
    for (let now = 0; now < 1_000_000; now += 1_000) pace = confirmed(pace, 1, 900 + now, now, WINDOW)
    expect(pace.allowance).toBeGreaterThanOrEqual(8 * 1024)
    expect(pieceOf(pace, 131_072)).toBeGreaterThan(0)
  })
})

describe('a source', () => {
  const bytes = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251)
  async function* stream() {
    for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700)
  }
  const kinds = {
    bytes: () => bytes,
    'a buffer': () => bytes.buffer,
    'a blob': () => new Blob([bytes]),
    'a generator': () => stream(),
    'a stream': () => new Blob([bytes]).stream(),
  }

  test.each(Object.entries(kinds))('may be %s', async (_, make) => {
    const source = sourceOf(make())
    const read: number[] = []
    for (;;) {
      const piece = await source.read(read.length, 512)
      if (piece.length === 0) break
      expect(piece.length).toBeLessThanOrEqual(512)
      read.push(...piece)
    }
    expect(Uint8Array.from(read)).toEqual(bytes)
    source.close()
  })

  test('that is a stream can be read again from what was not released, and not from before', async () => {
    const source = sourceOf(stream())
    expect(source.size).toBeUndefined()
    await source.read(1_500, 10)
    source.release(1_400)
    expect(await source.read(1_400, 5)).toEqual(bytes.subarray(1_400, 1_405))
    expect(await source.read(2_100, 5)).toEqual(bytes.subarray(2_100, 2_105))
    await expect(source.read(0, 5)).rejects.toThrow('cannot be read again')
  })

  test('that is a stream is let go of', async () => {
    let ended = false
    async function* endless() {
      try {
        for (;;) yield bytes
      } finally {
        ended = true
      }
    }
    const source = sourceOf(endless())
    await source.read(0, 10)
    source.close()
    await expect.poll(() => ended).toBe(true)
  })
})

test('a hash is the same however it is made', () => {
  const hash = hasher()
  for (const word of ['one ', 'two']) hash.update(new TextEncoder().encode(word))
  expect(hash.digest()).toBe(createHash('sha256').update('one two').digest('hex'))
  expect(digestOf('one two')).toBe(createHash('sha256').update('one two').digest('hex'))
})

test.each([
  ['ws://a.test/api/ws', 'http://a.test'],
  ['wss://a.test:8443/api/ws', 'https://a.test:8443'],
  ['wss://a.test/chat/api/ws?x=1', 'https://a.test/chat'],
  ['ws://a.test/', 'http://a.test'],
])('files of the server at %s are under %s', (socket, base) => {
  expect(httpBase(socket)).toBe(base)
})

describe('a download', () => {
  const content = new TextEncoder().encode('the whole content of a file')
  const attachment: Attachment = {
    id: 'f',
    name: 'f.txt',
    mediaType: 'text/plain',
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }

  /** A server that answers one request after the other like this; the last goes on for ever. */
  function files(...answers: ((from: number) => Response | Error)[]) {
    const time = new Time()
    const asked: { url: string; headers: Record<string, string> }[] = []
    const it = new Files({
      base: 'http://parley.test',
      token: () => 'a-token',
      clock: time,
      chance: { float: () => 0, uuid: () => 'id' },
      backoff: standardBackoff,
      request: async (command) => {
        if (command.type !== 'link') throw new Error('only links are asked for')
        asked.push({ url: command.attachment, headers: {} })
        return {
          type: 'link',
          attachment: 'f',
          url: `/api/attachments/f?link=${asked.length}`,
          expiresAt: time.now() + 300_000,
        }
      },
      fetch: async (input, init) => {
        const headers = init?.headers as Record<string, string>
        const from = Number(/bytes=(\d+)-/u.exec(headers.range ?? '')?.[1] ?? 0)
        const answer = answers[Math.min(asked.length, answers.length - 1)]
        asked.push({ url: String(input), headers })
        const given = answer?.(from) ?? new Error('nobody answers')
        if (given instanceof Error) throw given
        return given
      },
    })
    return { time, asked, it }
  }

  const all = (from: number): Response => new Response(content.subarray(from), { status: from === 0 ? 200 : 206 })
  /** Breaks off after so many bytes. */
  const some = (count: number) => (from: number) =>
    new Response(content.subarray(from, from + count), { status: from === 0 ? 200 : 206 })

  async function read(time: Time, stream: ReadableStream<Uint8Array>): Promise<string> {
    const reading = Array.fromAsync(stream).then((pieces) => Buffer.concat(pieces).toString())
    let done = false
    reading.then(
      () => (done = true),
      () => (done = true),
    )
    while (!done) await time.pass(100)
    return reading
  }

  test('proves who asks, and is the file', async () => {
    const { time, asked, it } = files(all)
    expect(await read(time, it.download(attachment, {}))).toBe('the whole content of a file')
    expect(asked).toEqual([
      { url: 'http://parley.test/api/attachments/f', headers: { authorization: 'Bearer a-token' } },
    ])
  })

  test('goes on where it broke off, and asks only for the rest of the same file', async () => {
    const { time, asked, it } = files(some(5), () => new Error('no network'), some(4), all)
    expect(await read(time, it.download(attachment, {}))).toBe('the whole content of a file')
    expect(asked.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=5-', 'bytes=5-', 'bytes=9-'])
    expect(asked[1]?.headers['if-range']).toBe(`"${attachment.sha256}"`)
  })

  test('of something else is no file', async () => {
    const { time, it } = files(() => new Response(content.map((byte) => byte ^ 1)))
    await expect(read(time, it.download(attachment, {}))).rejects.toMatchObject({
      problem: { code: 'upload.mismatch' },
    })
  })

  test('that is not given is refused at once', async () => {
    const { time, asked, it } = files(() => new Response('{}', { status: 404 }))
    await expect(read(time, it.download(attachment, {}))).rejects.toThrow(Refusal)
    expect(asked).toHaveLength(1)
  })

  test('that never comes ends some time', async () => {
    const { time, asked, it } = files(() => new Response('', { status: 503 }))
    await expect(read(time, it.download(attachment, {}))).rejects.toThrow('503')
    expect(asked).toHaveLength(6)
  })

  test('of nothing needs nobody', async () => {
    const { time, asked, it } = files(all)
    const empty = { ...attachment, size: 0, sha256: createHash('sha256').digest('hex') }
    expect(await read(time, it.download(empty, {}))).toBe('')
    expect(asked).toEqual([])
  })

  test('links are asked for once, and anew before they end', async () => {
    const { time, asked, it } = files(all)
    const [one, other] = await Promise.all([it.urlOf('f', {}), it.urlOf('f', { thumbnail: true })])
    expect([one, other]).toEqual([
      'http://parley.test/api/attachments/f?link=1',
      'http://parley.test/api/attachments/f?link=1&thumbnail',
    ])
    await time.pass(200_000)
    expect(await it.urlOf('f', {})).toBe(one)
    await time.pass(60_000)
    expect(await it.urlOf('f', {})).toBe('http://parley.test/api/attachments/f?link=2')
    it.forget()
    await it.urlOf('f', {})
    expect(asked).toHaveLength(3)
  })
})
