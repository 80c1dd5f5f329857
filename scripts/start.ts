/** `npm start`: the web app, built if it must be, and `parley serve` from source in this process. */
import { root } from './run.ts'
import { buildWebIfStale } from './web.ts'

buildWebIfStale()
process.argv = [process.execPath, `${root}packages/cli/src/main.ts`, 'serve', ...process.argv.slice(2)]
await import('../packages/cli/src/main.ts')
