// What the benches share: a server of its own process, raw native sockets, quantiles.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isFields } from '@parley/protocol'
import { issueToken } from '@parley/server'

const MAIN = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url))
const SERVER = [process.execPath, '--conditions=parley-source', MAIN, 'serve']
const SECRET = 'a secret for benches only'

/** Figures in words, such as `p50 1.2 ms`. */
export type Figures = readonly string[]

export interface Bench {
  readonly url: string
  /** Milliseconds from spawn to the line that says it is ready. */
  readonly startedMs: number
  /** CPU milliseconds that the server used so far, all threads, user and system. */
  cpuMs(): number
  stop(): Promise<void>
}

/** A durable server as a user would run it, on a folder of its own. */
export function server(env: Record<string, string> = {}, data?: string): Promise<Bench> {
  return run(SERVER, env, data)
}

/** The same on the first core, which it has for itself if the machine is idle. */
export function serverOnOneCore(): Promise<Bench> {
  return run(['taskset', '-c', '0', ...SERVER])
}

/** A program that prints a line with its URL when it is ready, and ends at SIGTERM. */
export async function run(
  [program = '', ...args]: readonly string[],
  env: Record<string, string> = {},
  data = mkdtempSync(join(tmpdir(), 'parley-bench-')),
): Promise<Bench> {
  const begun = performance.now()
  const child: ChildProcess = spawn(program, args, {
    env: {
      ...process.env,
      PORT: '0',
      PARLEY_DATA: data,
      PARLEY_SECRET: SECRET,
      PARLEY_AGENT: 'none',
      PARLEY_LOG_LEVEL: 'warn',
      PARLEY_RATE: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // A bench that fails leaves nothing running.
  const leave = (): boolean => child.kill('SIGKILL')
  process.once('exit', leave)
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const found = /http:\/\/(\S+)/u.exec(chunk.toString('utf8'))?.[1]
      if (found !== undefined) resolve(`ws://${found}/api/ws`)
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
  const startedMs = performance.now() - begun
  return {
    url,
    startedMs,
    cpuMs() {
      const [, rest = ''] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')
      const fields = rest.split(' ')
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    async stop() {
      process.off('exit', leave)
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      rmSync(data, { recursive: true, force: true })
    },
  }
}

export function tokenFor(user: string): Promise<string> {
  return issueToken({ secret: SECRET, user, expiresInMs: 3_600_000 })
}

type Frame = { readonly [key: string]: unknown }

/** A native connection without any comfort. */
export class Wire {
  readonly #socket: WebSocket
  readonly #waiting = new Map<string, (frame: Frame) => void>()
  #refs = 0
  onPage: (frame: Frame) => void = () => undefined
  onSignals: (frame: Frame) => void = () => undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  /** Resolves when the server has said welcome. */
  static async open(url: string, token: string): Promise<Wire> {
    const socket = new WebSocket(url, ['parley.v1', `bearer.${token}`])
    const wire = new Wire(socket)
    await new Promise<void>((resolve, reject) => {
      socket.onmessage = ({ data }) => {
        const frame: unknown = JSON.parse(String(data))
        if (!isFields(frame)) return
        if (frame.type === 'welcome') resolve()
        else if (frame.type === 'page') wire.onPage(frame)
        else if (frame.type === 'signals') wire.onSignals(frame)
        else if (typeof frame.ref === 'string') {
          const settle = wire.#waiting.get(frame.ref)
          wire.#waiting.delete(frame.ref)
          settle?.(frame)
        }
      }
      socket.onclose = ({ reason }) => reject(new Error(reason))
    })
    return wire
  }

  ask(command: object): Promise<Frame> {
    this.#refs += 1
    const ref = String(this.#refs)
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, (frame) =>
        'answer' in frame ? resolve(frame) : reject(new Error(JSON.stringify(frame.problem))),
      )
      this.#socket.send(JSON.stringify({ ...command, ref }))
    })
  }

  close(): void {
    this.#socket.close()
  }
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

/** `p50 … p95 … p99 …` of milliseconds. */
export function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  return [0.5, 0.95, 0.99].map((q) => `p${q * 100} ${quantile(sorted, q).toFixed(2)} ms`).join('   ')
}
