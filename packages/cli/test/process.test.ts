import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { exitOf, parley, serve } from './processes.ts'
import { tempFolder } from './world.ts'

// Each of these starts several processes, and a busy machine starts them slowly.
vi.setConfig({ testTimeout: 60_000 })

test('serve says where it is ready, keeps stdout clean and leaves well at SIGTERM', async () => {
  const { server, url } = await serve('--data', tempFolder())
  const log = text(server.stderr)
  const about = await fetch(`${url}/api/about`)
  expect(await about.json()).toMatchObject({ agent: { id: 'echo' }, guests: true })
  server.kill('SIGTERM')
  expect(await exitOf(server)).toBe(0)
  for (const line of (await log).trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level')
})

test('what was sent survives the server that took it', async () => {
  const data = tempFolder()
  const first = await serve('--data', data)
  const send = parley(['send', 'lobby', 'for ever'], { PARLEY_URL: first.url })
  expect(await exitOf(send)).toBe(0)
  first.server.kill('SIGKILL')
  await exitOf(first.server)
  const { url } = await serve('--data', data)
  const tail = parley(['tail', 'lobby', '--from-start'], { PARLEY_URL: url })
  const [line] = await once(tail.stdout.setEncoding('utf8'), 'data')
  expect(line).toContain('for ever')
  tail.kill('SIGINT')
  expect(await exitOf(tail)).toBe(0)
})

test('a reader that goes away ends tail without a word', async () => {
  const { url } = await serve('--log', 'memory:')
  const tail = parley(['tail', 'lobby'], { PARLEY_URL: url })
  const complaints = text(tail.stderr)
  tail.stdout.destroy()
  // Each is one more line that nobody takes.
  const talk = parley(['chat', 'lobby'], { PARLEY_URL: url })
  talk.stdout.resume()
  const over = exitOf(tail)
  let isOver = false
  void over.then(() => {
    isOver = true
  })
  while (!isOver) {
    talk.stdin.write('anybody?\n')
    await Promise.race([over, once(talk.stdout, 'data')])
  }
  expect(await over).toBe(0)
  expect(await complaints).toBe('')
})

test('settings that cannot work end with 2', async () => {
  const server = parley(['serve', '--host', '0.0.0.0', '--log', 'memory:', '--port', '0'])
  expect(await text(server.stderr)).toContain('PARLEY_SECRET')
  expect(await exitOf(server)).toBe(2)
})
