// A real `parley serve` in a process of its own, to be killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

export interface ServerProcess {
  readonly port: number
  readonly pid: number
  /** What it wrote to standard error. */
  log(): string
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
}

/** Resolves when the server says that it is ready. */
export async function serverProcess(env: Record<string, string>): Promise<ServerProcess> {
  const child: ChildProcess = spawn(process.execPath, ['--conditions=parley-source', MAIN, 'serve'], {
    env: { ...process.env, HOST: '127.0.0.1', ANTHROPIC_API_KEY: '', PARLEY_SECRET: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8')
  })
  const port = await new Promise<number>((resolve, reject) => {
    let out = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
      const found = /http:\/\/127\.0\.0\.1:(\d+)/u.exec(out)?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${log}`)))
  })
  return {
    port,
    pid: child.pid ?? 0,
    log: () => log,
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
      return child.exitCode
    },
  }
}
