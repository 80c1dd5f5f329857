// @vitest-environment happy-dom
import type { Pending } from '@parley/client'
import { type Message, problem, type Tool } from '@parley/protocol'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { Link } from '../src/conversation/link.tsx'
import { MessageView } from '../src/conversation/message.tsx'
import { PendingView } from '../src/conversation/pending.tsx'

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

const search: Tool = {
  call: 'c1',
  run: 'r',
  message: '1',
  name: 'search',
  title: 'Searching',
  input: {},
  state: 'running',
}

const waiting: Pending = { id: 'p1', parts: [{ type: 'text', text: 'hello' }], at: 0, state: 'waiting' }

function view(message: Message, tools: readonly Tool[] = []) {
  return <MessageView message={message} tools={tools} mine={false} opens />
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

test('a tool shows progress while it runs, and what came out once it is opened', async () => {
  const message: Message = { ...answer, parts: [{ type: 'tool', call: 'c1' }] }
  const { rerender } = render(view(message, [search]))
  expect(screen.getByRole('progressbar', { name: 'Searching' })).toBeTruthy()
  rerender(view(message, [{ ...search, state: 'ok', output: 'three passages' }]))
  expect(screen.queryByRole('progressbar')).toBeNull()
  const fold = screen.getByText('Searching').closest('details')
  if (fold === null) throw new Error('the tool cannot be opened')
  expect(screen.queryByText('three passages')).toBeNull()
  fold.open = true
  fireEvent(fold, new Event('toggle'))
  expect(await screen.findByText('three passages')).toBeTruthy()
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
