// @vitest-environment happy-dom
import { Refusal } from '@parley/protocol'
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { useRef } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { Composer } from '../src/conversation/composer.tsx'
import { Draft, draftIn, type Say } from '../src/conversation/draft.ts'
import { file, partOf, type Stage, stage } from './files.tsx'

interface Props {
  readonly draft: Draft
  readonly send: Say
  readonly stop?: () => void
  readonly takesFiles?: boolean
}

function Writing({ draft, send, stop, takesFiles }: Props) {
  const area = useRef<HTMLTextAreaElement>(null)
  const running = stop !== undefined
  const does = { onSend: send, onStop: stop ?? (() => {}) }
  return <Composer area={area} draft={draft} hint="" running={running} takesFiles={takesFiles} {...does} />
}

/** Somebody writes in a room. */
function writing({ within, room }: Stage = stage(), stop?: () => void) {
  const send = vi.fn<Say>(async () => {})
  const more = stop === undefined ? {} : { stop }
  const { unmount } = render(within(<Writing draft={draftIn(room)} send={send} {...more} />))
  return { send, unmount }
}

const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' })
const write = (text: string) => fireEvent.change(box(), { target: { value: text } })
const enter = () => fireEvent.keyDown(box(), { key: 'Enter' })
const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>('button', { name })
const items = () => screen.queryAllByRole('listitem').map(({ textContent }) => textContent)
const choose = (...files: File[]) => fireEvent.change(screen.getByLabelText('Files to attach'), { target: { files } })
/** What has been settled is shown. */
const settled = () => act(async () => void (await new Promise((resolve) => setTimeout(resolve))))

afterEach(() => {
  cleanup()
  localStorage.clear()
  vi.unstubAllGlobals()
})

test('a chosen file is uploaded at once, and shows how far it has come', async () => {
  const made = stage()
  writing(made)
  expect(button('Attach').title).toBe('Attach files')
  choose(file('page.pdf'))
  expect(made.uploads.map(({ name }) => name)).toEqual(['page.pdf'])
  act(() => made.uploads[0]?.options.onProgress?.({ sent: 5, total: 10 }))
  expect(screen.getByRole('progressbar', { name: 'page.pdf' }).getAttribute('aria-valuenow')).toBe('50')
  made.arrive('page.pdf')
  await settled()
  expect(screen.queryByRole('progressbar')).toBeNull()
  expect(items()).toEqual(['page.pdf1.2 kB'])
})

test('an image is seen from its own bytes, and from the server once that has it', async () => {
  const made = stage()
  const [create, revoke] = [vi.spyOn(URL, 'createObjectURL'), vi.spyOn(URL, 'revokeObjectURL')]
  writing(made)
  choose(file('a.png', 'image/png'))
  const picture = () => screen.getByRole('listitem').querySelectorAll('img')
  expect(picture()[0]?.src).toBe(create.mock.results[0]?.value)
  made.arrive('a.png')
  await settled()
  expect(made.urlOf.mock.calls).toEqual([[{ id: 'id-a.png' }, { thumbnail: true, fresh: false }]])
  fireEvent.load(picture()[1] ?? document.body)
  expect([picture().length, revoke.mock.calls]).toEqual([1, [[create.mock.results[0]?.value]]])
})

test('what is sent while a file is on its way waits for it, and goes as one message', async () => {
  const made = stage()
  const { send } = writing(made)
  choose(file('page.pdf'))
  write('look')
  enter()
  expect(screen.getByRole('status').textContent).toBe('Will be sent as soon as the files have arrived')
  expect([send.mock.calls, box().value, button('Send').disabled]).toEqual([[], 'look', true])
  write('look at this')
  made.arrive('page.pdf')
  await settled()
  expect(send.mock.calls).toEqual([['look at this', [partOf('page.pdf')]]])
  expect([box().value, items()]).toEqual(['', []])
})

test('what waits is held back by Escape, which stops nobody then', async () => {
  const made = stage()
  const stop = vi.fn()
  const { send } = writing(made, stop)
  choose(file('page.pdf'))
  enter()
  fireEvent.keyDown(box(), { key: 'Escape' })
  expect(screen.queryByRole('status')).toBeNull()
  made.arrive('page.pdf')
  await settled()
  expect([send.mock.calls, stop.mock.calls, items().length]).toEqual([[], [], 1])
})

test('a file that fails says why, and the text and the files stay', async () => {
  const made = stage()
  const { send } = writing(made)
  choose(file('page.pdf'), file('setup.exe'))
  write('look')
  enter()
  made.uploads[1]?.reject(new Refusal('attachment.type', 'files of this type are not taken here'))
  await settled()
  expect(screen.getByRole('alert').textContent).toBe('Files of this type are not taken here')
  made.arrive('page.pdf')
  await settled()
  enter()
  expect([send.mock.calls, box().value, items().length]).toEqual([[], 'look', 2])
  expect(document.activeElement).toBe(button('Remove setup.exe'))
  fireEvent.click(button('Remove setup.exe'))
  enter()
  expect(send.mock.calls).toEqual([['look', [partOf('page.pdf')]]])
})

