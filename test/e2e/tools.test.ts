// An agent at work in a browser: its tools are watched, stopped and allowed, its answers and one's own questions are given anew.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, calm, executablePath, launch, log, open as openPage, secondTab, until } from './page.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'

describe.skipIf(executablePath === undefined)('an agent at work in a browser', () => {
  let data: string
  let server: ServerProcess
  let browser: Browser

  const start = (port: number): Promise<ServerProcess> => serverProcess({ PORT: String(port), PARLEY_DATA: data })

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'parley-e2e-'))
    server = await start(0)
    browser = await launch()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await server?.kill('SIGTERM')
    await rm(data, { recursive: true, force: true })
  })

  const open = (): Promise<Page> => openPage(browser, `http://127.0.0.1:${server.port}/`)
  const job = (page: Page): Locator => page.getByRole('progressbar', { name: 'Indexing the documentation again' })
  const button = (page: Page, name: string): Locator => log(page).getByRole('button', { name })
  const come = (page: Page): Promise<number> =>
    job(page)
      .evaluate((bar) => Number(bar.getAttribute('aria-valuenow') ?? 0))
      .catch(() => 0)

  test('how far a long job has come is seen at once after a refresh, and it goes on', async () => {
    const page = await open()
    await ask(page, 'index the docs again')
    await expect.poll(() => come(page), { timeout: 10_000 }).toBeGreaterThan(0)
    const before = await come(page)
    await page.reload()
    await job(page).waitFor()
    await expect.poll(() => come(page), { timeout: 10_000 }).toBeGreaterThanOrEqual(before)
    await log(page)
      .locator('pre')
      .getByText(/README\.md: \d+ sections/u)
      .waitFor()
    await until(page, 'I have read the documentation again')
    await calm(page)
    expect(await job(page).count()).toBe(0)
    await page.context().close()
  }, 90_000)

  test('one tool is stopped, and the answer goes on without it', async () => {
    const page = await open()
    await ask(page, 'index the docs again')
    await button(page, 'Cancel Indexing the documentation again').click()
    await until(page, 'Cancelled')
    await until(page, 'The documentation was not indexed again')
    await calm(page)
    expect(await log(page).getByText('Stopped', { exact: true }).count()).toBe(0)
    await page.context().close()
  }, 60_000)

  test('what is asked meanwhile waits for its turn, and says so to everybody', async () => {
    const page = await open()
    await ask(page, 'index the docs again')
    await job(page).waitFor()
    await ask(page, 'what is 2 * 21?')
    await until(page, 'Waits for its turn')
    await page.reload()
    await until(page, 'Waits for its turn')
    await button(page, 'Cancel Indexing the documentation again').click()
    await until(page, '= 42')
    await calm(page)
    expect(await log(page).getByText('Waits for its turn').count()).toBe(0)
    await page.context().close()
  }, 60_000)

  test('what needs approval is asked after a refresh too, approved in a second tab, and seen everywhere', async () => {
    const page = await open()
    await ask(page, 'clear the search index')
    await button(page, 'Approve').waitFor()
    await page.reload()
    await button(page, 'Deny').waitFor()
    const second = await secondTab(page)
    await button(second, 'Approve').click()
    for (const tab of [page, second]) {
      await until(tab, 'Approved by you')
      await calm(tab)
      expect(await button(tab, 'Approve').count()).toBe(0)
    }
    await page.context().close()
  }, 60_000)

  test('what was denied is not done, and says why', async () => {
    const page = await open()
    await ask(page, 'clear the search index')
    await log(page).getByRole('textbox', { name: 'Reason' }).fill('we need it')
    await button(page, 'Deny').click()
    await until(page, 'Denied by you: we need it')
    await until(page, 'I did not clear the search index')
    await calm(page)
    await page.context().close()
  }, 60_000)

  test('an approval outlives a server that is killed while it waits', async () => {
    const page = await open()
    await ask(page, 'clear the search index')
    await button(page, 'Approve').waitFor()
    const { port } = server
    await server.kill('SIGKILL')
    await page
      .getByRole('status', { name: 'Connection' })
      .getByText(/Reconnecting|Offline/u)
      .waitFor()
    server = await start(port)
    await page.getByRole('status', { name: 'Connection' }).getByText('Connected').waitFor({ timeout: 45_000 })
    await button(page, 'Approve').click()
    await until(page, 'Approved by you')
    await until(page, /search index (?:is cleared|to clear)/u)
    await calm(page)
    expect(await log(page).getByText('interrupted').count()).toBe(0)
    await page.context().close()
  }, 120_000)

  test('an answer is given anew, and the earlier one can still be read', async () => {
    const page = await open()
    await ask(page, 'what is 6 * 7?')
    await until(page, '= 42')
    await calm(page)
    await button(page, 'Retry').click()
    await until(page, '1 earlier version')
    await calm(page)
    expect(await log(page).getByText('= 42').count()).toBe(1)
    await log(page).getByText('1 earlier version').click()
    await expect.poll(() => log(page).getByText('= 42').count()).toBe(2)
    await page.context().close()
  }, 60_000)

  test('a question is said better: the old one and its answer make room, after a refresh too', async () => {
    const page = await open()
    await ask(page, 'what is 6 * 7?')
    await until(page, '= 42')
    await calm(page)
    await log(page).getByText('what is 6 * 7?').hover()
    await button(page, 'Edit').click()
    const box = page.getByRole('textbox', { name: 'Message' })
    expect(await box.inputValue()).toBe('what is 6 * 7?')
    await page.keyboard.press('Escape')
    expect(await box.inputValue()).toBe('')
    await button(page, 'Edit').click()
    await ask(page, 'what is 6 * 9?')
    await until(page, '= 54')
    await page.reload()
    await until(page, '= 54')
    await until(page, '1 earlier version')
    expect(
      await log(page)
        .getByText(/6 \* 7|= 42/u)
        .count(),
    ).toBe(0)
    await page.context().close()
  }, 60_000)
})
