// Real files, and somebody who sends them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '@parley/client'
import { issueToken, type ServerOptions } from '@parley/server'
import { onTestFinished } from 'vitest'
import { parley, serverFor, type Typed, tempFolder } from './world.ts'

export const secret = 'a secret of some length'

/** Where a real one is. */
export function sample(name: string): string {
  return fileURLToPath(new URL(`../../server/test/files/${name}`, import.meta.url))
}

/** Where one with this text is. */
export function fileOf(name: string, text: string): string {
  const path = join(tempFolder(), name)
  writeFileSync(path, text)
  return path
}

/** Of the lines of a program, each JSON. */
export function records(text: string) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** Ada, with a server to herself. */
export async function somebody(options: ServerOptions = {}) {
  const { url } = await serverFor({ secret, ...options })
  const token = await issueToken({ secret, user: 'ada', name: 'Ada', expiresInMs: 60_000 })
  const client = connect(`${url}/api/ws`, { token, lazy: true })
  onTestFinished(() => client.close())
  const env = { PARLEY_URL: url, PARLEY_TOKEN: token }
  const runs = (args: readonly string[], more: Typed = {}) => parley(args, { env, ...more })
  return { url, client, runs }
}
