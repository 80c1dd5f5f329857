// The app in a browser, as people use it: by what they see and hear named.
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'

/** Undefined where there is no browser to test with. */
export const executablePath = process.env.PARLEY_TEST_CHROMIUM

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What takes longer than this will not happen. */
const PATIENCE_MS = 45_000

export function launch(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath ?? '', args: [...FLAGS, ...flags] })
}

/** The page of somebody new. */
export async function open(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(url)
  await page.getByRole('status', { name: 'Connection' }).getByText('Connected').waitFor()
  return page
}

/** The same conversation in another tab. */
export async function secondTab(page: Page): Promise<Page> {
  const second = await page.context().newPage()
  await second.goto(page.url())
  return second
}

export function log(page: Page): Locator {
  return page.getByRole('log', { name: 'Conversation' })
}

export async function ask(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

export async function until(page: Page, text: string | RegExp): Promise<void> {
  await log(page).getByText(text, { exact: false }).first().waitFor({ timeout: PATIENCE_MS })
}

/** Nobody is at work any more. */
export async function calm(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'detached', timeout: PATIENCE_MS })
}
