/** The web app as the scripts need it: built again when a source is newer than the last build. */
import { readdirSync, statSync } from 'node:fs'
import { root, runNode } from './run.ts'

const built = `${root}apps/web/dist/index.html`
const sources = [
  'apps/web/src',
  'apps/web/index.html',
  'apps/web/vite.config.ts',
  'packages/react/src',
  'packages/client/src',
  'packages/protocol/src',
].map((path) => root + path)

export function buildWebIfStale(): void {
  if (newest(sources) > changed(built)) buildWeb()
}

export function buildWeb(): void {
  console.error('Building the web app …')
  const code = runNode('node_modules/vite/bin/vite.js', ['build', '--logLevel', 'warn'], {
    cwd: `${root}apps/web`,
    quiet: true,
  })
  if (code !== 0) throw new Error(`the web app did not build (vite ended with ${code})`)
}

/** Folders count too: a removed or renamed file changes only the folder it was in. */
export function newest(paths: readonly string[]): number {
  return Math.max(...paths.flatMap((path) => [path, ...within(path)]).map(changed))
}

function within(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => `${path}/${name}`)
}

/** When the file changed; what is missing is older than everything. */
export function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY
}
