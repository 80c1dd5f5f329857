// @vitest-environment happy-dom
import type { Pending } from '@parley/client'
import { type Message, problem, type Usage } from '@parley/protocol'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { type Deeds, DeedsContext } from '../src/conversation/deeds.ts'
import { Link } from '../src/conversation/link.tsx'
import { MessageView } from '../src/conversation/message.tsx'
import { PendingView } from '../src/conversation/pending.tsx'

const ada = { id: 'ada', kind: 'user', name: 'Ada' } as const
const guide = { id: 'guide', kind: 'agent', name: 'guide' } as const

const answer: Message = {
  key: 'guide/1',
  id: '1',
  by: guide,
  at: 0,
  seq: 1,
  parts: [{ type: 'text', text: 'Half an answ' }],
  state: 'streaming',
}

const idle: Deeds = {
  me: 'ada',
  approve: async () => true,
  cancel: async () => true,
  regenerate: async () => true,
  edit: () => {},
}

const waiting: Pending = { id: 'p1', parts: [{ type: 'text', text: 'hello' }], at: 0, state: 'waiting' }

function view(message: Message, deeds?: Deeds, usage?: Usage) {
  return (
    <DeedsContext value={deeds}>
      <MessageView message={message} uses={[]} usage={usage} mine={message.by.id === 'ada'} opens />
    </DeedsContext>
  )
}

function pending(one: Pending, onRetry = vi.fn(), onDiscard = vi.fn()) {
  return <PendingView pending={one} opens onRetry={onRetry} onDiscard={onDiscard} />
}

afterEach(cleanup)

test.each([
  ['interrupted', 'The answer was interrupted'],
  ['failed', 'The answer failed'],
  ['timed_out', 'The answer took too long'],
  ['cancelled', 'Stopped'],
] as const)('an answer that ended as %s keeps its text and says so', async (state, words) => {
  render(view({ ...answer, state }))
  expect(await screen.findByText('Half an answ')).toBeTruthy()
  expect(screen.getByText(words, { exact: false })).toBeTruthy()
})

test('a failed answer tells why, in the words meant for people', async () => {
  render(view({ ...answer, state: 'failed', failure: { code: 'model', message: 'The model is overloaded.' } }))
  expect(await screen.findByText('The answer failed: The model is overloaded.')).toBeTruthy()
})

test('a whole answer says nothing about its end', async () => {
  render(view({ ...answer, state: 'completed' }))
  expect(await screen.findByText('Half an answ')).toBeTruthy()
  expect(screen.queryByText('The answer', { exact: false })).toBeNull()
})

test('an answer can be asked for anew, once at a time', async () => {
  const asked = Promise.withResolvers<boolean>()
  const deeds = { ...idle, regenerate: vi.fn(() => asked.promise) }
  render(view({ ...answer, run: 'r1', state: 'failed' }, deeds))
  const retry = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Retry' })
  fireEvent.click(retry())
  expect(retry().disabled).toBe(true)
  expect(deeds.regenerate.mock.calls).toEqual([['r1']])
  asked.resolve(true)
  await waitFor(() => expect(retry().disabled).toBe(false))
})

test('an answer that is still growing cannot be asked for anew', () => {
  render(view({ ...answer, run: 'r1' }, idle))
  expect(screen.queryByRole('button', { name: 'Retry' })).toBeNull()
})

test('what an answer used of its model stands below it', () => {
  render(view({ ...answer, state: 'completed' }, idle, { model: 'm-1', inputTokens: 12, outputTokens: 34 }))
  expect(screen.getByText('m-1 · 12 tokens in, 34 out')).toBeTruthy()
})

test('one’s own words can be edited, those of others and earlier versions cannot', () => {
  const deeds = { ...idle, edit: vi.fn() }
  const question: Message = { ...answer, key: 'ada/1', by: ada, state: 'completed' }
  const { rerender } = render(view(question, deeds))
  fireEvent.click(screen.getByRole('button', { name: 'Edit' }))
  expect(deeds.edit.mock.calls).toEqual([[question]])
  rerender(view({ ...question, by: { ...ada, id: 'bob' } }, deeds))
  expect(screen.queryByRole('button', { name: 'Edit' })).toBeNull()
  rerender(view(question))
  expect(screen.queryByRole('button', { name: 'Edit' })).toBeNull()
})

test('sources are links, each once, and anything else that is data can be unfolded', () => {
  const source = (url: string, title?: string) =>
    ({ type: 'data', name: 'source-url', data: { url, ...(title === undefined ? {} : { title }) } }) as const
  const parts = [
    source('/docs/README.md', 'The beginning'),
    source('/docs/README.md', 'The beginning'),
    source('javascript:alert(1)', 'Evil'),
    source('https://example.org/'),
    { type: 'data', name: 'source-url', data: 'no address' },
    { type: 'data', name: 'weather', data: { celsius: 3 } },
  ] as const
  render(view({ ...answer, state: 'completed', parts }))
  const links = screen.getAllByRole('link').map((link) => [link.textContent, link.getAttribute('href')])
  expect(links).toEqual([
    ['The beginning', '/docs/README.md'],
    ['https://example.org/', 'https://example.org/'],
  ])
  expect(screen.getByText('weather')).toBeTruthy()
})

test('what waits says so, and offers nothing', () => {
  render(pending(waiting))
  expect(screen.getByText('Waiting to be sent')).toBeTruthy()
  expect(screen.queryByRole('button')).toBeNull()
})

test('what was refused stays with its reason, to be sent again or discarded', () => {
  const [retry, discard] = [vi.fn(), vi.fn()]
  const why = problem('rate.exceeded', 'too many messages')
  render(pending({ ...waiting, state: 'refused', problem: why }, retry, discard))
  expect(screen.getByText('hello')).toBeTruthy()
  expect(screen.getByRole('alert').textContent).toContain('too many messages')
  fireEvent.click(screen.getByRole('button', { name: 'Retry' }))
  fireEvent.click(screen.getByRole('button', { name: 'Discard' }))
  expect([retry.mock.calls, discard.mock.calls]).toEqual([[['p1']], [['p1']]])
})

test.each([
  'javascript:alert(1)',
  'JAVASCRIPT:alert(1)',
  ' java\nscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  '#part-2',
  undefined,
])('a link to %j leads nowhere', (href) => {
  render(<Link href={href}>text</Link>)
  expect(screen.getByText('text').closest('a')).toBeNull()
})

test.each(['https://example.org/', '/docs/README.md', 'mailto:ada@example.org'])(
  'a link to %j opens elsewhere',
  (href) => {
    render(<Link href={href}>text</Link>)
    const link = screen.getByRole('link', { name: 'text' })
    expect([link.getAttribute('href'), link.getAttribute('target'), link.getAttribute('rel')]).toEqual([
      href,
      '_blank',
      'noopener noreferrer nofollow',
    ])
  },
)
