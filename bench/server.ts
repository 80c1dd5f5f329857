// A server in a process of its own, and what it uses.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Of /proc: a tick of the clock in microseconds, and a page of memory. */
const TICK = 10_000
const PAGE = 4_096
const STOP_WITHIN_MS = 10_000

export interface Server {
  readonly port: number
  /** Milliseconds from its spawn to the line that says that it is ready. */
  readonly startedMs: number
  /** Microseconds of CPU that it used so far: all threads, user and system. */
  cpuMicros(): number
  /** Bytes of memory that it holds. */
  rss(): number
  stop(): Promise<void>
}

/** Resolves when the program has printed its URL. */
export async function startServer(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Server> {
  const begun = performance.now()
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /http:\/\/\S+:(\d+)/u.exec(chunk.toString('utf8'))?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
  const startedMs = performance.now() - begun
  const ended = once(child, 'exit')
  /** The fields of /proc/PID/stat from its third on. */
  const stat = (): readonly string[] => {
    const text = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(') ') + 2).split(' ')
  }
  return {
    port,
    startedMs,
    cpuMicros() {
      const fields = stat()
      return (Number(fields[11]) + Number(fields[12])) * TICK
    },
    rss: () => Number(stat()[21]) * PAGE,
    async stop() {
      child.kill('SIGTERM')
      const late = pause(STOP_WITHIN_MS, undefined, { ref: false }).then(() => child.kill('SIGKILL'))
      await Promise.race([ended, late])
      await ended
    },
  }
}
