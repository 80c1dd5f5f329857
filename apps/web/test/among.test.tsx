// @vitest-environment happy-dom
import type { Author, Message } from '@parley/protocol'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useRef, useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { Composer } from '../src/conversation/composer.tsx'
import { type Among, type Deeds, DeedsContext } from '../src/conversation/deeds.ts'
import { Draft } from '../src/conversation/draft.ts'
import { mentionsIn, piecesOf } from '../src/conversation/mentions.ts'
import { MessageView } from '../src/conversation/message.tsx'
import { PeopleContext, peopleOf } from '../src/people/people.ts'

const ada: Author = { id: 'ada', kind: 'user', name: 'Ada' }
const ann: Author = { id: 'u-1', kind: 'user', name: 'Ann Lee' }
const guide: Author = { id: 'guide', kind: 'agent', name: 'The guide' }
const people = peopleOf([], [ada, ann, guide])

const hers: Message = {
  key: 'u-1/1',
  id: '1',
  by: ann,
  at: 0,
  seq: 1,
  parts: [{ type: 'text', text: 'Shall we, @Ada?' }],
  state: 'completed',
}
const mine: Message = { ...hers, key: 'ada/2', id: '2', by: ada, seq: 2, parts: [{ type: 'text', text: 'We shall.' }] }

function stage(message: Message, quoted?: Message) {
  const among = {
    reply: vi.fn<Among['reply']>(),
    react: vi.fn<Among['react']>(async () => true),
    redact: vi.fn<Among['redact']>(async () => true),
    seek: vi.fn<Among['seek']>(),
  }
  const edit = vi.fn<Deeds['edit']>()
  const yes = async () => true
  const deeds: Deeds = { me: 'ada', approve: yes, cancel: yes, regenerate: yes, edit, among }
  const view = (message: Message) => (
    <DeedsContext value={deeds}>
      <PeopleContext value={people}>
        <MessageView message={message} quoted={quoted} uses={[]} mine={message.by.id === 'ada'} opens />
      </PeopleContext>
    </DeedsContext>
  )
  const { rerender } = render(view(message))
  return { ...among, edit, become: (next: Message) => rerender(view(next)) }
}

const button = (name: string) => screen.getByRole('button', { name })
const has = (name: string) => screen.queryByRole('button', { name }) !== null
const act = () => fireEvent.click(button('Message actions'))

afterEach(() => {
  cleanup()
  localStorage.clear()
})

test('a message of somebody else can be answered and reacted to, not edited nor removed', () => {
  const { reply, react } = stage(hers)
  act()
  expect([has('Edit'), has('Remove')]).toEqual([false, false])
  fireEvent.click(button('React with 🎉'))
  expect(react.mock.calls).toEqual([[hers, '🎉', true]])
  act()
  fireEvent.click(button('Reply'))
  expect(reply.mock.calls).toEqual([[hers]])
})

test('one’s own message is removed only after one was asked', () => {
  const { redact, become } = stage(mine)
  act()
  fireEvent.click(button('Remove'))
  expect(screen.getByText('Remove it for everybody?')).toBeTruthy()
  fireEvent.click(button('Keep'))
  expect(redact).not.toHaveBeenCalled()
  act()
  fireEvent.click(button('Remove'))
  fireEvent.click(button('Remove'))
  expect(redact.mock.calls).toEqual([[mine]])
  become({ ...mine, parts: [], redacted: true })
  expect(screen.getByText('Message removed')).toBeTruthy()
  expect(has('Message actions')).toBe(false)
})

test('Escape leaves the actions and stops nobody', () => {
  const heard = vi.fn((event: KeyboardEvent) => event.defaultPrevented)
  addEventListener('keydown', heard)
  stage(mine)
  act()
  fireEvent.keyDown(button('Reply'), { key: 'Escape' })
  removeEventListener('keydown', heard)
  expect(has('Reply')).toBe(false)
  expect(heard.mock.results).toMatchObject([{ value: true }])
})

test('what was edited says so', () => {
  const { edit, become } = stage(mine)
  act()
  fireEvent.click(button('Edit'))
  expect(edit.mock.calls).toEqual([[mine]])
  become({ ...mine, editedAt: 5, parts: [{ type: 'text', text: 'We will.' }] })
  expect([screen.getByText('We will.'), screen.getByText('edited')]).toHaveLength(2)
})

