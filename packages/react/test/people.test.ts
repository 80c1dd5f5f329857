// @vitest-environment happy-dom
import { memoryOutbox } from '@parley/client'
import { problem } from '@parley/protocol'
import { act, cleanup, renderHook } from '@testing-library/react'
import { createElement, type ReactNode } from 'react'
import { afterEach, expect, test } from 'vitest'
import { alice, bob } from '../../client/test/server.ts'
import { world } from '../../client/test/world.ts'
import { ParleyProvider, useMessages, usePresence, useReads, useSearch, useTasks, useTyping } from '../src/index.ts'

afterEach(cleanup)

/** A component tree with a client in it, in a time that passes only when a test lets it. */
function stage() {
  const made = world({ outbox: memoryOutbox() })
  return {
    ...made,
    wrapper: ({ children }: { children: ReactNode }) =>
      createElement(ParleyProvider, { client: made.client }, children),
    pass: (ms?: number) => act(() => made.time.pass(ms)),
  }
}

test('who is here is told by name, and one can say how one is', async () => {
  const { wrapper, pass, server } = stage()
  server.members = [bob, alice]
  const { result } = renderHook(() => usePresence('lobby'), { wrapper })
  await pass()
  expect(result.current.members.map(({ user }) => user.name)).toEqual(['Alice', 'Bob'])
  result.current.setState('busy')
  server.signal('lobby', { type: 'presence', user: bob, here: false })
  await pass()
  expect(result.current).toMatchObject({ count: 1, members: [{ user: alice }] })
  expect(server.heard('presence')).toMatchObject([{ state: 'busy' }])
})

test('who writes is told, and that one does is said', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(() => useTyping('lobby'), { wrapper })
  await pass()
  const { keystroke, stop } = result.current
  server.signal('lobby', { type: 'typing', user: bob, on: true })
  keystroke()
  keystroke()
  stop()
  await pass()
  expect(result.current).toMatchObject({ typing: [bob], keystroke, stop })
  expect(server.heard('typing').map(({ on }) => on)).toEqual([true, false])
})

test('who has seen a message is told, without its author', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(() => useReads('lobby'), { wrapper })
  await pass()
  server.post('lobby', bob, 'one')
  await pass()
  act(() => result.current.read())
  server.signal('lobby', { type: 'read', user: 'bob', seq: 1 }, { type: 'read', user: 'carol', seq: 0 })
  await pass()
  expect(result.current.seenBy({ seq: 1, by: bob })).toEqual(['alice'])
  expect(result.current.seenBy({ seq: 1, by: alice })).toEqual(['bob'])
  expect(result.current.seenBy({ seq: 2, by: alice })).toEqual([])
})

test('tasks are made, assigned and filtered; those that are over are shown when asked for', async () => {
  const { wrapper, pass, server } = stage()
  const filters = [{}, { assignee: 'bob' }, { over: true }, { status: 'done' }] as const
  const { result } = renderHook(() => filters.map((filter) => useTasks('lobby', filter)), { wrapper })
  await pass()
  const [all] = result.current
  act(() => void all?.create('wash'))
  const done = { id: 't', title: 'cook', status: 'done', progress: 100, priority: 2 } as const
  server.append('lobby', bob, { type: 'task.set', task: done, change: 'created' })
  await pass()
  const id = result.current[0]?.tasks[0]?.id ?? ''
  act(() => void all?.assign(id, 'bob'))
  await pass()
  expect(server.heard('task')).toMatchObject([{ title: 'wash' }, { task: id, assignee: 'bob' }])
  expect(result.current.map(({ tasks }) => tasks.map((task) => task.id))).toEqual([[id], [id], [id, 't'], ['t']])
  expect(result.current[0]).toMatchObject({ create: all?.create, update: all?.update, assign: all?.assign })
})

test('a search shows what was found, or why nothing was', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(() => useSearch('lobby'), { wrapper })
  await pass()
  act(() => result.current.search('first'))
  act(() => result.current.search('second'))
  expect(result.current).toMatchObject({ searching: true, hits: [] })
  await pass()
  expect(result.current).toMatchObject({ searching: false, hits: [{ excerpt: 'second' }] })
  server.decide = ({ type }) => (type === 'search' ? problem('access.denied', 'not here') : undefined)
  act(() => result.current.search('third'))
  await pass()
  expect(result.current).toMatchObject({ searching: false, hits: [], problem: { code: 'access.denied' } })
  act(() => result.current.clear())
  expect(result.current).toMatchObject({ searching: false, hits: [], problem: undefined })
})

test('a message can be answered, reacted to, edited and removed', async () => {
  const { wrapper, pass } = stage()
  const { result } = renderHook(() => useMessages('lobby'), { wrapper })
  await pass()
  act(() => void result.current.reply('bob/x', 'helo', { id: 'one' }))
  await pass()
  act(() => void result.current.editMessage('alice/one', 'hello'))
  act(() => void result.current.react('alice/one', '+1'))
  await pass()
  expect(result.current.messages).toMatchObject([{ replyTo: 'bob/x', parts: [{ text: 'hello' }] }])
  expect(result.current.messages[0]?.reactions?.get('+1')).toEqual(['alice'])
  act(() => void result.current.redact('alice/one'))
  await pass()
  expect(result.current.messages).toMatchObject([{ redacted: true }])
})
