// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { useRef, useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { Composer } from '../src/conversation/composer.tsx'
import { Draft } from '../src/conversation/draft.ts'

interface Props {
  readonly send?: (text: string) => Promise<void>
  readonly stop?: () => void
  readonly running?: boolean
  readonly draft?: string
  readonly steering?: boolean
  readonly onSteering?: (yes: boolean) => void
  readonly begun?: string
  readonly onLeave?: () => void
}

function Writing({ send = async () => {}, stop = () => {}, running = false, ...props }: Props) {
  const { draft: name = 'lobby', begun, ...more } = props
  const area = useRef<HTMLTextAreaElement>(null)
  const [draft] = useState(() => new Draft({ name, ...(begun === undefined ? {} : { begun }) }))
  const editing = begun === undefined ? {} : { editing: 0 }
  const what = { area, draft, running, onSend: send, onStop: stop, ...editing, ...more }
  return <Composer hint="Write" {...what} />
}

const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' })
const write = (text: string) => fireEvent.change(box(), { target: { value: text } })

afterEach(() => {
  cleanup()
  localStorage.clear()
})

test('Enter sends what was written and leaves the box empty', () => {
  const send = vi.fn(async () => {})
  render(<Writing send={send} />)
  write('  hello\nthere ')
  fireEvent.keyDown(box(), { key: 'Enter' })
  expect(send.mock.calls).toEqual([['hello\nthere', []]])
  expect(box().value).toBe('')
})

test('Shift and Enter, and Enter that chooses a word, send nothing', () => {
  const send = vi.fn(async () => {})
  render(<Writing send={send} />)
  write('こんにちは')
  fireEvent.keyDown(box(), { key: 'Enter', shiftKey: true })
  fireEvent.keyDown(box(), { key: 'Enter', isComposing: true })
  fireEvent.keyDown(box(), { key: 'Enter', keyCode: 229 })
  expect(send).not.toHaveBeenCalled()
  expect(box().value).toBe('こんにちは')
})

test('nothing but spaces cannot be sent', () => {
  const send = vi.fn(async () => {})
  render(<Writing send={send} />)
  write(' \n ')
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true)
  fireEvent.keyDown(box(), { key: 'Enter' })
  expect(send).not.toHaveBeenCalled()
})

test('a draft waits in its own room', () => {
  const { unmount } = render(<Writing draft="lobby" />)
  write('half a thought')
  unmount()
  const other = render(<Writing draft="team" />)
  expect(box().value).toBe('')
  other.unmount()
  render(<Writing draft="lobby" />)
  expect(box().value).toBe('half a thought')
})

test('a text that was not taken comes back before what was written since', async () => {
  const refusal = Promise.withResolvers<void>()
  render(<Writing send={() => refusal.promise} />)
  write('first')
  fireEvent.keyDown(box(), { key: 'Enter' })
  write('second')
  refusal.reject(new Error('too many posts are waiting'))
  await waitFor(() => expect(box().value).toBe('first\nsecond'))
})

test('an agent at work is stopped by the button or by Escape, and only then', () => {
  const stop = vi.fn()
  const { rerender } = render(<Writing stop={stop} />)
  expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull()
  fireEvent.keyDown(box(), { key: 'Escape' })
  expect(stop).not.toHaveBeenCalled()
  rerender(<Writing stop={stop} running />)
  fireEvent.click(screen.getByRole('button', { name: 'Stop' }))
  fireEvent.keyDown(box(), { key: 'Escape' })
  expect(stop).toHaveBeenCalledTimes(2)
})

test('editing begins with what was said, and sends what it has become', () => {
  const send = vi.fn(async () => {})
  render(<Writing send={send} draft="lobby/1" begun="What is a raeder?" />)
  expect(screen.getByText('Editing your message')).toBeTruthy()
  expect([box().value, document.activeElement]).toEqual(['What is a raeder?', box()])
  write('What is a reader?')
  fireEvent.keyDown(box(), { key: 'Enter' })
  expect(send.mock.calls).toEqual([['What is a reader?', []]])
})

test('Escape leaves what is being edited as it was, and stops nobody', () => {
  const [leave, stop] = [vi.fn(), vi.fn()]
  render(<Writing running stop={stop} begun="What is a raeder?" onLeave={leave} />)
  write('something else')
  fireEvent.keyDown(box(), { key: 'Escape' })
  expect([leave.mock.calls.length, stop.mock.calls.length]).toEqual([1, 0])
  cleanup()
  render(<Writing begun="What is a raeder?" />)
  expect(box().value).toBe('What is a raeder?')
})

test('whether an agent is steered can be chosen only where one can be', () => {
  const steer = vi.fn()
  const { rerender } = render(<Writing running />)
  expect(screen.queryByRole('checkbox')).toBeNull()
  rerender(<Writing running steering={false} onSteering={steer} />)
  fireEvent.click(screen.getByRole('checkbox', { name: 'Steer the answer' }))
  expect(steer.mock.calls).toEqual([[true]])
})
