/**
 * `npm run mutate [-- --only <words>] [--seeds N]`: makes one mistake after another in a copy of the sources and demands that
 * the simulation notices each. Says which it did not.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Mutation, mutations } from './mutations.ts'
import { root } from './run.ts'

const PACKAGES = ['protocol', 'server', 'client', 'testing']
/** Some mistakes make programs turn in circles; far more than all seeds need, also on a busy machine. */
const PATIENCE_MS = 900_000

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, seeds: { type: 'string', default: '12000' } },
})

const copy = mkdtempSync(join(tmpdir(), 'parley-mutate-'))
try {
  copySources()
  main()
} finally {
  rmSync(copy, { recursive: true, force: true })
}

function main(): void {
  const chosen = mutations.filter(({ name }) => name.includes(values.only))
  for (const mutation of chosen) mutated(readFileSync(`${copy}/${mutation.file}`, 'utf8'), mutation)
  const sound = fuzz('200')
  if (sound.noticed) throw new Error(`the simulation finds fault with the unchanged sources:\n${sound.said}`)
  const missed = chosen.filter((mutation) => !isNoticed(mutation))
  console.log(`${chosen.length - missed.length} of ${chosen.length} mistakes noticed`)
  if (missed.length > 0) process.exitCode = 1
}

/** The packages as they are, with the dependencies of the original. */
function copySources(): void {
  for (const name of PACKAGES)
    for (const part of ['package.json', 'src'])
      cpSync(`${root}packages/${name}/${part}`, `${copy}/packages/${name}/${part}`, { recursive: true })
  mkdirSync(`${copy}/scripts`)
  cpSync(`${root}scripts/fuzz.ts`, `${copy}/scripts/fuzz.ts`)
  cpSync(`${root}package.json`, `${copy}/package.json`)
  mkdirSync(`${copy}/node_modules/@parley`, { recursive: true })
  for (const name of readdirSync(`${root}node_modules`))
    if (name !== '@parley' && !name.startsWith('.'))
      symlinkSync(`${root}node_modules/${name}`, `${copy}/node_modules/${name}`)
  for (const name of PACKAGES) symlinkSync(`${copy}/packages/${name}`, `${copy}/node_modules/@parley/${name}`)
}

function isNoticed(mutation: Mutation): boolean {
  const path = `${copy}/${mutation.file}`
  const original = readFileSync(path, 'utf8')
  writeFileSync(path, mutated(original, mutation))
  const { noticed, said } = fuzz(values.seeds)
  writeFileSync(path, original)
  console.log(
    `${noticed ? 'noticed' : 'MISSED '}  ${mutation.name}${noticed ? `\n         ${said.slice(0, 200)}` : ''}`,
  )
  return noticed
}

/** Fails loudly where the sources have moved on and the mutation has not. */
function mutated(source: string, { name, file, from, to }: Mutation): string {
  const found = source.split(from).length - 1
  if (found !== 1) throw new Error(`"${name}": the text to change stands ${found} times in ${file}, not once:\n${from}`)
  return source.replace(from, () => to)
}

/** Noticed is what the simulation says, and also what makes it fall over or never end. */
function fuzz(seeds: string): { readonly noticed: boolean; readonly said: string } {
  const { status, stdout, stderr, signal } = spawnSync(
    process.execPath,
    ['--conditions=parley-source', `${copy}/scripts/fuzz.ts`, '--first-failure', '--seeds', seeds],
    { encoding: 'utf8', cwd: copy, maxBuffer: 64 * 1024 * 1024, timeout: PATIENCE_MS, killSignal: 'SIGKILL' },
  )
  const said = signal === null ? stdout.split('\n')[0] || stderr : 'it never ends'
  return { noticed: status !== 0, said }
}
