/** `npm run build`: each package into its dist, in the order they need each other, then the web app. */
import { copyFileSync, cpSync, readdirSync, rmSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { root, runNode } from './run.ts'
import { buildWeb } from './web.ts'

const packages = readdirSync(`${root}packages`).map((name) => `${root}packages/${name}`)

for (const folder of packages) {
  rmSync(`${folder}/dist`, { recursive: true, force: true })
  copyFileSync(`${root}LICENSE`, `${folder}/LICENSE`)
}
const code = runNode('node_modules/typescript/bin/tsc', ['--build', 'tsconfig.build.json'])
if (code !== 0) process.exit(code)
buildWeb()
shipWithServer()

for (const folder of packages) {
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true })
  for (const message of messages) console.error(`${pkg.name}: ${formatMessage(message, pkg)}`)
  if (messages.length > 0) process.exitCode = 1
}

/** The published server brings the web app and the documentation that the guide answers from. */
function shipWithServer(): void {
  const dist = `${root}packages/server/dist`
  cpSync(`${root}apps/web/dist`, `${dist}/web`, { recursive: true })
  cpSync(`${root}docs`, `${dist}/docs/docs`, { recursive: true })
  for (const name of ['README.md', 'PROTOCOL.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])
    copyFileSync(`${root}${name}`, `${dist}/docs/${name}`)
}
