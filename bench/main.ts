// `npm run bench`: measures Parley and its peers on this machine. See README.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineName, pinning } from './machine.ts'
import { optionsFrom, usage } from './options.ts'
import { prepare } from './prepare.ts'
import { publish } from './publish.ts'
import { keepResults } from './report/results.ts'
import { measureWork, profileWork, type Run } from './run.ts'
import { endAll } from './turns.ts'
import { scales } from './work.ts'
import { works } from './works/index.ts'

const options = optionsOrExit()
const scale = scales[options.scale]
const chosen = works.filter(({ name }) => options.names.length === 0 || options.names.includes(name))
const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'))
// Whatever happens, no server goes on and no log stays behind.
process.once('exit', () => {
  endAll()
  // Who was just ended may still be writing.
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

const cores = pinning()
const machine = { name: machineName(), pinned: cores !== undefined }
console.log(machine.name)
console.log(cores ? 'server and generator on a core each' : 'nothing is pinned: taskset or a second core is missing')
const subjects = chosen.flatMap((work) => work.cases(scale).flatMap((one) => one.subjects))
const { present, absent } = prepare(subjects, folder)
for (const [name, why] of absent) console.log(`${name} is left out: ${why}`)

const run: Run = { scale, folder, pinning: cores, present }
if (options.profile) for (const work of chosen) await profileWork(work, run)
else await measureAll()

/** What one work found is kept before the next begins. */
async function measureAll(): Promise<void> {
  const versions = Object.fromEntries(present.map((subject) => [subject.name, subject.version()]))
  const order = works.map(({ name }) => name)
  for (const work of chosen) {
    const found = await measureWork(work, run)
    const results = keepResults({ machine, versions, works: [found] }, scale.name, order)
    if (scale.name !== 'quick') publish(results)
  }
}

function optionsOrExit() {
  try {
    return optionsFrom(process.argv.slice(2), works)
  } catch (cause) {
    console.error(`${cause instanceof Error ? cause.message : cause}\n\n${usage(works)}`)
    process.exit(2)
  }
}
