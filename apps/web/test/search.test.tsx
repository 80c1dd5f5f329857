// @vitest-environment happy-dom
import { type Client, connect } from '@parley/client'
import { type Hit, problem, Refusal, roomId } from '@parley/protocol'
import { ParleyProvider } from '@parley/react'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { pieces } from '../src/search/excerpt.tsx'
import { SearchDialog } from '../src/search/search-dialog.tsx'

const team = roomId('team')
if (team === undefined) throw new Error('not a room')

function hit(seq: number, excerpt: string): Hit {
  const by = { id: 'ann', kind: 'user', name: 'Ann' } as const
  return { room: team ?? never(), seq, message: `ann/${seq}`, by, at: 0, excerpt }
}

function never(): never {
  throw new Error('not a room')
}

function show(find: Client['search']) {
  const client = connect('ws://127.0.0.1:1', { lazy: true })
  const onGo = vi.fn()
  render(
    <ParleyProvider client={Object.assign(client, { search: find })}>
      <SearchDialog open onClose={() => {}} onGo={onGo} titleOf={() => 'The team'} />
    </ParleyProvider>,
  )
  return onGo
}

const box = () => screen.getByRole('combobox', { name: 'Search all conversations' })
const write = (value: string) => fireEvent.change(box(), { target: { value } })

afterEach(cleanup)

test('what is found can be gone through by the arrows, and Enter leads to it', async () => {
  const hits = [hit(3, 'a reader waits'), hit(2, 'another reader')]
  const onGo = show(async () => hits)
  write('read')
  expect(await screen.findByText('2 messages')).toBeTruthy()
  const chosen = () => screen.getAllByRole('option').map((option) => option.getAttribute('aria-selected'))
  expect(chosen()).toEqual(['true', 'false'])
  fireEvent.keyDown(box(), { key: 'ArrowDown' })
  fireEvent.keyDown(box(), { key: 'ArrowDown' })
  expect(chosen()).toEqual(['false', 'true'])
  expect(box().getAttribute('aria-activedescendant')).toBe(screen.getAllByRole('option')[1]?.id)
  fireEvent.keyDown(box(), { key: 'Enter' })
  expect(onGo.mock.calls).toEqual([[hits[1]]])
})

test('that nothing was found is said, and so is why it could not be searched', async () => {
  show(async (text) => {
    if (text === 'wrong') throw new Refusal('rate.exceeded', 'too many searches')
    return []
  })
  write('nothing')
  expect(await screen.findByText('Nothing was found.')).toBeTruthy()
  write('wrong')
  expect(
    await screen.findByText(`Could not search: ${problem('rate.exceeded', 'too many searches').message}`),
  ).toBeTruthy()
})

test.each([
  ['A reader reads.', 'READ', ['A ', 'read', 'er ', 'read', 's.']],
  ['bread', 'read', ['bread']],
  ['a.b', '.*', ['a.b']],
])('in “%s” the beginnings of %j are marked', (text, words, found) => {
  expect(pieces(text, words)).toEqual(found)
})
