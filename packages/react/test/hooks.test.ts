// @vitest-environment happy-dom
import { type Client, memoryOutbox } from '@parley/client'
import { act, cleanup, render, renderHook } from '@testing-library/react'
import { createElement, type ReactNode, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test } from 'vitest'
import { alice, bob } from '../../client/test/server.ts'
import { textOf, world } from '../../client/test/world.ts'
import {
  ParleyProvider,
  useClient,
  useConnection,
  useMessages,
  useRoom,
  useRuns,
  useTools,
  useWebSocket,
} from '../src/index.ts'

afterEach(cleanup)

const guide = { id: 'guide', kind: 'agent', name: 'Guide' } as const

/** A component tree with a client in it, in a time that passes only when a test lets it. */
function stage() {
  const made = world({ outbox: memoryOutbox() })
  return {
    ...made,
    wrapper: ({ children }: { children: ReactNode }) => under(made.client, children),
    pass: (ms?: number) => act(() => made.time.pass(ms)),
  }
}

function under(client: Client, children: ReactNode) {
  return createElement(ParleyProvider, { client }, children)
}

test('a component knows how the connection is', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(useConnection, { wrapper })
  expect(result.current.status).toBe('connecting')
  await pass()
  expect(result.current).toEqual({ status: 'connected', attempt: 0, actor: alice })
  server.up = false
  server.wire.end()
  await pass(1)
  expect(result.current).toMatchObject({ status: 'reconnecting', attempt: 1 })
})

test('a component without a provider is told so', () => {
  const silent = console.error
  console.error = () => {}
  expect(() => renderHook(useClient)).toThrow('ParleyProvider')
  console.error = silent
})

test('a room is joined while a component shows it', async () => {
  const { wrapper, pass, server } = stage()
  server.post('lobby', bob, 'hello')
  const { result, unmount } = renderHook(() => useRoom('lobby'), { wrapper })
  await pass()
  expect(result.current.joined).toBe(true)
  expect(result.current.messages.map(({ parts }) => textOf(parts))).toEqual(['hello'])
  unmount()
  await pass(6_000)
  expect(server.heard('leave')).toEqual([{ type: 'leave', room: 'lobby' }])
})

test('a component that is mounted twice joins once, and leaves nothing behind', async () => {
  const { client, pass, server, time } = stage()
  const shown = createElement(StrictMode, null, under(client, createElement(Texts)))
  const { unmount } = render(shown)
  await pass(6_000)
  expect(server.heard('join')).toHaveLength(1)
  expect(server.heard('leave')).toHaveLength(0)
  unmount()
  await pass(6_000)
  expect(server.heard('leave')).toHaveLength(1)
  await Promise.all([client.close(), pass()])
  expect(time.timers).toBe(0)
})

test('going to another room leaves the one before', async () => {
  const { wrapper, pass, server } = stage()
  const { rerender } = renderHook(({ id }) => useRoom(id), { wrapper, initialProps: { id: 'one' } })
  await pass()
  rerender({ id: 'other' })
  await pass(6_000)
  expect(server.heard('join').map(({ room }) => room)).toEqual(['one', 'other'])
  expect(server.heard('leave').map(({ room }) => room)).toEqual(['one'])
})

test('what is said is shown at once, and never twice', async () => {
  const { wrapper, pass } = stage()
  const counts: number[] = []
  const { result } = renderHook(
    () => {
      const conversation = useMessages('lobby')
      counts.push(conversation.messages.length + conversation.pending.length)
      return conversation
    },
    { wrapper },
  )
  await pass()
  act(() => void result.current.post('hello'))
  expect(result.current.pending).toMatchObject([{ state: 'sent' }])
  await pass()
  expect(result.current.pending).toEqual([])
  expect(result.current.messages).toHaveLength(1)
  expect(counts.slice(counts.indexOf(1)).every((count) => count === 1)).toBe(true)
})

test('the functions of a conversation stay the same', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(() => useMessages('lobby'), { wrapper })
  const { post, retry, discard, older } = result.current
  await pass()
  server.post('lobby', bob, 'news')
  await pass()
  expect(result.current).toMatchObject({ post, retry, discard, older })
})

test('a component sees who is at work, and what they do', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(() => ({ runs: useRuns('lobby'), tools: useTools('lobby') }), { wrapper })
  await pass()
  server.append('lobby', guide, { type: 'run.started', run: 'r', cause: 'alice/1', node: 'n' })
  server.append('lobby', guide, { type: 'message.opened', message: 'm', run: 'r' })
  server.append('lobby', guide, {
    type: 'tool.called',
    run: 'r',
    message: 'm',
    part: 0,
    call: 'c',
    name: 'search',
    input: {},
  })
  await pass()
  expect(result.current.runs.active).toMatchObject([{ id: 'r', agent: guide }])
  expect(result.current.tools.tools).toMatchObject([{ name: 'search', state: 'running' }])
  act(() => void result.current.runs.cancel('r'))
  await pass()
  expect(server.heard('cancel')).toHaveLength(1)
  server.append('lobby', guide, { type: 'run.ended', run: 'r', outcome: 'cancelled' })
  await pass()
  expect(result.current.runs).toMatchObject({ active: [], runs: [{ id: 'r', state: 'cancelled' }] })
})

