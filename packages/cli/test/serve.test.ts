import { expect, test } from 'vitest'
import { environmentWith } from '../src/serve.ts'
import { parley, serverFor } from './world.ts'

test('flags win over the environment, and what is not said stays', () => {
  const env = { PORT: '1', PARLEY_AGENT: 'guide', OTHER: 'x' }
  expect(environmentWith({ port: '2', retentionDays: '30', guests: false }, env)).toEqual({
    PORT: '2',
    PARLEY_AGENT: 'guide',
    PARLEY_RETENTION_DAYS: '30',
    PARLEY_GUESTS: 'off',
    OTHER: 'x',
  })
  expect(environmentWith({ guests: true }, {})).toEqual({ PARLEY_GUESTS: 'on' })
  expect(environmentWith({}, env)).toEqual(env)
})

test('serve runs until it is told to stop', async () => {
  const server = parley(['serve', '--port', '0', '--log', 'memory:', '--log-level', 'silent', '--agent', 'none'])
  await server.says('Parley is ready at http://127.0.0.1:')
  server.interrupt()
  expect(await server.done).toBe(0)
})

test('a port that is taken is named, with the way out', async () => {
  const { port } = new URL((await serverFor()).url)
  const second = parley(['serve', '--port', port, '--log', 'memory:', '--log-level', 'silent'])
  expect(await second.done).toBe(1)
  expect(second.err()).toContain('--port')
})
