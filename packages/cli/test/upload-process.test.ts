import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { exitOf, parley, road, serve } from './processes.ts'
import { tempFolder } from './world.ts'

// Each of these starts several processes, and a busy machine starts them slowly.
vi.setConfig({ testTimeout: 60_000 })

const MB = 1024 * 1024
/** So much may be on its way and not confirmed, and be sent once more: the window, and what goes around it. */
const ON_THE_WAY = 3 * MB

/** Bytes that a server takes for an archive. */
function archive(size: number): Buffer {
  const bytes = randomBytes(size)
  bytes.write('PK\u0003\u0004')
  return bytes
}

function fileOf(bytes: Buffer): string {
  const path = join(tempFolder(), 'archive.zip')
  writeFileSync(path, bytes)
  return path
}

/** What is under this id in the lobby. */
async function saved(id: string, url: string): Promise<Buffer> {
  const path = join(tempFolder(), 'saved.zip')
  expect(await exitOf(parley(['save', 'lobby', id, path], { PARLEY_URL: url }))).toBe(0)
  return readFileSync(path)
}

test('an upload goes on where it was when the server is killed, and every byte arrives', async () => {
  const data = tempFolder()
  const first = await serve('--data', data)
  const way = await road(first.url)
  const bytes = archive(30 * MB)
  const held = way.held(10 * MB)
  const upload = parley(['upload', 'lobby', fileOf(bytes), '--timeout', '60s'], { PARLEY_URL: way.url })
  const [id, notes] = [text(upload.stdout), text(upload.stderr)]
  await held
  first.server.kill('SIGKILL')
  await exitOf(first.server)
  const { url } = await serve('--data', data)
  way.leadTo(url)
  expect(await exitOf(upload)).toBe(0)
  expect(way.sent).toBeLessThan(bytes.length + ON_THE_WAY)
  expect(await notes).toMatch(
    /no connection; trying again\n\* connected again\narchive\.zip · application\/zip · 30\.0 MB\n$/,
  )
  expect((await saved((await id).trim(), url)).equals(bytes)).toBe(true)
})

test('after Ctrl-C the same command goes on from what has arrived', async () => {
  const { url } = await serve('--data', tempFolder())
  const way = await road(url)
  const bytes = archive(30 * MB)
  const args = ['upload', 'lobby', fileOf(bytes), '--message', 'at last']
  const env = { PARLEY_URL: way.url, XDG_CONFIG_HOME: tempFolder() }
  const held = way.held(10 * MB)
  const first = parley(args, env)
  const [out, notes] = [text(first.stdout), text(first.stderr)]
  await held
  first.kill('SIGINT')
  expect(await exitOf(first)).toBe(130)
  expect(await out).toBe('')
  expect(await notes).toMatch(/^parley: \d\.\d MB of 30\.0 MB have arrived; the same command goes on from there\.\n$/)
  way.leadTo(url)
  const again = parley(args, env)
  const id = text(again.stdout)
  expect(await exitOf(again)).toBe(0)
  expect(way.sent).toBeLessThan(bytes.length + ON_THE_WAY)
  expect((await saved((await id).trim(), url)).equals(bytes)).toBe(true)
})

test('what comes on stdin survives the server too; Ctrl-C ends it though somebody still writes', async () => {
  const data = tempFolder()
  const first = await serve('--data', data)
  const way = await road(first.url)
  const bytes = archive(12 * MB)
  const held = way.held(4 * MB)
  const upload = parley(['upload', 'lobby', '-', '--name', 'a.zip', '--timeout', '60s'], { PARLEY_URL: way.url })
  const id = text(upload.stdout)
  upload.stdin.end(bytes)
  await held
  first.server.kill('SIGKILL')
  await exitOf(first.server)
  const { url } = await serve('--data', data)
  way.leadTo(url)
  expect(await exitOf(upload)).toBe(0)
  expect((await saved((await id).trim(), url)).equals(bytes)).toBe(true)

  const begun = way.held(MB)
  const endless = parley(['upload', 'lobby', '-', '--name', 'b.zip'], { PARLEY_URL: way.url })
  endless.stdin.write(archive(2 * MB))
  await begun
  endless.kill('SIGINT')
  expect(await exitOf(endless)).toBe(130)
})
