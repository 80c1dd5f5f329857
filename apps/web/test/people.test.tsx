// @vitest-environment happy-dom
import type { Author, Message } from '@parley/protocol'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { entriesOf } from '../src/conversation/entries.ts'
import { Members } from '../src/people/members.tsx'
import { fewWords, PeopleContext, peopleOf, sameOr } from '../src/people/people.ts'
import { Receipt } from '../src/people/receipt.tsx'
import { receiptsOf } from '../src/people/receipts.ts'
import { TypingLine } from '../src/people/typing-line.tsx'

const ada: Author = { id: 'ada', kind: 'user', name: 'Ada' }
const ann: Author = { id: 'ann', kind: 'user', name: 'Ann' }
const bob: Author = { id: 'bob', kind: 'user', name: 'Bob' }
const cem: Author = { id: 'cem', kind: 'user', name: 'Cem' }
const guide: Author = { id: 'guide', kind: 'agent', name: 'Guide' }

function said(seq: number, by: Author, more: Partial<Message> = {}): Message {
  const parts = [{ type: 'text', text: `text ${seq}` }] as const
  return { key: `${by.id}/${seq}`, id: `${seq}`, by, at: 0, seq, parts, state: 'completed', ...more }
}

afterEach(cleanup)

test('who is here can be looked at: oneself first, agents last and marked, and how many are not named', () => {
  render(<Members members={[guide, bob, ada, ann]} count={7} me="ada" />)
  fireEvent.click(screen.getByRole('button', { name: '7 members here' }))
  const names = screen.getAllByRole('listitem').map(({ textContent }) => textContent)
  expect(names).toEqual(['AAdayou', 'AAnn', 'BBob', 'GGuideagent'])
  expect(screen.getByText('and 3 more')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Close' }))
  expect(screen.queryByRole('listitem')).toBeNull()
})

test.each([
  [[ann], 'Ann is writing…'],
  [[ann, bob], 'Ann and Bob are writing…'],
  [[ann, bob, cem], 'Ann and 2 others are writing…'],
  [[], ''],
])('who is writing is told in one line, which is there for nobody too', (typing, words) => {
  const { container } = render(<TypingLine typing={typing} />)
  const line = container.querySelector('p')
  expect([...(line?.children ?? [])].at(-1)?.textContent ?? '').toBe(words)
})

test('what one has said is sent, then seen: told at the latest, and where somebody stopped reading', () => {
  const messages = [said(1, ada), said(2, ada), said(3, ann), said(4, ada), said(5, ada)]
  const marks = (...all: [string, number][]) => [...receiptsOf(messages, new Map(all), 'ada')]
  expect(marks(['ada', 5])).toEqual([['ada/5', []]])
  expect(marks(['ann', 3], ['bob', 9], ['ada', 5])).toEqual([
    ['ada/5', ['bob']],
    ['ada/2', ['ann', 'bob']],
  ])
})

test('nothing is told of what was removed or said better, nor of what others said', () => {
  const messages = [
    said(1, ada),
    said(2, ann),
    said(3, ada, { redacted: true }),
    said(4, ada, { supersededBy: 'ada/9' }),
  ]
  expect([...receiptsOf(messages, new Map(), 'ada').keys()]).toEqual(['ada/1'])
})

test.each([
  [[], 'Sent'],
  [['ann'], 'Seen by Ann'],
  [['ann', 'bob'], 'Seen by Ann and Bob'],
  [['ann', 'bob', 'cem'], 'Seen by 3'],
])('a receipt names who has seen it: %j', (seen, words) => {
  render(
    <PeopleContext value={peopleOf([], [ann, bob, cem])}>
      <Receipt seen={seen} />
    </PeopleContext>,
  )
  expect(screen.getByText(words, { exact: false })).toBeTruthy()
  expect(screen.queryByText('Ann, Bob, and Cem') === null).toBe(seen.length < 3)
})

test('everybody who is known has the name they have now, and the map stays while nobody changes', () => {
  const before = peopleOf([said(1, ann)], [bob])
  expect([...before.keys()]).toEqual(['ann', 'bob'])
  expect(sameOr(before, peopleOf([said(1, ann), said(2, bob)], [bob]))).toBe(before)
  const after = peopleOf([said(1, ann)], [{ ...ann, name: 'Anna' }, bob])
  expect(sameOr(before, after).get('ann')?.name).toBe('Anna')
  expect(fewWords(['Ann', 'Bob', 'Cem'])).toBe('Ann and 2 others')
})

test('a line says where one left off, before the first that others have said since', () => {
  const messages = [said(1, ann), said(2, ada), said(3, ada), said(4, bob), said(5, ann)]
  const lines = (since: number) =>
    entriesOf({ messages, runs: new Map(), superseded: new Map() }, { since, me: 'ada' }).map((entry) =>
      entry.type === 'message' ? entry.key : entry.type,
    )
  expect(lines(1)).toEqual(['day', 'ann/1', 'ada/2', 'ada/3', 'unread', 'bob/4', 'ann/5'])
  expect(lines(5)).not.toContain('unread')
})