test('reactions are counted and named, and one’s own is taken back', () => {
  const message = {
    ...hers,
    reactions: new Map([
      ['🎉', ['ada', 'u-1']],
      ['👀', ['u-1']],
    ]),
  }
  const { react } = stage(message)
  fireEvent.click(button('🎉 2: you and Ann Lee'))
  fireEvent.click(button('👀 1: Ann Lee'))
  expect(react.mock.calls).toEqual([
    [message, '🎉', false],
    [message, '👀', true],
  ])
})

test('an answer quotes what it answers and leads to it', () => {
  const { seek } = stage({ ...mine, replyTo: 'u-1/1' }, hers)
  fireEvent.click(button('In reply to Ann Lee Shall we, @Ada?'))
  expect(seek.mock.calls).toEqual([['u-1/1']])
})

test('an answer to what is not loaded leads there all the same, and what was removed is not quoted', () => {
  stage({ ...mine, replyTo: 'u-1/1' })
  expect(screen.getByText('An earlier message')).toBeTruthy()
  cleanup()
  stage({ ...mine, replyTo: 'u-1/1' }, { ...hers, parts: [], redacted: true })
  expect(screen.getByText('Message removed')).toBeTruthy()
})

test('who is meant is marked, and most of all oneself', () => {
  stage(hers)
  expect(screen.getByText('@Ada').dataset).toMatchObject({ me: 'true' })
})

test.each([
  ['@Ann Lee and @guide', ['u-1', 'guide']],
  ['hello @ann lee!', ['u-1']],
  ['@Anne Leeds, mail@ada.example', []],
  ['@ada @Ada', ['ada']],
  ['nobody', []],
])('in “%s” are meant %j', (text, ids) => {
  expect(mentionsIn(text, people)).toEqual(ids)
  expect(
    piecesOf(text, people)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text)
})

function Writing({ send }: { readonly send: (text: string) => Promise<void> }) {
  const area = useRef<HTMLTextAreaElement>(null)
  const [draft] = useState(() => new Draft({ name: 'team' }))
  const [typing, setTyping] = useState<boolean>()
  return (
    <PeopleContext value={people}>
      <Composer
        area={area}
        draft={draft}
        hint="Write"
        running={false}
        onTyping={setTyping}
        onSend={send}
        onStop={() => {}}
      />
      <output>{String(typing)}</output>
    </PeopleContext>
  )
}

const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' })

function write(text: string): void {
  fireEvent.change(box(), { target: { value: text } })
  box().setSelectionRange(text.length, text.length)
  fireEvent.select(box())
}

test('a name that is begun is completed by Enter, which sends nothing then', () => {
  const send = vi.fn(async () => {})
  render(<Writing send={send} />)
  write('Hello @a')
  const names = () => screen.queryAllByRole('option').map(({ textContent }) => textContent)
  expect(names()).toEqual(['AAda', 'ALAnn Lee'])
  fireEvent.keyDown(box(), { key: 'ArrowDown' })
  fireEvent.keyDown(box(), { key: 'Enter' })
  expect([box().value, names(), send.mock.calls]).toEqual(['Hello @Ann Lee ', [], []])
  fireEvent.keyDown(box(), { key: 'Enter' })
  expect(send.mock.calls).toEqual([['Hello @Ann Lee', []]])
})

test('Escape sends the names away, and Enter sends what was written', () => {
  const send = vi.fn(async () => {})
  render(<Writing send={send} />)
  write('@g')
  expect(screen.getAllByRole('option')).toHaveLength(1)
  fireEvent.keyDown(box(), { key: 'Escape' })
  expect(screen.queryByRole('option')).toBeNull()
  fireEvent.keyDown(box(), { key: 'Enter' })
  expect(send.mock.calls).toEqual([['@g', []]])
})

test('that one writes is told at each keystroke, and when nothing is left of it', () => {
  render(<Writing send={async () => {}} />)
  const told = () => screen.getByRole('status').textContent
  expect(told()).toBe('undefined')
  write('a')
  expect(told()).toBe('true')
  write('')
  expect(told()).toBe('false')
})
