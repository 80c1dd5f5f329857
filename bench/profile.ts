// Where a server's time goes: the functions that used most of it themselves, for each thread. Samples are taken by the clock, so a
// thread that waits for the disk within a call counts as at work there.
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const MOST = 20
/** Until about then the program is only loaded. */
const LOADED_MICROS = 1_000_000
/** A sample in these is no work. */
const IDLE = new Set(['(idle)', '(root)'])

/** The command, told to write profiles into a folder if one is given. */
export function profiled([program = '', ...args]: readonly string[], folder: string | undefined): readonly string[] {
  return folder === undefined ? [program, ...args] : [program, '--cpu-prof', `--cpu-prof-dir=${folder}`, ...args]
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Lines to print, the busiest thread first. */
export function hottest(folder: string): readonly string[] {
  return globSync('*.cpuprofile', { cwd: folder })
    .map((file) => threadOf(JSON.parse(readFileSync(join(folder, file), 'utf8'))))
    .filter(({ ms }) => ms > 0)
    .toSorted((a, b) => b.ms - a.ms)
    .flatMap(({ ms, functions }, index) => [
      `  thread ${index + 1}: ${ms.toFixed(0)} ms of work`,
      ...functions.slice(0, MOST).map(([name, own]) => `    ${((own * 100) / ms).toFixed(1).padStart(5)} %  ${name}`),
    ])
}

function threadOf({ nodes, samples, timeDeltas }: Profile) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const own = new Map<string, number>()
  let passed = 0
  for (const [index, id] of samples.entries()) {
    const micros = timeDeltas[index] ?? 0
    const name = names.get(id) ?? ''
    passed += micros
    if (passed > LOADED_MICROS && !IDLE.has(name)) own.set(name, (own.get(name) ?? 0) + micros / 1e3)
  }
  const functions = [...own].toSorted(([, a], [, b]) => b - a)
  return { functions, ms: functions.reduce((sum, [, ms]) => sum + ms, 0) }
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  return url === '' ? name : `${name}  ${basename(url)}:${lineNumber + 1}`
}
