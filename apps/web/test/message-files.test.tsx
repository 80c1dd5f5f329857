// @vitest-environment happy-dom
import type { Message, Part } from '@parley/protocol'
import { Refusal } from '@parley/protocol'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MessageView } from '../src/conversation/message.tsx'
import { PendingView } from '../src/conversation/pending.tsx'
import { attachmentOf, partOf, type Stage, seeEverything, stage } from './files.tsx'

const ada = { id: 'ada', kind: 'user', name: 'Ada' } as const
const gone = new Refusal('attachment.unknown', 'there is no such file')

function said(parts: readonly Part[], more: Partial<Message> = {}): Message {
  return { key: 'ada/1', id: '1', by: ada, at: 0, seq: 1, parts, state: 'completed', ...more }
}

/** A message of these parts, once its links have come. */
async function show(parts: readonly Part[], { within }: Stage = stage(), more: Partial<Message> = {}) {
  render(within(<MessageView message={said(parts, more)} uses={[]} mine={false} opens />))
  await settled()
}

const settled = () => act(async () => void (await new Promise((resolve) => setTimeout(resolve))))
const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>('button', { name })
const images = () => [...document.querySelectorAll<HTMLImageElement>('.picture img')]

beforeEach(seeEverything)

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('an image has its place before it comes, is called as it is called, and comes small', async () => {
  await show([partOf('a.png', { width: 1600, height: 800 })])
  const [image] = images()
  expect([image?.alt, image?.getAttribute('src')]).toEqual(['a.png', '/files/id-a.png?1&thumbnail'])
  expect(document.querySelector<HTMLElement>('.picture')?.style.aspectRatio).toBe('2 / 1')
})

test('what moves comes whole, for a small picture of it stands still', async () => {
  await show([partOf('a.gif')])
  expect(images()[0]?.getAttribute('src')).toBe('/files/id-a.gif?1')
})

test('nothing is asked for before it is near', async () => {
  vi.stubGlobal(
    'IntersectionObserver',
    vi.fn(
      class {
        observe() {}
        disconnect() {}
      },
    ),
  )
  const made = stage()
  await show([partOf('a.png'), partOf('a.wav'), partOf('a.pdf'), partOf('a.webm')], made)
  expect(made.urlOf).not.toHaveBeenCalled()
})

test('images that follow each other stand together, and beyond nine a number says how many more', async () => {
  const many = Array.from({ length: 11 }, (_, index) => partOf(`${index}.png`))
  await show([{ type: 'text', text: 'look' }, ...many, partOf('a.pdf'), partOf('last.png')])
  const galleries = [...document.querySelectorAll('.gallery')]
  expect(galleries.map((one) => one.querySelectorAll('img').length)).toEqual([9, 1])
  expect(screen.getByText('+2')).toBeTruthy()
})

test('a link that does not work is replaced once, then it can be tried by hand', async () => {
  const made = stage()
  await show([partOf('a.png')], made)
  fireEvent.error(images()[0] ?? document.body)
  await settled()
  expect(made.urlOf.mock.calls.map(([, options]) => options?.fresh)).toEqual([false, true])
  expect(images()[0]?.getAttribute('src')).toBe('/files/id-a.png?2&thumbnail')
  fireEvent.error(images()[0] ?? document.body)
  expect(screen.getByText('Could not be loaded')).toBeTruthy()
  fireEvent.click(button('Try again: a.png'))
  await settled()
  expect(images()[0]?.getAttribute('src')).toBe('/files/id-a.png?3&thumbnail')
})

test('what is not there any more says so, quietly', async () => {
  const made = stage()
  await show([partOf('a.png')], made)
  made.urlOf.mockRejectedValue(gone)
  fireEvent.error(images()[0] ?? document.body)
  await settled()
  expect(screen.getByText('Not available any more')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Try again/u })).toBeNull()
})

test('what was shown before is shown again at once', async () => {
  const made = stage()
  await show([partOf('a.png')], made)
  cleanup()
  render(made.within(<MessageView message={said([partOf('a.png')])} uses={[]} mine={false} opens />))
  expect(images()[0]?.getAttribute('src')).toBe('/files/id-a.png?1&thumbnail')
})

