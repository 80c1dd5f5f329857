// @vitest-environment happy-dom
import type { Message } from '@parley/protocol'
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { useEditing } from '../src/conversation/use-editing.ts'

const question: Message = {
  key: 'ada/q1',
  id: 'q1',
  by: { id: 'ada', kind: 'user' },
  at: 0,
  seq: 1,
  parts: [{ type: 'text', text: 'What is a raeder?' }],
  state: 'completed',
}

afterEach(cleanup)

test('what was said is said better, and something new can be written', async () => {
  const say = vi.fn(async () => {})
  const { result } = renderHook(() => useEditing(say))
  expect(result.current.editing).toBeUndefined()
  act(() => result.current.edit(question))
  expect(result.current.editing).toEqual({ id: 'q1', key: 'ada/q1', text: 'What is a raeder?', parts: question.parts })
  await act(() => result.current.improve('What is a reader?'))
  expect(say.mock.calls).toEqual([
    [
      { id: 'q1', key: 'ada/q1', text: 'What is a raeder?', parts: question.parts },
      [{ type: 'text', text: 'What is a reader?' }],
    ],
  ])
  expect(result.current.editing).toBeUndefined()
})

test('what was not taken is still being edited', async () => {
  const { result } = renderHook(() => useEditing(() => Promise.reject(new Error('too many posts are waiting'))))
  act(() => result.current.edit(question))
  await act(() => result.current.improve('What is a reader?'))
  expect(result.current.editing).toEqual({ id: 'q1', key: 'ada/q1', text: 'What is a reader?', parts: question.parts })
})

test('leaving it sends nothing', () => {
  const send = vi.fn(async () => {})
  const { result } = renderHook(() => useEditing(send))
  act(() => result.current.edit(question))
  act(() => result.current.leave())
  expect(result.current.editing).toBeUndefined()
  expect(send).not.toHaveBeenCalled()
})
