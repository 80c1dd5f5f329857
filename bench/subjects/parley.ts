// Parley as a user runs it: the built package, durable, everybody with a token of their own.
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SUBPROTOCOL } from '@parley/protocol'
import { firstLine } from '../machine.ts'
import { build } from './build.ts'
import type { Subject, Tongue } from './subject.ts'

const MAIN = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url))
const AGENT = fileURLToPath(new URL('./agent-process.ts', import.meta.url))
const PACKAGE = new URL('../../packages/server/package.json', import.meta.url)
const HOUR_S = 3_600

export const SECRET = 'a secret for benches only'

const tongue: Tongue = {
  door: (user) => ({ path: '/api/ws', protocols: [SUBPROTOCOL, `bearer.${tokenFor(user)}`] }),
  async greet(wire) {
    await wire.hear('"welcome"')
  },
  async join(wire, room) {
    wire.send(JSON.stringify({ type: 'join', ref: 'join', room }))
    await wire.hear('"page"')
  },
  publish: (room, text) => post(room, 'post', text),
  echo: post,
  stream: (room, everyMs, pieces) => post(room, 'ask', `${everyMs} ${pieces}`),
  streamEnd: '"message.closed"',
}

export const parley: Subject = {
  name: 'Parley',
  about: 'durable (fsync before each acknowledgement), in order, every write idempotent, everybody with a token',
  tongue,
  prepare: build,
  check: refusedNothing,
  version,
  // As `npm start` has it.
  command: (need) => [process.execPath, '--max-semi-space-size=16', ...(need === 'agent' ? [AGENT] : [MAIN, 'serve'])],
}

/** With the commit, for figures are of a state of the sources. */
function version(): string {
  const { version: number }: { readonly version: string } = JSON.parse(readFileSync(PACKAGE, 'utf8'))
  const commit = firstLine('git', 'rev-parse', '--short', 'HEAD')
  return commit === undefined ? number : `${number} at ${commit}`
}

/** Whoever is too slow may be refused: that is what some works are about. */
async function refusedNothing(port: number): Promise<void> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  for (const [line, code, count] of metrics.matchAll(/^parley_refusals_total\{code="(.+)"\} (\d+)$/gmu))
    if (code !== 'reader.slow' && Number(count) > 0) throw new Error(`the server refused some of its work: ${line}`)
}

export function post(room: string, ref: string, parts: string): string {
  return JSON.stringify({ type: 'post', ref, room, id: nextId(), parts })
}

let ids = 0

/** Like those of the client: of 36 characters, in order of time. */
function nextId(): string {
  ids += 1
  return `019ac000-0000-7000-8000-${ids.toString(16).padStart(12, '0')}`
}

/** A user token, HS256. */
export function tokenFor(user: string): string {
  const exp = Math.ceil(Date.now() / 1000) + HOUR_S
  const said = [
    { alg: 'HS256', typ: 'JWT' },
    { sub: user, exp },
  ]
    .map((part) => encoded(JSON.stringify(part)))
    .join('.')
  return `${said}.${createHmac('sha256', SECRET).update(said).digest('base64url')}`
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url')
}
