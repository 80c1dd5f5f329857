// Two people in one room, each in a browser window and with a line of their own, before one server.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueToken } from '@parley/server'
import type { Page } from 'playwright-core'
import { launch, open } from './page.ts'
import { type Line, line } from './proxy.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'

const secret = 'a secret that only this test knows'

/** Ann and Bob in a room that is new. */
interface Both {
  readonly ann: Page
  readonly bob: Page
  readonly room: string
  close(): Promise<void>
}

export interface TwoPeople {
  /** One for each of them. */
  readonly hers: Line
  readonly his: Line
  /** The page of somebody in a room. */
  enter(name: string, room: string, line: Line): Promise<Page>
  both(): Promise<Both>
  /** The server process is killed; resolves with how another begins in its place. */
  kill(): Promise<() => Promise<void>>
  end(): Promise<void>
}

/** @param flags of the browser */
export async function twoPeople(flags: readonly string[] = []): Promise<TwoPeople> {
  const data = await mkdtemp(join(tmpdir(), 'parley-e2e-'))
  let server: ServerProcess
  const port = (): number => server.port
  const [hers, his] = [await line(port), await line(port)]
  const origins = [hers, his].map(({ port }) => `http://127.0.0.1:${port}`).join()
  const start = (port: number): Promise<ServerProcess> =>
    serverProcess({ PORT: String(port), PARLEY_DATA: data, PARLEY_SECRET: secret, PARLEY_ORIGINS: origins })
  server = await start(0)
  const browser = await launch(flags)
  let rooms = 0

  async function enter(name: string, room: string, { port }: Line): Promise<Page> {
    const token = await issueToken({ secret, user: name.toLowerCase(), name, expiresInMs: 600_000 })
    return open(browser, `http://127.0.0.1:${port}/r/${room}#token=${token}`)
  }

  return {
    hers,
    his,
    enter,
    async both() {
      rooms += 1
      const room = `team-${rooms}`
      const [ann, bob] = [await enter('Ann', room, hers), await enter('Bob', room, his)]
      return {
        ann,
        bob,
        room,
        async close() {
          for (const page of [ann, bob]) await page.context().close()
        },
      }
    },
    async kill() {
      const { port } = server
      await server.kill('SIGKILL')
      return async () => {
        server = await start(port)
      }
    },
    async end() {
      await browser.close()
      await hers.close()
      await his.close()
      await server.kill('SIGTERM')
      await rm(data, { recursive: true, force: true })
    },
  }
}
