// A line between a browser and a server that a test can cut, hold and mend.

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export interface Line {
  readonly port: number
  /** Breaks what is open and lets nothing through until it is mended. */
  cut(): void
  /** About so many bytes more reach the server; what follows waits on the way until it is mended. */
  hold(bytes: number): void
  mend(): void
  close(): Promise<void>
}

/** @param target port on 127.0.0.1, asked for each connection. */
export async function line(target: () => number): Promise<Line> {
  const open = new Set<Socket>()
  let whole = true
  let left = Number.POSITIVE_INFINITY
  const held = new Set<() => void>()
  const gate = (): Transform =>
    new Transform({
      transform(bytes: Buffer, _encoding, done) {
        if (left <= 0) return void held.add(() => done(null, bytes))
        left -= bytes.length
        done(null, bytes)
      },
    })
  const server: Server = createServer((near) => {
    if (!whole) return near.destroy()
    const far = connect(target(), '127.0.0.1')
    const end = (): void => {
      near.destroy()
      far.destroy()
      open.delete(near)
    }
    open.add(near)
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
    near.pipe(gate()).pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const cut = (): void => {
    whole = false
    for (const socket of open) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut,
    hold: (bytes) => {
      left = bytes
    },
    mend: () => {
      whole = true
      left = Number.POSITIVE_INFINITY
      for (const pass of held) pass()
      held.clear()
    },
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