test('an image is seen whole, the arrows lead to the others of its message, and Escape leaves', async () => {
  const heard = vi.fn((event: KeyboardEvent) => event.defaultPrevented)
  addEventListener('keydown', heard)
  await show([partOf('a.png', { width: 4, height: 3 }), partOf('b.png'), partOf('x.pdf'), partOf('c.png')])
  fireEvent.click(button('Open a.png'))
  await settled()
  const dialog = () => screen.getByRole('dialog')
  const shown = () => [dialog().getAttribute('aria-label'), dialog().querySelector('p span')?.textContent]
  expect(shown()).toEqual(['a.png', '1 of 3 · 4 × 3 · 1.2 kB'])
  expect(screen.getByRole('link', { name: 'Download a.png' }).getAttribute('href')).toBe('/files/id-a.png?watched')
  expect(screen.queryByRole('button', { name: 'Previous image' })).toBeNull()
  fireEvent.click(button('Next image'))
  fireEvent.keyDown(dialog(), { key: 'ArrowRight' })
  fireEvent.keyDown(dialog(), { key: 'ArrowRight' })
  expect(shown()).toEqual(['c.png', '3 of 3 · 1.2 kB'])
  fireEvent.keyDown(dialog(), { key: 'ArrowLeft' })
  expect(shown()[0]).toBe('b.png')
  fireEvent.keyDown(dialog(), { key: 'Escape' })
  removeEventListener('keydown', heard)
  expect(screen.queryByRole('dialog')).toBeNull()
  // Nobody else hears it: it would stop an agent.
  expect(heard.mock.results.map(({ value }) => value)).not.toContain(false)
})

test('a click beside the image leaves it, one on it does not', async () => {
  await show([partOf('a.png', { width: 4, height: 3 })])
  fireEvent.click(button('Open a.png'))
  await settled()
  const dialog = screen.getByRole('dialog')
  fireEvent.click(dialog.querySelector('img') ?? dialog)
  expect(screen.queryByRole('dialog')).toBe(dialog)
  fireEvent.click(dialog)
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('a file tells what it is, and is saved under its name by the browser', async () => {
  const made = stage()
  const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {})
  await show([partOf('report.pdf'), { type: 'file', attachment: attachmentOf('said to be had.png') }], made)
  expect(screen.getByText('PDF · 1.2 kB')).toBeTruthy()
  expect(button('Save said to be had.png')).toBeTruthy()
  fireEvent.click(button('Save report.pdf'))
  await settled()
  const link = clicked.mock.contexts[0] as HTMLAnchorElement
  expect([link.getAttribute('href'), link.download]).toEqual(['/files/id-report.pdf?1', 'report.pdf'])
  made.urlOf.mockRejectedValueOnce(gone)
  fireEvent.click(button('Save report.pdf'))
  await settled()
  expect(screen.getByText('Not available any more')).toBeTruthy()
})

test.each(['a.heic', 'a.mov', 'a.zip'])('%s, which browsers do not show, can be saved', async (name) => {
  await show([partOf(name)])
  expect(button(`Save ${name}`)).toBeTruthy()
})

test('a film is played by the browser', async () => {
  await show([partOf('a.webm')])
  const film = document.querySelector('video')
  expect([film?.getAttribute('src'), film?.controls, film?.preload]).toEqual(['/files/id-a.webm?1', true, 'metadata'])
})

test('parts that nobody knows yet are passed over, and what was removed shows nothing', async () => {
  const later = { type: 'hologram', of: 'something' } as unknown as Part
  await show([{ type: 'text', text: 'look' }, later])
  expect(document.querySelector('.message-body')?.textContent).toBe('look')
  cleanup()
  await show([], stage(), { redacted: true })
  expect(document.querySelector('.message-body')?.textContent).toBe('Message removed')
})

test('what is on its way shows its files too', async () => {
  const parts: readonly Part[] = [{ type: 'text', text: 'look' }, partOf('a.png'), partOf('a.pdf')]
  const pending = { id: 'p', parts, at: 0, state: 'waiting' } as const
  render(stage().within(<PendingView pending={pending} opens onRetry={() => {}} onDiscard={() => {}} />))
  await settled()
  expect([images().length, screen.getByText('look'), button('Save a.pdf')]).toHaveLength(3)
})
