// A person, a page, and everything that can go wrong between them: real Chromium, a real server that is really killed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FakeAnswer, type FakeAnthropic, fakeAnthropic } from '@parley/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, executablePath, launch, log, open as openPage, secondTab, until } from './page.ts'
import { type Line, line } from './proxy.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'

const words = Array.from({ length: 150 }, (_, index) => `word${index} `)
const answer = (pieces: readonly string[], paceMs: number): FakeAnswer => ({
  blocks: [{ type: 'text', pieces }],
  paceMs,
})
const whole = words.join('').trim()

describe.skipIf(executablePath === undefined)('a conversation in a browser', () => {
  let data: string
  let model: FakeAnthropic
  let server: ServerProcess
  let wire: Line
  let browser: Browser

  const start = (port: number): Promise<ServerProcess> =>
    serverProcess({
      PORT: String(port),
      PARLEY_DATA: data,
      ANTHROPIC_API_KEY: 'test-key',
      ANTHROPIC_BASE_URL: model.url,
      PARLEY_ORIGINS: `http://127.0.0.1:${wire.port}`,
    })

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'parley-e2e-'))
    model = await fakeAnthropic()
    wire = await line(() => server.port)
    server = await start(0)
    browser = await launch()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await wire?.close()
    await server?.kill('SIGTERM')
    await model?.close()
    await rm(data, { recursive: true, force: true })
  })

  const open = (): Promise<Page> => openPage(browser, `http://127.0.0.1:${wire.port}/`)
  /** The words of the model that the page shows, in the order in which it shows them. */
  const shown = async (page: Page): Promise<string> =>
    ((await log(page).textContent()) ?? '').match(/word\d+/gu)?.join(' ') ?? ''

  test('[R2] a refresh and a second tab in mid-stream end with the same text, nothing twice', async () => {
    model.script(answer(words, 20))
    const page = await open()
    await ask(page, 'tell me all words')
    await until(page, 'word20')
    await page.reload()
    const second = await secondTab(page)
    await until(page, 'word149')
    await until(second, 'word149')
    expect(await shown(page)).toBe(whole)
    expect(await shown(second)).toBe(whole)
    expect(await log(page).getByText('tell me all words').count()).toBe(1)
    await page.context().close()
  }, 90_000)

  test('a network that is cut for 20 s loses nothing, and what was typed meanwhile arrives once', async () => {
    model.script(answer(words, 20))
    const page = await open()
    await ask(page, 'first question')
    await until(page, 'word10')
    wire.cut()
    await page
      .getByRole('status', { name: 'Connection' })
      .getByText(/Reconnecting|Offline/u)
      .waitFor()
    model.script('second answer')
    await ask(page, 'typed while offline')
    await new Promise((resolve) => setTimeout(resolve, 20_000))
    wire.mend()
    await until(page, 'second answer')
    expect(await shown(page)).toBe(whole)
    expect(await log(page).getByText('typed while offline').count()).toBe(1)
    await page.context().close()
  }, 120_000)

  test('[R5] a server that is killed in mid-stream keeps the partial text and says that it was interrupted', async () => {
    model.script(answer(words, 40))
    const page = await open()
    await ask(page, 'talk until you are killed')
    await until(page, 'word30')
    const { port } = server
    await server.kill('SIGKILL')
    const before = await shown(page)
    server = await start(port)
    await log(page)
      .getByText(/interrupted/iu)
      .first()
      .waitFor({ timeout: 45_000 })
    const after = await shown(page)
    expect(after.startsWith(before)).toBe(true)
    expect(whole.startsWith(after)).toBe(true)
    await page.reload()
    await log(page)
      .getByText(/interrupted/iu)
      .first()
      .waitFor()
    expect(await shown(page)).toBe(after)
    model.script('alive again')
    await ask(page, 'are you there?')
    await until(page, 'alive again')
    await page.context().close()
  }, 120_000)

  test('[R3] Stop stops and keeps what was said', async () => {
    model.script(answer(words, 40))
    const page = await open()
    await ask(page, 'please stop soon')
    await until(page, 'word10')
    await page.getByRole('button', { name: 'Stop' }).click()
    await log(page)
      .getByText(/cancelled|stopped/iu)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' })
    expect(whole.startsWith(await shown(page))).toBe(true)
    await page.context().close()
  }, 60_000)
})