test('what has failed in passing is tried once more; what never will be is not', async () => {
  const made = stage()
  writing(made)
  choose(file('a.pdf'), file('b.exe'))
  made.uploads[0]?.reject(new Refusal('storage.full', 'there is not enough space left'))
  made.uploads[1]?.reject(new Refusal('attachment.type', 'not taken'))
  await settled()
  expect(screen.getAllByRole('button', { name: /^Retry/u }).map((one) => one.getAttribute('aria-label'))).toEqual([
    'Retry a.pdf',
  ])
  fireEvent.click(button('Retry a.pdf'))
  expect([made.uploads.length, screen.getByRole('progressbar').getAttribute('aria-label')]).toEqual([3, 'a.pdf'])
})

test('files can be sent without a word', async () => {
  const made = stage()
  const { send } = writing(made)
  expect(button('Send').disabled).toBe(true)
  choose(file('page.pdf'))
  made.arrive('page.pdf')
  await settled()
  expect(button('Send').disabled).toBe(false)
  enter()
  expect(send.mock.calls).toEqual([['', [partOf('page.pdf')]]])
})

test('a server that takes no files is offered none', () => {
  const made = stage()
  render(made.within(<Writing draft={draftIn(made.room)} send={vi.fn<Say>(async () => {})} takesFiles={false} />))
  expect(box().disabled).toBe(false)
  expect(screen.queryByRole('button', { name: 'Attach' })).toBeNull()
})

test('of what has files the words can be taken away', () => {
  const made = stage()
  const send = vi.fn<Say>(async () => {})
  const draft = new Draft({ name: 'lobby/1', begun: 'teh', wordless: true })
  render(made.within(<Writing draft={draft} send={send} />))
  expect(screen.queryByRole('button', { name: 'Attach' })).toBeNull()
  write('')
  enter()
  expect(send.mock.calls).toEqual([['', []]])
})

test('whoever removes a file goes on from the next, and from the text after the last', () => {
  const made = stage()
  writing(made)
  choose(file('a.pdf'), file('b.pdf'))
  fireEvent.click(button('Remove a.pdf'))
  expect([document.activeElement, made.uploads[0]?.options.signal?.aborted]).toEqual([button('Remove b.pdf'), true])
  fireEvent.click(button('Remove b.pdf'))
  expect([document.activeElement, items()]).toEqual([box(), []])
})

test('what has arrived outlives the page with the text, what has not does not', async () => {
  const before = stage()
  const { unmount } = writing(before)
  choose(file('done.pdf'), file('half.pdf'))
  write('half a thought')
  before.arrive('done.pdf')
  await settled()
  unmount()
  const after = stage()
  const { send } = writing(after)
  expect([box().value, items()]).toEqual(['half a thought', ['done.pdf1.2 kB']])
  enter()
  expect(send.mock.calls).toEqual([['half a thought', [partOf('done.pdf')]]])
  cleanup()
  writing()
  expect([box().value, items()]).toEqual(['', []])
})

test('what was kept and is no file any more is no trouble', () => {
  localStorage.setItem('parley.files.lobby', '{"not": "files"')
  writing()
  expect(items()).toEqual([])
})

test('somebody who goes elsewhere and comes back finds what they have chosen, still on its way', async () => {
  const made = stage()
  const { unmount } = writing(made)
  choose(file('page.pdf'))
  enter()
  unmount()
  const { send } = writing(made)
  expect([items().length, screen.getByRole('status').textContent?.startsWith('Will be sent')]).toEqual([1, true])
  made.arrive('page.pdf')
  await settled()
  // Whoever was asked to send it does.
  expect([send.mock.calls, items()]).toEqual([[], []])
})

test('what was not taken comes back, text and files', async () => {
  const made = stage()
  const { send } = writing(made)
  send.mockRejectedValueOnce(new Error('too many posts are waiting'))
  choose(file('page.pdf'))
  made.arrive('page.pdf')
  await settled()
  write('first')
  enter()
  write('second')
  await waitFor(() => expect([box().value, items().length]).toEqual(['first\nsecond', 1]))
})

test.each([
  ['a picture', ['Files'], ['image.png'], [/^Pasted at [\d.]+\.png$/u]],
  ['a file with its name as text', ['text/plain', 'Files'], ['page.pdf'], [/^page\.pdf$/u]],
  ['formatted text with its picture', ['text/plain', 'text/html', 'Files'], ['image.png'], []],
  ['cells', ['text/plain', 'text/rtf', 'Files'], ['image.png'], []],
  ['words', ['text/plain'], [], []],
] as const)('of %s that is pasted the files are chosen', (_, types, names, chosen) => {
  const made = stage()
  writing(made)
  const files = names.map((name) => file(name))
  const untouched = fireEvent.paste(box(), { clipboardData: { types, files } })
  expect(made.uploads.map(({ name }) => name)).toEqual(chosen.map((name) => expect.stringMatching(name)))
  expect(untouched).toBe(chosen.length === 0)
})
