// The machine: its cores, who runs on which, and what it is called.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'

/** The first line that a program prints; undefined where it does not run. */
export function firstLine(program: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? stdout.split('\n', 1)[0] : undefined
}

/** Cores that this process may use. */
function allowedCores(): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(.+)$/mu.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

export interface Pinning {
  /** The core of the server under test. */
  readonly server: number
  readonly generator: number
}

/** Undefined where nothing can be pinned: then figures move more. */
export function pinning(): Pinning | undefined {
  const [server, generator] = allowedCores()
  if (server === undefined || generator === undefined || firstLine('taskset', '--version') === undefined)
    return undefined
  return { server, generator }
}

/** The command on a core, with as many open files as it may have. */
export function onCore(core: number | undefined, command: readonly string[]): readonly string[] {
  const pinned = core === undefined ? [] : ['taskset', '-c', String(core)]
  return ['sh', '-c', 'ulimit -n "$(ulimit -Hn)"; exec "$@"', 'sh', ...pinned, ...command]
}

/** Such as `2 × AMD EPYC, 24 GiB, Linux 6.18, Node 24.21.0`. */
export function machineName(): string {
  const memory = Math.round(totalmem() / 2 ** 30)
  const kernel = release().split('.').slice(0, 2).join('.')
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, ${memory} GiB, ${type()} ${kernel}, Node ${process.versions.node}`
}
