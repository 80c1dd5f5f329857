// @vitest-environment happy-dom
import type { Tool, ToolProgress } from '@parley/protocol'
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { type Deeds, DeedsContext } from '../src/conversation/deeds.ts'
import { ToolCard } from '../src/conversation/tool-card.tsx'

const bob = { id: 'bob', kind: 'user', name: 'Bob' } as const

const search: Tool = {
  call: 'c1',
  run: 'r1',
  message: '1',
  by: { id: 'guide', kind: 'agent', name: 'guide' },
  name: 'search',
  title: 'Searching',
  input: { query: 'slow clients' },
  state: 'running',
}

const asking: Tool = { ...search, state: 'asking', approval: { until: Date.now() + 60_000 } }

const idle: Deeds = {
  me: 'ada',
  approve: async () => true,
  cancel: async () => true,
  regenerate: async () => true,
  edit: () => {},
}

function card(
  tool: Tool,
  { deeds, progress }: { deeds?: Deeds; progress?: Omit<ToolProgress, 'type' | 'run' | 'call'> } = {},
) {
  const told = progress && ({ type: 'tool.progress', run: 'r1', call: 'c1', ...progress } as const)
  return (
    <DeedsContext value={deeds}>
      <ToolCard tool={tool} progress={told} />
    </DeedsContext>
  )
}

function unfold(): void {
  const fold = screen.getByText('Searching').closest('details')
  if (fold === null) throw new Error('the tool cannot be unfolded')
  fold.open = true
  fireEvent(fold, new Event('toggle'))
}

const bar = () => screen.getByRole('progressbar', { name: 'Searching' })
const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name })

afterEach(cleanup)

test.each([
  ['writing', 'Preparing'],
  ['asking', 'Waits for approval'],
  ['running', 'Running'],
  ['cancelling', 'Stopping'],
  ['ok', 'Done'],
  ['failed', 'Failed'],
  ['timed_out', 'Timed out'],
  ['cancelled', 'Cancelled'],
  ['denied', 'Denied'],
  ['skipped', 'Replaced by its fallback'],
] as const)('a tool that is %s says so', (state, words) => {
  render(card({ ...search, state }))
  expect(screen.getByText(words)).toBeTruthy()
})

test('a tool shows that it works, and what went in and came out once it is unfolded', () => {
  const { rerender } = render(card(search))
  expect(bar().hasAttribute('aria-valuenow')).toBe(false)
  rerender(card({ ...search, state: 'ok', output: 'three passages' }))
  expect(screen.queryByRole('progressbar')).toBeNull()
  expect(screen.queryByText('three passages')).toBeNull()
  unfold()
  expect(screen.getByText('three passages')).toBeTruthy()
  expect(screen.getByText(/slow clients/u)).toBeTruthy()
})

test.each([
  [{ fraction: 0.424, text: 'Reading' }, '42', '42 %, Reading'],
  [{ step: 3, steps: 5, text: 'Reading' }, '40', 'Step 3 of 5, Reading'],
  [{ step: 3, steps: 5, fraction: 0.9 }, '90', 'Step 3 of 5'],
  [{ step: 3 }, null, 'Step 3'],
  [{ text: 'Reading' }, null, 'Reading'],
  [{ fraction: 7 }, '100', '100 %'],
] as const)('how far it has come is shown: %j', (progress, now, text) => {
  render(card(search, { progress }))
  expect([bar().getAttribute('aria-valuenow'), bar().getAttribute('aria-valuetext')]).toEqual([now, text])
})

test('what is being written for it, and what it prints, can be read as it grows', () => {
  const { input: _, ...bare } = search
  const { rerender } = render(card({ ...bare, state: 'writing', inputText: '{"query":"slo' }))
  expect(screen.getByText('{"query":"slo')).toBeTruthy()
  expect(screen.queryByRole('progressbar')).toBeNull()
  rerender(card({ ...search, printed: 'first line\n' }))
  expect(screen.getByText('first line')).toBeTruthy()
  rerender(card({ ...search, printed: 'first line\n', state: 'ok' }))
  expect(screen.queryByText('first line')).toBeNull()
  unfold()
  expect(screen.getByText('first line')).toBeTruthy()
})

