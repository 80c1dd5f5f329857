// A real server for tests: on a free port, with its data in a folder of its own, and with tokens for anybody.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, issueToken, type ParleyServer, type ServerOptions, type TokenClaims } from '@parley/server'

/** Who a token speaks for. */
export interface Claims extends Pick<TokenClaims, 'user' | 'name' | 'rooms'> {
  /** How long it is good. Default: an hour. */
  readonly expiresInMs?: number
}

export interface TestServer {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string
  /** The native socket, such as `ws://127.0.0.1:41234/api/ws`. */
  readonly socketUrl: string
  readonly server: ParleyServer
  /** A token that the server accepts; a name alone is a user who may do everything. */
  issue(claims: string | Claims): Promise<string>
  /** Stops the server and starts another on the same data and port. */
  restart(): Promise<void>
  /** Stops it and removes its data. */
  close(): Promise<void>
}

/** Options are the server's; by default it answers with `echo`, serves no web app and logs nothing. */
export async function testServer(options: ServerOptions = {}): Promise<TestServer> {
  const { secret = randomBytes(32).toString('base64url') } = options
  const data = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const start = (port: number): Promise<ParleyServer> =>
    createServer({ agent: 'echo', web: false, logLevel: 'silent', data, ...options, secret, port })
  let server = await start(options.port ?? 0).catch(async (cause: unknown) => {
    await rm(data, { recursive: true, force: true })
    throw cause
  })
  const { url } = server
  return {
    url,
    socketUrl: `${url.replace('http', 'ws')}/api/ws`,
    get server() {
      return server
    },
    issue: (claims) =>
      issueToken({ secret, expiresInMs: 3_600_000, ...(typeof claims === 'string' ? { user: claims } : claims) }),
    async restart() {
      await server.close(0)
      server = await start(Number(new URL(url).port))
    },
    async close() {
      await server.close(0)
      await rm(data, { recursive: true, force: true })
    },
  }
}
