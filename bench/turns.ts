// Gives each server its turn, in a group of processes that ends with the turn, however it ends.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onCore, type Pinning } from './machine.ts'
import type { Turn } from './round.ts'
import type { Figures } from './work.ts'

const ROUND = fileURLToPath(new URL('./round.ts', import.meta.url))
const LIMIT_MS = 600_000

const going = new Set<ChildProcess>()

/** Resolves with what was found; rejects with why nothing was. */
export async function take(turn: Omit<Turn, 'own' | 'serverCore'>, pinning: Pinning | undefined): Promise<Figures> {
  const own = mkdtempSync(join(turn.folder, 'turn-'))
  try {
    return await play({ ...turn, own, ...(pinning === undefined ? {} : { serverCore: pinning.server }) }, pinning)
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

async function play(turn: Turn, pinning: Pinning | undefined): Promise<Figures> {
  const [program = '', ...args] = onCore(pinning?.generator, [process.execPath, ROUND, JSON.stringify(turn)])
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  going.add(child)
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const late = setTimeout(() => end(child), LIMIT_MS)
  // Not `close`: a server that is still there holds the pipe of the errors.
  const [code, signal] = await once(child, 'exit')
  clearTimeout(late)
  end(child)
  going.delete(child)
  if (code === 0) return JSON.parse(output)
  throw new Error(signal === null ? reasonIn(errors) : `it was ended after ${LIMIT_MS / 1_000} s`)
}

/** The whole group: the generator and the servers that it started. */
function end({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left.
  }
}

export function endAll(): void {
  for (const child of going) end(child)
}

/** The line of a thrown error, or all that was said. */
function reasonIn(errors: string): string {
  return /^\w*Error: (.+)$/mu.exec(errors)?.[1] ?? errors.trim()
}