test('what was printed is not shown twice where it is the output as well', () => {
  render(card({ ...search, state: 'ok', printed: 'all of it', output: 'all of it' }))
  unfold()
  expect(screen.getAllByText('all of it')).toHaveLength(1)
})

test('one running tool can be stopped by itself', () => {
  const deeds = { ...idle, cancel: vi.fn(async () => true) }
  const { rerender } = render(card(search, { deeds }))
  fireEvent.click(button('Cancel Searching'))
  expect(deeds.cancel.mock.calls).toEqual([[search]])
  rerender(card({ ...search, state: 'cancelling' }, { deeds }))
  expect(screen.queryByRole('button')).toBeNull()
  expect(bar()).toBeTruthy()
})

test('a tool that asks shows what it wants to do, and until when', () => {
  render(card(asking, { deeds: idle }))
  const group = within(screen.getByRole('group', { name: 'Approval of Searching' }))
  expect(group.getByText(/slow clients/u)).toBeTruthy()
  expect(group.getByText(/only if you allow it/u).querySelector('time')?.dateTime).toBe(
    new Date(asking.approval?.until ?? 0).toISOString(),
  )
  expect(screen.queryByRole('progressbar')).toBeNull()
})

test('it is approved, or denied with a reason, once', async () => {
  const answer = Promise.withResolvers<boolean>()
  const deeds = { ...idle, approve: vi.fn(() => answer.promise) }
  render(card(asking, { deeds }))
  fireEvent.change(screen.getByRole('textbox', { name: 'Reason' }), { target: { value: ' not today ' } })
  fireEvent.click(button('Deny'))
  expect([button('Approve').disabled, button('Deny').disabled]).toEqual([true, true])
  expect(document.activeElement?.textContent).toContain('Searching')
  answer.resolve(false)
  await waitFor(() => expect(button('Approve').disabled).toBe(false))
  fireEvent.change(screen.getByRole('textbox', { name: 'Reason' }), { target: { value: '' } })
  fireEvent.click(button('Approve'))
  expect(deeds.approve.mock.calls).toEqual([
    [asking, false, 'not today'],
    [asking, true, undefined],
  ])
})

test('Escape in the reason takes it back and stops nobody', () => {
  render(card(asking, { deeds: idle }))
  const reason = screen.getByRole<HTMLInputElement>('textbox', { name: 'Reason' })
  fireEvent.change(reason, { target: { value: 'hm' } })
  expect(fireEvent.keyDown(reason, { key: 'Escape' })).toBe(false)
  expect(reason.value).toBe('')
})

test('who only reads an earlier version can decide nothing', () => {
  render(card(asking))
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull()
  expect(screen.queryByRole('textbox')).toBeNull()
})

test.each([
  [{ approved: true, user: bob }, 'Approved by Bob'],
  [{ approved: true, user: { ...bob, id: 'ada' } }, 'Approved by you'],
  [{ approved: false, user: bob, reason: 'too dangerous' }, 'Denied by Bob: too dangerous'],
  [{ approved: false, reason: 'nobody answered in time' }, 'Not approved: nobody answered in time'],
] as const)('who decided stays to be read: %j', (decision, words) => {
  const state = decision.approved ? 'ok' : 'denied'
  const failure = { code: 'denied', message: 'in other words' }
  render(card({ ...asking, state, approval: { until: 1, ...decision }, failure }, { deeds: idle }))
  expect(screen.getByText(words)).toBeTruthy()
  if (!decision.approved) expect(screen.queryByText('in other words')).toBeNull()
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull()
})

test.each(['failed', 'timed_out', 'skipped'] as const)('a tool that is %s says why', (state) => {
  render(card({ ...search, state, failure: { code: 'broken', message: 'The index is broken.' } }))
  expect(screen.getByText('The index is broken.')).toBeTruthy()
})
