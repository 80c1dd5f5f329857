import './dom.ts'
import { type UIMessage, useChat } from '@ai-sdk/react'
import { connect, dialWebSocket, type Socket as Line, memoryOutbox } from '@parley/client'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import { lastAssistantMessageIsCompleteWithApprovalResponses } from 'ai'
import { createElement, type ReactNode } from 'react'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineTool } from '../../server/src/agents/define.ts'
import { Puppet } from '../../server/test/engine/puppet.ts'
import { textOf, transportOf } from '../../server/test/wire/ai-sdk-chat.ts'
import { Socket, start, tokenFor } from '../../server/test/wire/server.ts'
import { ParleyProvider, useChatTransport } from '../src/index.ts'

afterEach(cleanup)

const until = (check: () => void): Promise<void> => waitFor(check, { timeout: 10_000, interval: 20 })

/** `resume`: whether the chat is one that a page shows anew. */
interface Page {
  readonly id: string
  readonly resume?: boolean
  readonly messages?: UIMessage[]
}

/** A page with a chat on it, whose line can be broken. */
interface Browser {
  show(page: Page): { readonly current: ReturnType<typeof useChat> }
  drop(): Promise<void>
}

const options = { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses }

async function shared(url: string): Promise<Browser> {
  const lines: Line[] = []
  const client = connect(`${url}/api/ws`, {
    token: () => tokenFor('alice'),
    outbox: memoryOutbox(),
    backoff: { firstMs: 10, mostMs: 50 },
    dial(...wanted) {
      const line = dialWebSocket(...wanted)
      lines.push(line)
      return line
    },
  })
  onTestFinished(() => client.close())
  const wrapper = ({ children }: { children: ReactNode }) => createElement(ParleyProvider, { client }, children)
  return {
    show: (page) =>
      renderHook(() => useChat({ ...options, ...page, transport: useChatTransport() }), { wrapper }).result,
    async drop() {
      const before = lines.length
      lines.at(-1)?.close(3000, 'broken')
      await until(() => expect(lines.length).toBeGreaterThan(before))
    },
  }
}

async function own(url: string): Promise<Browser> {
  const { transport, drop } = await transportOf(url, 'alice')
  return { show: (page) => renderHook(() => useChat({ ...options, ...page, transport })).result, drop }
}

/** The text of the last message of a chat. */
function shown(chat: { readonly current: ReturnType<typeof useChat> }): string {
  return textOf(chat.current.messages.at(-1))
}

const deploy = defineTool({
  name: 'deploy',
  description: 'Deploys.',
  input: z.object({}),
  approval: true,
  execute: () => 'deployed',
})

const builder = defineAgent({
  id: 'builder',
  name: 'builder',
  tools: [deploy],
  async *reply(turn) {
    yield 'Shall I? '
    yield (await turn.use('deploy', {})).text
  },
})

