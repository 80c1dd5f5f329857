// Pictures, sounds and files between two people: chosen, dropped, pasted and spoken, over lines that are cut and servers that are killed.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ask, executablePath, log, until } from './page.ts'
import { type TwoPeople, twoPeople } from './two-people.ts'

/** What takes longer than this will not happen. */
const PATIENCE = { timeout: 45_000 }

/** A microphone that nobody has to allow, and that beeps. */
const MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

const sample = (name: string): string =>
  fileURLToPath(new URL(`../../packages/server/test/files/${name}`, import.meta.url))

const LARGE = 30_000_000
/** So much of it passes before the line is held; of that, at least the percentage is kept. */
const BEGINNING = 6_000_000
const KEPT_PERCENT = 18
/** What is uploaded again from its beginning does not fit into this. */
const REST = LARGE - BEGINNING / 2

describe.skipIf(executablePath === undefined)('files between two people', () => {
  let people: TwoPeople
  let folder: string
  let large: string

  beforeAll(async () => {
    people = await twoPeople(MICROPHONE)
    folder = await mkdtemp(join(tmpdir(), 'parley-files-'))
    large = join(folder, 'holiday.zip')
    await writeFile(large, Buffer.concat([Buffer.from('504b0304', 'hex'), randomBytes(LARGE - 4)]))
  }, 60_000)

  afterAll(async () => {
    await people?.end()
    await rm(folder, { recursive: true, force: true })
  })

  afterEach(() => people.hers.mend())

  const box = (page: Page): Locator => page.getByRole('textbox', { name: 'Message' })
  const send = (page: Page): Promise<void> => page.getByRole('button', { name: 'Send' }).click()
  const chosen = (page: Page): Locator => page.getByRole('list', { name: 'Chosen files' }).getByRole('listitem')
  const progress = (page: Page, name: string): Locator => page.getByRole('progressbar', { name })
  const picture = (page: Page, name: string): Locator => log(page).getByAltText(name)

  async function attach(page: Page, ...files: readonly string[]): Promise<void> {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Attach' }).click(),
    ])
    await chooser.setFiles([...files])
  }

  /** Nothing is on its way any more. */
  async function arrived(page: Page, count: number): Promise<void> {
    await expect.poll(() => chosen(page).count(), PATIENCE).toBe(count)
    await expect.poll(() => page.getByRole('progressbar').count(), PATIENCE).toBe(0)
  }

  /** It is not only there: it can be looked at. */
  async function seen(image: Locator): Promise<void> {
    await image.waitFor()
    await expect
      .poll(() => image.evaluate((one) => (one instanceof HTMLImageElement ? one.naturalWidth : 0)), PATIENCE)
      .toBeGreaterThan(0)
  }

  /** What is saved, by its hash. */
  async function saved(page: Page, name: string): Promise<{ readonly name: string; readonly sha256: string }> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      log(page)
        .getByRole('button', { name: `Save ${name}` })
        .click(),
    ])
    return { name: download.suggestedFilename(), sha256: hashOf(await readFile(await download.path())) }
  }

  /** The large file is on its way, and the line takes no more of it. */
  async function halfway(page: Page): Promise<void> {
    people.hers.hold(BEGINNING)
    await attach(page, large)
    await expect
      .poll(async () => Number(await progress(page, 'holiday.zip').getAttribute('aria-valuenow')), PATIENCE)
      .toBeGreaterThanOrEqual(KEPT_PERCENT)
  }

  test('[B7] what one attaches is uploaded at once, and seen by the other', async () => {
    const { ann, bob, close } = await people.both()
    await attach(ann, sample('picture.png'), sample('picture.jpg'), sample('page.pdf'))
    await arrived(ann, 3)
    expect(await chosen(ann).locator('img').count()).toBeGreaterThanOrEqual(2)
    await ask(ann, 'from the journey')
    await expect.poll(() => chosen(ann).count(), PATIENCE).toBe(0)
    await until(bob, 'from the journey')
    for (const name of ['picture.png', 'picture.jpg']) await seen(picture(bob, name))
    expect(await saved(bob, 'page.pdf')).toEqual({
      name: 'page.pdf',
      sha256: hashOf(await readFile(sample('page.pdf'))),
    })

    await log(bob).getByRole('button', { name: 'Open picture.png' }).click()
    const dialog = bob.getByRole('dialog')
    await seen(dialog.getByAltText('picture.png'))
    await bob.keyboard.press('ArrowRight')
    await seen(dialog.getByAltText('picture.jpg'))
    await bob.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    const focused = () => bob.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await expect.poll(focused, PATIENCE).toBe('Open picture.png')
    await close()
  }, 60_000)

  test('a picture that has not come yet takes the place that it will have', async () => {
    const { ann, bob, close } = await people.both()
    const pictures = Promise.withResolvers<void>()
    await bob.route('**/api/attachments/**', async (route) => {
      await pictures.promise
      await route.continue()
    })
    await attach(ann, sample('picture.png'))
    await arrived(ann, 1)
    await send(ann)
    await picture(bob, 'picture.png').waitFor({ state: 'attached' })
    const place = log(bob).getByRole('button', { name: 'Open picture.png' })
    const before = await place.boundingBox()
    pictures.resolve()
    await seen(picture(bob, 'picture.png'))
    expect(await place.boundingBox()).toEqual(before)
    expect((before?.width ?? 0) / (before?.height ?? 1)).toBeCloseTo(160 / 90, 1)
    await close()
  }, 60_000)

  test('files are dropped onto the conversation, which shows where, and pasted into the text', async () => {
    const { ann, bob, close } = await people.both()
    const bytes = [...(await readFile(sample('picture.png')))]
    const handed = await ann.evaluateHandle((some) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(some)], 'dropped.png', { type: 'image/png' }))
      return data
    }, bytes)
    await log(ann).dispatchEvent('dragover', { dataTransfer: handed })
    await ann.getByText('Drop files to attach them').waitFor()
    await log(ann).dispatchEvent('drop', { dataTransfer: handed })
    await ann.getByText('Drop files to attach them').waitFor({ state: 'detached' })
    await arrived(ann, 1)

    await ann.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await ann.evaluate(async (some) => {
      const blob = new Blob([new Uint8Array(some)], { type: 'image/png' })
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })])
    }, bytes)
    await box(ann).focus()
    await ann.keyboard.press('ControlOrMeta+v')
    await arrived(ann, 2)
    await send(ann)
    await seen(picture(bob, 'dropped.png'))
    await seen(log(bob).getByAltText(/^Pasted at/u))
    await close()
  }, 60_000)

  test('what is spoken is recorded, kept or discarded, and heard by the other', async () => {
    const { ann, bob, close } = await people.both()
    const recorded = ann.getByRole('timer', { name: 'Recorded' })
    await ann.getByRole('button', { name: 'Record' }).click()
    await recorded.getByText('0:01').waitFor()
    await ann.getByRole('button', { name: 'Discard' }).click()
    await recorded.waitFor({ state: 'detached' })
    expect(await chosen(ann).count()).toBe(0)

    await ann.getByRole('button', { name: 'Record' }).click()
    await recorded.getByText('0:02').waitFor()
    await ann.getByRole('button', { name: 'Stop recording' }).click()
    await arrived(ann, 1)
    await send(ann)
    const position = log(bob).getByRole('slider', { name: /^Position in Recording/u })
    const second = async () => Number(await position.getAttribute('aria-valuenow'))
    await position.waitFor()
    expect(await position.locator('svg').count()).toBeGreaterThan(0)
    expect(Number(await position.getAttribute('aria-valuemax'))).toBeGreaterThanOrEqual(2)
    await log(bob)
      .getByRole('button', { name: /^Play Recording/u })
      .click()
    await expect.poll(second, PATIENCE).toBeGreaterThan(0)
    await log(bob)
      .getByRole('button', { name: /^Play Recording/u })
      .waitFor()
    await close()
  }, 60_000)

  test('only one sound is heard at a time, and it can be heard from anywhere', async () => {
    const { ann, bob, close } = await people.both()
    await attach(ann, sample('tone.wav'), sample('tone.mp3'))
    await arrived(ann, 2)
    await send(ann)
    const paused = () => log(bob).evaluate((one) => [...one.querySelectorAll('audio')].map((sound) => sound.paused))
    for (const name of ['tone.wav', 'tone.mp3']) {
      const media = log(bob)
        .locator('audio')
        .nth(name === 'tone.wav' ? 0 : 1)
      // It is so short that it would be over before anybody looks.
      await media.evaluate((sound) => sound instanceof HTMLAudioElement && Object.assign(sound, { loop: true }))
      await log(bob)
        .getByRole('button', { name: `Play ${name}` })
        .click()
      await expect.poll(() => media.evaluate((sound) => (sound as HTMLAudioElement).paused), PATIENCE).toBe(false)
    }
    await expect.poll(paused, PATIENCE).toEqual([true, false])
    await log(bob).getByRole('button', { name: 'Pause tone.mp3' }).click()
    const position = log(bob).getByRole('slider', { name: 'Position in tone.mp3' })
    await position.press('End')
    await expect.poll(() => position.getAttribute('aria-valuenow'), PATIENCE).toBe('1')
    await position.press('Home')
    await expect.poll(() => position.getAttribute('aria-valuenow'), PATIENCE).toBe('0')
    await close()
  }, 60_000)

  test('[B2, B3] an upload goes on where its line was cut, and the message that waits for it is sent', async () => {
    const { ann, bob, close } = await people.both()
    await halfway(ann)
    await ask(ann, 'the whole holiday')
    await ann.getByText('Will be sent as soon as the files have arrived').waitFor()
    people.hers.cut()
    await ann
      .getByRole('status', { name: 'Connection' })
      .getByText(/Reconnecting|Offline/u)
      .waitFor()
    await chosen(ann)
      .getByText(/no connection/u)
      .waitFor()
    people.hers.mend()
    people.hers.hold(REST)
    await until(bob, 'the whole holiday')
    people.hers.mend()
    expect((await saved(bob, 'holiday.zip')).sha256).toBe(hashOf(await readFile(large)))
    expect(await log(bob).getByText('the whole holiday').count()).toBe(1)
    await close()
  }, 120_000)

  test('[B2, B3] an upload outlives a server that is killed in its middle', async () => {
    const { ann, bob, close } = await people.both()
    await halfway(ann)
    const start = await people.kill()
    people.hers.mend()
    people.hers.hold(REST)
    await start()
    await arrived(ann, 1)
    people.hers.mend()
    await ask(ann, 'after all')
    await until(bob, 'after all')
    expect((await saved(bob, 'holiday.zip')).sha256).toBe(hashOf(await readFile(large)))
    await close()
  }, 120_000)

  test('[B3] a refresh keeps the text and what has arrived; what was on its way goes on when it is chosen again', async () => {
    const { ann, bob, close } = await people.both()
    await attach(ann, sample('picture.png'))
    await arrived(ann, 1)
    await box(ann).fill('half a thought')
    await halfway(ann)
    // What the page has sent stays on the way; the next page gets through.
    people.hers.hold(REST)
    await ann.reload()
    await ann.getByRole('status', { name: 'Connection' }).getByText('Connected').waitFor()
    expect(await box(ann).inputValue()).toBe('half a thought')
    await expect.poll(() => chosen(ann).count(), PATIENCE).toBe(1)
    await seen(chosen(ann).locator('img').last())
    await attach(ann, large)
    await arrived(ann, 2)
    people.hers.mend()
    await send(ann)
    await until(bob, 'half a thought')
    await seen(picture(bob, 'picture.png'))
    expect((await saved(bob, 'holiday.zip')).sha256).toBe(hashOf(await readFile(large)))
    await close()
  }, 120_000)

  test('[B5] a file that is not taken says why, and neither the text nor the other files are lost', async () => {
    const { ann, bob, close } = await people.both()
    const program = join(folder, 'setup.exe')
    await writeFile(program, Buffer.concat([Buffer.from('MZ'), Buffer.alloc(2_000)]))
    await box(ann).fill('please look')
    await attach(ann, sample('picture.png'), program)
    await chosen(ann)
      .getByRole('alert')
      .getByText(/not taken/u)
      .waitFor()
    await arrived(ann, 2)
    await send(ann)
    expect(await box(ann).inputValue()).toBe('please look')
    await ann.getByRole('button', { name: 'Remove setup.exe' }).click()
    await send(ann)
    await until(bob, 'please look')
    await seen(picture(bob, 'picture.png'))
    expect(await log(bob).getByText('setup.exe').count()).toBe(0)
    await close()
  }, 60_000)

  test('[B10] words can be changed beside a picture, and what is removed is gone', async () => {
    const { ann, bob, close } = await people.both()
    await attach(ann, sample('picture.png'))
    await arrived(ann, 1)
    await ask(ann, 'from teh journey')
    await until(bob, 'from teh journey')
    const message = log(ann).getByRole('article').filter({ hasText: 'journey' })
    const act = async (name: string) => {
      await message.hover()
      await message.getByRole('button', { name: 'Message actions' }).click()
      await message.getByRole('button', { name, exact: true }).click()
    }
    await act('Edit')
    await ann.getByText('Editing your message; its file stays').waitFor()
    await ask(ann, 'from the journey')
    await until(bob, 'from the journey')
    await seen(picture(bob, 'picture.png'))
    const [url] = await picture(bob, 'picture.png').evaluateAll((all) =>
      all.map((one) => one.getAttribute('src') ?? ''),
    )
    await act('Remove')
    await message.getByRole('button', { name: 'Remove', exact: true }).click()
    await until(bob, 'Message removed')
    expect(await picture(bob, 'picture.png').count()).toBe(0)
    expect(await bob.evaluate(async (address) => (await fetch(address)).status, url ?? '')).toBe(404)
    await close()
  }, 60_000)
})

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
