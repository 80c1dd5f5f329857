// What must be there before the first turn: the peers' packages, the built Parley, the compiled floor.
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parley } from './subjects/parley.ts'
import type { Subject } from './subjects/subject.ts'

const PEERS = fileURLToPath(new URL('./peers/', import.meta.url))

export interface Ready {
  readonly present: readonly Subject[]
  /** Why each of the others cannot be measured here. */
  readonly absent: ReadonlyMap<string, string>
}

/** `subjects` may name one more than once. */
export function prepare(subjects: readonly Subject[], folder: string): Ready {
  const wanted = [...new Set(subjects)]
  if (wanted.some((subject) => subject !== parley)) installPeers()
  const absent = new Map<string, string>()
  for (const subject of wanted) {
    const why = subject.prepare(folder)
    if (why !== undefined) absent.set(subject.name, why)
  }
  return { present: wanted.filter(({ name }) => !absent.has(name)), absent }
}

/** A folder of their own: whoever uses Parley need not install them. */
function installPeers(): void {
  if (changedAt(`${PEERS}node_modules/.package-lock.json`) >= changedAt(`${PEERS}package-lock.json`)) return
  console.log('installing the peers')
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: PEERS, encoding: 'utf8' })
  const [why = stderr] = stderr.split('\n').filter((line) => line.startsWith('npm error') && line.includes(':'))
  if (status !== 0) console.log(`the peers cannot be installed: ${why}`)
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY
}
