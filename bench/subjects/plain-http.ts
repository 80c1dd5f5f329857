// What Node itself needs for a file: streams, and nothing else.
import { fileURLToPath } from 'node:url'
import { plain } from './relay.ts'
import type { Subject } from './subject.ts'

const MAIN = fileURLToPath(new URL('../peers/plain-http.js', import.meta.url))

export const plainHttp: Subject = {
  name: 'Node streams',
  about: 'a request streamed into a file, a file streamed out; looks at nothing, syncs nothing',
  tongue: plain,
  prepare: () => undefined,
  version: () => process.version.slice(1),
  command: () => [process.execPath, MAIN],
}