describe.each([
  ['the transport of the AI SDK', own],
  ['the shared connection', shared],
])('useChat over %s', (_, open) => {
  async function stage(agent: NonNullable<Parameters<typeof start>[0]>['agent']) {
    const { url } = await start({ agent: agent ?? 'echo' })
    return { url, ...(await open(url)) }
  }

  /** The text of the last message of a chat. */
  const shown = (chat: { readonly current: ReturnType<typeof useChat> }): string => textOf(chat.current.messages.at(-1))

  test('[X1] an answer streams into the page', async () => {
    const puppet = new Puppet()
    const { show } = await stage(puppet)
    const chat = show({ id: 'main' })
    act(() => void chat.current.sendMessage({ text: 'hello' }))
    await until(() => expect(puppet.turns.length).toBe(1))
    puppet.on.say('one ')
    await until(() => expect(shown(chat)).toBe('one '))
    expect(chat.current.status).toBe('streaming')
    puppet.on.say('two')
    puppet.on.end()
    await until(() => expect(chat.current.status).toBe('ready'))
    expect(chat.current.messages.map((message) => textOf(message))).toEqual(['hello', 'one two'])
  })

  test('[X3] a page that is loaded anew shows the answer that is going on', async () => {
    const puppet = new Puppet()
    const { show } = await stage(puppet)
    const first = show({ id: 'main' })
    act(() => void first.current.sendMessage({ text: 'hello' }))
    await until(() => expect(puppet.turns.length).toBe(1))
    puppet.on.say('one ')
    await until(() => expect(shown(first)).toBe('one '))
    const anew = show({ id: 'main', resume: true, messages: first.current.messages.slice(0, 1) })
    await until(() => expect(shown(anew)).toBe('one '))
    puppet.on.say('two')
    puppet.on.end()
    await until(() => expect(anew.current.status).toBe('ready'))
    expect(anew.current.messages).toEqual(first.current.messages)
    expect(shown(anew)).toBe('one two')
  })

  test('[X3] a page with nothing to resume is ready', async () => {
    const { show } = await stage('echo')
    const chat = show({ id: 'quiet', resume: true })
    await act(() => chat.current.resumeStream())
    expect(chat.current).toMatchObject({ status: 'ready', messages: [] })
  })

  test('[X4] stopping stops the run', async () => {
    const puppet = new Puppet()
    const { show } = await stage(puppet)
    const chat = show({ id: 'main' })
    act(() => void chat.current.sendMessage({ text: 'hello' }))
    await until(() => expect(puppet.turns.length).toBe(1))
    puppet.on.say('one')
    await until(() => expect(shown(chat)).toBe('one'))
    await act(() => chat.current.stop())
    await until(() => expect(puppet.on.turn.signal.aborted).toBe(true))
    expect(chat.current.status).toBe('ready')
    // And the chat goes on.
    act(() => void chat.current.sendMessage({ text: 'again' }))
    await until(() => expect(puppet.turns.length).toBe(2))
    puppet.on.say('two')
    puppet.on.end()
    await until(() => expect(shown(chat)).toBe('two'))
  })

  test('[X6] an answer is given anew', async () => {
    const puppet = new Puppet()
    const { show } = await stage(puppet)
    const chat = show({ id: 'main' })
    for (const [index, text] of ['one', 'two'].entries()) {
      act(() => void (index === 0 ? chat.current.sendMessage({ text: 'hello' }) : chat.current.regenerate()))
      await until(() => expect(puppet.turns.length).toBe(index + 1))
      puppet.on.say(text)
      puppet.on.end()
      await until(() => expect(shown(chat)).toBe(text))
      await until(() => expect(chat.current.status).toBe('ready'))
    }
    expect(chat.current.messages.map((message) => textOf(message))).toEqual(['hello', 'two'])
  })

  test('[X7] a tool waits for the user’s word, and the answer goes on', async () => {
    const { show } = await stage(builder)
    const chat = show({ id: 'main' })
    await act(() => chat.current.sendMessage({ text: 'deploy it' }))
    const tool = () => chat.current.messages.at(-1)?.parts.find((part) => part.type === 'dynamic-tool')
    expect(tool()).toMatchObject({ state: 'approval-requested' })
    await act(async () => chat.current.addToolApprovalResponse({ id: tool()?.approval?.id ?? '', approved: true }))
    await until(() => expect(shown(chat)).toBe('Shall I? deployed'))
    await until(() => expect(chat.current.status).toBe('ready'))
    expect(tool()).toMatchObject({ state: 'output-available', output: 'deployed' })
    expect(chat.current.messages).toHaveLength(2)
  })

  test('[X9] what goes wrong is the chat’s error', async () => {
    const puppet = new Puppet()
    const { show } = await stage(puppet)
    const chat = show({ id: 'main' })
    act(() => void chat.current.sendMessage({ text: 'hello' }))
    await until(() => expect(puppet.turns.length).toBe(1))
    puppet.on.fail(new Error('secret'))
    await until(() => expect(chat.current.status).toBe('error'))
    expect(chat.current.error?.message).not.toContain('secret')
  })

  test('[X10] another user’s session is not for everybody', async () => {
    const { show, url } = await stage('echo')
    const id = '0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11'
    const bob = await Socket.native(url, 'bob')
    await bob.ask({ type: 'join', ref: '1', room: `session:${id}` })
    const chat = show({ id })
    await act(() => chat.current.sendMessage({ text: 'let me in' }))
    expect(chat.current.status).toBe('error')
    expect(chat.current.error?.message).toContain('not allowed')
  })
})

test('[X13] both transports show one chat', async () => {
  const { url } = await start({ agent: 'echo' })
  const browsers = [await own(url), await shared(url)]
  const chats = browsers.map(({ show }) => show({ id: 'main' }))
  for (const chat of chats) {
    await act(() => chat.current.sendMessage({ text: 'hello' }))
    expect(chat.current.status).toBe('ready')
  }
  const socket = await Socket.native(url, 'alice')
  socket.send({ type: 'rooms', ref: '1' })
  expect((await socket.next('reply')).answer).toMatchObject({ rooms: [expect.anything()] })
})

test('[X13] over the shared connection, an answer survives that it breaks: without an error, without a gap', async () => {
  const puppet = new Puppet()
  const { url } = await start({ agent: puppet })
  const { show, drop } = await shared(url)
  const chat = show({ id: 'main' })
  const seen = new Set<string>()
  const watch = () => {
    seen.add(chat.current.status)
    return shown(chat)
  }
  act(() => void chat.current.sendMessage({ text: 'hello' }))
  await until(() => expect(puppet.turns.length).toBe(1))
  puppet.on.say('one ')
  await until(() => expect(watch()).toBe('one '))
  await drop()
  puppet.on.say('two ')
  await until(() => expect(watch()).toBe('one two '))
  await drop()
  puppet.on.say('three')
  puppet.on.end()
  await until(() => expect(chat.current.status).toBe('ready'))
  expect(watch()).toBe('one two three')
  expect([...seen]).not.toContain('error')
  expect(chat.current.messages).toHaveLength(2)
})
