// What is measured is what a user gets: the built packages, made anew when a source is younger than they are.
import { readdirSync } from 'node:fs'
import { root, runNode } from '../../scripts/run.ts'
import { changed, newest } from '../../scripts/web.ts'

const built = `${root}packages/cli/dist/main.js`

/** Returns why there is nothing to measure, undefined where there is. */
export function build(): string | undefined {
  const sources = readdirSync(`${root}packages`).map((name) => `${root}packages/${name}/src`)
  if (changed(built) > newest(sources)) return undefined
  return runNode('scripts/build.ts', [], { quiet: true }) === 0 ? undefined : 'it cannot be built'
}
