/** The browser of the browser tests: found on this machine, or installed where that is allowed. */
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Chromium is, or in `missing` why there is none. */
export type Chromium = { readonly path: string } | { readonly missing: string }

export function chromium(): Chromium {
  const path = found()
  if (path) return { path }
  const refused = install()
  const installed = found()
  if (installed) return { path: installed }
  return { missing: `no Chromium or Chrome starts on this machine, and ${refused ?? 'installing it did not help'}` }
}

function found(): string | undefined {
  return candidates().find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() && starts(path))
}

/** Some systems ship a file of that name which only explains how to get the real one. */
function starts(path: string): boolean {
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0
}

function candidates(): string[] {
  const named = process.env.PARLEY_TEST_CHROMIUM
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  return [
    ...(named ? [named] : []),
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
}

/** Returns why it could not. */
function install(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may install it'
  if (aptGet('--version').status !== 0) return 'there is no apt-get to install it with'
  console.error('Installing Chromium for the browser tests …')
  aptGet('update')
  const { status, stderr } = aptGet('install', '--yes', '--no-install-recommends', 'chromium')
  return status === 0 ? undefined : `apt-get could not install it:\n${stderr}`
}

function aptGet(...args: string[]) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', args, { env, encoding: 'utf8', timeout: 600_000 })
}
