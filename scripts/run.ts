/** Runs the tools of this repository, the way its scripts need it. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export interface RunOptions {
  /** The folder to run in. Default: the root of the repository. */
  readonly cwd?: string
  /** Keeps stdout free for the one who called the script. Default: false. */
  readonly quiet?: boolean
}

/** Runs a JavaScript file under the Node that runs this script, and returns its exit code. */
export function runNode(file: string, args: readonly string[], options: RunOptions = {}): number {
  const { cwd = root, quiet = false } = options
  const ended = spawnSync(process.execPath, [root + file, ...args], {
    cwd,
    stdio: quiet ? ['ignore', 2, 2] : 'inherit',
  })
  if (ended.error) throw ended.error
  return ended.status ?? 1
}
