import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issueToken } from '@parley/server'
import { expect, test } from 'vitest'
import { tlsBefore } from './certificate.ts'
import { fileOf, sample, secret, somebody } from './files.ts'
import { tempFolder } from './world.ts'

test('a file is saved under the path, or under its own name in a folder, and nothing is overwritten unasked', async () => {
  const me = await somebody()
  const upload = me.runs(['upload', 'lobby', sample('picture.webp')])
  await upload.done
  const id = upload.out().trim()
  const folder = tempFolder()
  const path = join(folder, 'mine.webp')
  const save = me.runs(['save', 'lobby', id, path])
  expect([await save.done, save.out()]).toEqual([0, `${path}\n`])
  expect(readFileSync(path)).toEqual(readFileSync(sample('picture.webp')))
  writeFileSync(path, 'mine')
  const again = me.runs(['save', 'lobby', id, path])
  expect(await again.done).toBe(1)
  expect(again.err()).toContain('exists already')
  expect(readFileSync(path, 'utf8')).toBe('mine')
  expect(await me.runs(['save', 'lobby', id, path, '--force']).done).toBe(0)
  expect(readFileSync(path)).toEqual(readFileSync(sample('picture.webp')))
  const into = me.runs(['save', 'lobby', id, folder])
  expect([await into.done, into.out()]).toEqual([0, `${join(folder, 'picture.webp')}\n`])
  expect(readdirSync(folder).sort()).toEqual(['mine.webp', 'picture.webp'])
  const screen = me.runs(['save', 'lobby', id, '-'], { tty: true })
  expect(await screen.done).toBe(2)
  expect(screen.out()).toBe('')
})

test('a file of long ago is found; one that was removed is not, and neither is one of a room that may not be read', async () => {
  const me = await somebody()
  const upload = me.runs(['upload', 'lobby', sample('tone.ogg'), '--id', 'old'])
  await upload.done
  const id = upload.out().trim()
  const room = me.client.room('lobby')
  // More than are asked for at once.
  for (let batch = 0; batch < 2; batch += 1) await Promise.all(Array.from({ length: 700 }, () => room.post('so')))
  expect(await me.runs(['save', 'lobby', id, tempFolder()]).done).toBe(0)
  await room.redact('ada/old')
  const gone = me.runs(['save', 'lobby', id, tempFolder()])
  expect(await gone.done).toBe(1)
  expect(gone.err()).toContain('holds a file')
  const again = me.runs(['upload', 'lobby', sample('tone.ogg')])
  expect(await again.done).toBe(0)
  expect(again.out()).not.toBe(upload.out())
  expect(await me.runs(['save', 'lobby', again.out().trim(), tempFolder()]).done).toBe(0)
  const token = await issueToken({ secret, user: 'eve', rooms: ['elsewhere'], expiresInMs: 60_000 })
  const stranger = me.runs(['save', 'lobby', id, tempFolder(), '--token', token])
  expect(await stranger.done).toBe(3)
})

test('a server behind a certificate of its own gives and takes files where that is trusted', async () => {
  const me = await somebody()
  const { url, ca, headers } = await tlsBefore(me.url)
  const trust = ['--url', url, '--ca', fileOf('ca.pem', ca), '-H', 'X-Tenant: acme']
  const upload = me.runs(['upload', 'lobby', sample('film.webm'), ...trust])
  expect(await upload.done).toBe(0)
  const path = join(tempFolder(), 'film.webm')
  const id = upload.out().trim()
  expect(await me.runs(['save', 'lobby', id, path, ...trust]).done).toBe(0)
  expect(readFileSync(path)).toEqual(readFileSync(sample('film.webm')))
  expect(headers().filter((line) => line.startsWith('GET /api/attachments/'))).toHaveLength(1)
  expect(headers().every((line) => /x-tenant: acme/i.test(line))).toBe(true)
  expect(await me.runs(['save', 'lobby', id, '-', '--url', url, '--insecure']).done).toBe(0)
  const wary = me.runs(['save', 'lobby', id, '-', '--url', url, '--timeout', '50ms'])
  expect(await wary.done).toBe(4)
  expect(wary.err()).toContain('self-signed certificate')
})
