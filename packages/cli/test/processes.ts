// The command in processes of its own, and a road to a server on which a test stands: it may hold what goes there, and lead to another.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { tempFolder } from './world.ts'

export type Process = ChildProcessByStdio<Writable, Readable, Readable>

/** The command in a process of its own. */
export function parley(args: readonly string[], env: Readonly<Record<string, string>> = {}): Process {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, ['--conditions=parley-source', main, ...args], {
    env: { PATH, XDG_CONFIG_HOME: tempFolder(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // Whoever has ended reads no more.
  child.stdin.on('error', () => {})
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child
}

export async function serve(...args: readonly string[]): Promise<{ readonly server: Process; readonly url: string }> {
  const server = parley(['serve', '--port', '0', '--agent', 'echo', ...args])
  const [line] = await once(server.stdout.setEncoding('utf8'), 'data')
  const url = /^Parley is ready at (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line)?.[1]
  if (url === undefined) throw new Error(`not a ready server: ${line}`)
  return { server, url }
}

export async function exitOf(child: Process): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const [code] = await once(child, 'exit')
  return code
}

export interface Road {
  /** Where it begins. */
  readonly url: string
  /** Bytes that went to the server so far. */
  readonly sent: number
  /** Resolves when `bytes` more went to the server: then nothing more does, until it leads somewhere again. */
  held(bytes: number): Promise<void>
  leadTo(url: string): void
}

export async function road(to: string): Promise<Road> {
  let target = to
  let sent = 0
  let end = Number.POSITIVE_INFINITY
  let atEnd = () => {}
  const open = new Set<Socket>()
  const entry = createServer((near) => {
    const { hostname, port } = new URL(target)
    const far = connect(Number(port), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
    near.on('data', (bytes) => {
      sent += bytes.length
      far.write(bytes)
      if (sent < end) return
      near.pause()
      atEnd()
    })
    far.pipe(near)
  })
  entry.listen(0, '127.0.0.1')
  await once(entry, 'listening')
  onTestFinished(() => {
    entry.close()
    for (const socket of open) socket.destroy()
  })
  const { port } = entry.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    get sent() {
      return sent
    },
    held(bytes) {
      end = sent + bytes
      return new Promise((resolve) => {
        atEnd = resolve
      })
    },
    leadTo(url) {
      target = url
      end = Number.POSITIVE_INFINITY
      for (const socket of open) socket.resume()
    },
  }
}
