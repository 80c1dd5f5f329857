// Measures this machine: `npm run bench` runs all, `npm run bench -- ack connect` only those.
import { cpus, totalmem, type } from 'node:os'
import { measureAck } from './ack.ts'
import { measureAppend } from './append.ts'
import { measureChunks } from './chunks.ts'
import { measureClient } from './client.ts'
import { measureConnect } from './connect.ts'
import { measureForward } from './forward.ts'
import type { Figures } from './measure.ts'
import { measurePeople } from './people.ts'
import { measureStart } from './start.ts'

const works: ReadonlyMap<string, () => Promise<Figures>> = new Map([
  ['start', measureStart],
  ['connect', measureConnect],
  ['append', measureAppend],
  ['ack', measureAck],
  ['chunks', measureChunks],
  ['forward', measureForward],
  ['client', measureClient],
  ['people', measurePeople],
])

const wanted = process.argv.slice(2).filter((name) => !name.startsWith('-'))
const unknown = wanted.filter((name) => !works.has(name))
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are ${[...works.keys()].join(', ')}`)
  process.exit(2)
}
console.log(
  `${type()}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
)
for (const [name, measure] of works) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n${name}`)
  for (const figure of await measure()) console.log(`  ${figure}`)
}