test('a component sees how far a tool is, and decides what waits for a decision', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(() => useTools('lobby'), { wrapper })
  await pass()
  const ofRun = { run: 'r', message: 'm', name: 'index', input: {} } as const
  server.append('lobby', guide, { type: 'run.started', run: 'r', cause: 'alice/1', node: 'n' })
  server.append('lobby', guide, { type: 'message.opened', message: 'm', run: 'r' })
  server.append('lobby', guide, { type: 'tool.called', ...ofRun, part: 0, call: 'one' })
  server.append('lobby', guide, { type: 'tool.called', ...ofRun, part: 1, call: 'two' })
  server.append('lobby', guide, { type: 'approval.asked', run: 'r', call: 'two', until: 1_900_000_000_000 })
  await pass()
  const { tools } = result.current
  server.signal('lobby', { type: 'tool.progress', run: 'r', call: 'one', fraction: 0.5 })
  await pass()
  expect(result.current.tools).toMatchObject([{ call: 'one', progress: { fraction: 0.5 } }, { call: 'two' }])
  expect(result.current.tools[1]).toBe(tools[1])
  expect(result.current.asking).toMatchObject([{ call: 'two', approval: { until: 1_900_000_000_000 } }])
  act(() => void result.current.approve('two', false, 'no'))
  act(() => void result.current.cancel('r', 'one'))
  await pass()
  expect(server.heard('approve')).toMatchObject([{ run: 'r', call: 'two', approved: false, reason: 'no' }])
  expect(server.heard('cancel')).toMatchObject([{ run: 'r', call: 'one' }])
  server.append('lobby', guide, { type: 'tool.ended', run: 'r', call: 'two', outcome: 'denied' })
  await pass()
  expect(result.current.asking).toEqual([])
})

test('what was said better takes the place of what it replaces, unless both are wanted', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(
    () => ({ latest: useMessages('lobby'), all: useMessages('lobby', { superseded: true }), runs: useRuns('lobby') }),
    { wrapper },
  )
  await pass()
  server.post('lobby', alice, 'helo', 'one')
  server.append('lobby', guide, { type: 'run.started', run: 'r', cause: 'alice/one', node: 'n' })
  server.append('lobby', guide, { type: 'message.opened', message: 'm', run: 'r' })
  await pass()
  const texts = (of: 'latest' | 'all') => result.current[of].messages.map(({ parts }) => textOf(parts))
  expect(texts('latest')).toEqual(['helo', ''])
  act(() => void result.current.latest.edit('one', 'hello'))
  act(() => void result.current.latest.regenerate('r'))
  act(() => void result.current.runs.steer('r', 'shorter'))
  await pass()
  expect(texts('latest')).toEqual(['hello', 'shorter'])
  expect(texts('all')).toEqual(['helo', '', 'hello', 'shorter'])
  expect(server.heard('post')).toMatchObject([{ supersedes: 'one' }, { steers: 'r' }])
  expect(server.heard('regenerate')).toMatchObject([{ run: 'r' }])
})

test('lists stay the same until something in them changes', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(() => ({ runs: useRuns('lobby') }), { wrapper })
  await pass()
  const before = result.current.runs
  server.wire.end()
  await pass(1)
  expect(result.current.runs).toBe(before)
})

test('a socket by its usual names', async () => {
  const { wrapper, pass, server } = stage()
  const { result } = renderHook(useWebSocket, { wrapper })
  const { send, reconnect, disconnect } = result.current
  await pass()
  expect(result.current).toEqual({
    status: 'connected',
    error: undefined,
    attempt: 0,
    retryAt: undefined,
    send,
    reconnect,
    disconnect,
  })
  act(() => void send('lobby', 'hello'))
  await pass(20)
  expect(server.texts('lobby')).toEqual(['hello'])
  act(() => void disconnect())
  await pass()
  expect(result.current.status).toBe('closed')
  act(() => reconnect())
  await pass()
  expect(result.current.status).toBe('connected')
  server.wire.end(1012, 'restarting')
  await pass(1)
  expect(result.current).toMatchObject({ status: 'reconnecting', attempt: 1, error: { code: 'server.leaving' } })
})

function Texts() {
  const { messages } = useMessages('lobby')
  const { status } = useConnection()
  return createElement('p', null, `${status}: ${messages.map(({ parts }) => textOf(parts)).join()}`)
}

test('a server renders what a browser begins with, and dials nobody', async () => {
  const { server, another } = stage()
  const dialled = server.wires.length
  const lazy = another({ lazy: true, outbox: memoryOutbox() })
  const html = renderToString(under(lazy, createElement(Texts)))
  expect(html).toBe('<p>idle: </p>')
  expect(server.wires).toHaveLength(dialled)
})

test('a browser takes over what a server rendered, also when it knows more already', async () => {
  const { client, server, pass } = stage()
  server.post('lobby', bob, 'hello')
  client.room('lobby').subscribe(() => {})
  await pass()
  const container = document.createElement('div')
  container.innerHTML = '<p>idle: </p>'
  const complaints: unknown[] = []
  const tree = under(client, createElement(Texts))
  render(tree, { container, hydrate: true, onRecoverableError: (error) => complaints.push(error) })
  await pass()
  expect(container.textContent).toBe('connected: hello')
  expect(complaints).toEqual([])
})
