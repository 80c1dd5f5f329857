import { chatRoom, type Event } from '@parley/protocol'
import { lastAssistantMessageIsCompleteWithApprovalResponses, type UIMessage } from 'ai'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineTool } from '../../src/agents/define.ts'
import type { ParleyOptions } from '../../src/options.ts'
import { AgentFailure } from '../../src/seams/agent.ts'
import { Puppet } from '../engine/puppet.ts'
import { Chat, chunksOf, textOf, transportOf } from './ai-sdk-chat.ts'
import { eventually, Socket, start, tokenFor } from './server.ts'

/** A server, and alice's chat there. */
async function open(agent: NonNullable<ParleyOptions['agent']>, id = 'main') {
  const { url } = await start({ agent })
  const wire = await transportOf(url, 'alice')
  const errors: Error[] = []
  const again = (messages: UIMessage[] = []): Chat =>
    new Chat({
      id,
      messages,
      transport: wire.transport,
      onError: (error) => errors.push(error),
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
    })
  return { ...wire, url, errors, again, chat: again() }
}

/** What the log says of a user's chat. */
async function facts(url: string, user: string, id = 'main'): Promise<Event['fact'][]> {
  const socket = await Socket.native(url, user)
  await socket.ask({ type: 'join', ref: '1', room: chatRoom(user, id), history: 1000 })
  const { page } = await socket.next('page')
  return (page?.events ?? []).map(({ fact }) => fact)
}

function types(chunks: readonly { readonly type: string }[]): string[] {
  return chunks.map(({ type }) => type)
}

const said = (id: string, text: string): UIMessage => ({ id, role: 'user', parts: [{ type: 'text', text }] })

test('[X1] an answer streams into the chat, under the id that its message has in the log', async () => {
  const puppet = new Puppet()
  const { chat, url } = await open(puppet)
  void chat.sendMessage({ text: 'hello' })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('one ')
  await eventually(() => chat.text).toBe('one ')
  expect(chat.status).toBe('streaming')
  puppet.on.say({ type: 'reasoning', text: 'hm' }, 'two')
  puppet.on.end()
  await eventually(() => chat.status).toBe('ready')
  expect(chat.lastMessage?.parts).toMatchObject([
    { type: 'step-start' },
    { type: 'text', text: 'one ', state: 'done' },
    { type: 'reasoning', text: 'hm', state: 'done' },
    { type: 'text', text: 'two', state: 'done' },
  ])
  const log = await facts(url, 'alice')
  expect(log.map(({ type }) => type)).toEqual([
    'message.posted',
    'run.started',
    'message.opened',
    'message.closed',
    'run.ended',
  ])
  expect(log).toContainEqual(expect.objectContaining({ type: 'message.opened', message: chat.lastMessage?.id }))
})

test('[X2] chunks are numbered from 0 without gaps, between start and end, for each request by itself', async () => {
  const { url } = await start({ agent: 'echo' })
  const socket = await Socket.open(`${url}/api/chat/ws?token=${await tokenFor('alice')}`)
  const send = { type: 'send', trigger: 'submit-message', headers: {}, body: {} }
  socket.send({ ...send, requestId: 'a', id: 'one', messages: [said('m', 'first')] })
  socket.send({ ...send, requestId: 'b', id: 'two', messages: [said('m', 'second')] })
  await socket.next('end', (told) => 'requestId' in told && told.requestId === 'a')
  await socket.next('end', (told) => 'requestId' in told && told.requestId === 'b')
  for (const [requestId, text] of [
    ['a', 'first'],
    ['b', 'second'],
  ]) {
    const told = socket.inbox.filter((one) => 'requestId' in one && one.requestId === requestId)
    expect(told[0]).toEqual({ type: 'start', requestId })
    const chunks = told.slice(1)
    expect(chunks.map((one) => 'sequence' in one && one.sequence)).toEqual([...chunks.keys()])
    expect(JSON.stringify(chunks)).toContain(text)
  }
})

test('[X3] after a drop in mid-stream the answer is told again from its beginning, and goes on', async () => {
  const puppet = new Puppet()
  const { chat, drop, errors } = await open(puppet)
  void chat.sendMessage({ text: 'hello' })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('one ')
  await eventually(() => chat.text).toBe('one ')
  await drop()
  await eventually(() => chat.status).toBe('error')
  expect(errors).toHaveLength(1)
  puppet.on.say('two ')
  const resumed = chat.resumeStream()
  await eventually(() => chat.text).toBe('one two ')
  puppet.on.say('three')
  puppet.on.end()
  await resumed
  expect(chat.status).toBe('ready')
  expect(chat.text).toBe('one two three')
  expect(chat.messages).toHaveLength(2)
  expect(puppet.turns).toHaveLength(1)
})

test('[X3] a page that was opened anew hears the answer that is going on, and nothing where none is', async () => {
  const puppet = new Puppet()
  const { chat, again, transport } = await open(puppet)
  expect(await transport.reconnectToStream({ chatId: 'main' })).toBeNull()
  void chat.sendMessage({ text: 'hello' })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('one')
  await eventually(() => chat.text).toBe('one')
  const fresh = again([...chat.messages.slice(0, 1)])
  const resumed = fresh.resumeStream()
  await eventually(() => fresh.text).toBe('one')
  expect(fresh.lastMessage?.id).toBe(chat.lastMessage?.id)
  puppet.on.end()
  await resumed
  expect(await transport.reconnectToStream({ chatId: 'main' })).toBeNull()
})

test('[X4] stopping really stops the run, and the log says so', async () => {
  const puppet = new Puppet()
  const { chat, url } = await open(puppet)
  void chat.sendMessage({ text: 'hello' })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('one ')
  await eventually(() => chat.text).toBe('one ')
  await chat.stop()
  await eventually(() => puppet.on.turn.signal.aborted).toBe(true)
  await expect
    .poll(() => facts(url, 'alice'))
    .toContainEqual(expect.objectContaining({ type: 'run.ended', outcome: 'cancelled' }))
  expect(chat).toMatchObject({ status: 'ready', text: 'one ' })
})

test('[X4] also where it is stopped before the run is known', async () => {
  const puppet = new Puppet()
  const { url } = await start({ agent: puppet })
  const socket = await Socket.open(`${url}/api/chat/ws?token=${await tokenFor('alice')}`)
  const send = { type: 'send', trigger: 'submit-message', headers: {}, body: {}, id: 'main' }
  // Its room is known from here on, so that the message is posted at once.
  socket.send({ ...send, requestId: 'a', messages: [said('m1', 'first')] })
  await socket.next('start')
  socket.send({ ...send, requestId: 'b', messages: [said('m2', 'second')] })
  socket.send({ type: 'abort', requestId: 'b' })
  await expect
    .poll(async () => (await facts(url, 'alice')).filter(({ type }) => type === 'run.ended'))
    .toEqual([expect.objectContaining({ outcome: 'cancelled' })])
  expect(socket.inbox.filter((told) => 'requestId' in told && told.requestId === 'b')).toEqual([])
  expect(puppet.turns.map(({ turn }) => turn.signal.aborted)).toEqual([false])
})

test('[X4] who leaves stops nothing', async () => {
  const puppet = new Puppet()
  const { chat, drop, url } = await open(puppet)
  void chat.sendMessage({ text: 'hello' })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('one')
  await eventually(() => chat.text).toBe('one')
  await drop()
  await eventually(() => chat.status).toBe('error')
  puppet.on.end()
  await expect
    .poll(() => facts(url, 'alice'))
    .toContainEqual(expect.objectContaining({ type: 'run.ended', outcome: 'completed' }))
})

test('[X5] what the client says of the past is not believed', async () => {
  const puppet = new Puppet()
  const { again } = await open(puppet)
  const chat = again([said('m0', 'you owe me a million'), { id: 'a0', role: 'assistant', parts: [] }])
  void chat.sendMessage({ text: 'do I owe you?' })
  await eventually(() => puppet.turns.length).toBe(1)
  expect(puppet.on.turn.history).toEqual([])
  expect(puppet.on.turn.message.parts).toEqual([{ type: 'text', text: 'do I owe you?' }])
})

test('[X5] a message that is sent again, for its connection broke, is there once and answered once', async () => {
  const puppet = new Puppet()
  const { transport } = await open(puppet)
  const send = { chatId: 'main', trigger: 'submit-message', messageId: undefined, abortSignal: undefined } as const
  const first = await transport.sendMessages({ ...send, messages: [said('m1', 'hello')] })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('hi')
  puppet.on.end()
  const told = await chunksOf(first)
  expect(types(told)).toEqual(['start', 'start-step', 'text-start', 'text-delta', 'text-end', 'finish-step', 'finish'])
  expect(await chunksOf(await transport.sendMessages({ ...send, messages: [said('m1', 'hello')] }))).toEqual(told)
  expect(puppet.turns).toHaveLength(1)
})

test('[X6] an answer is given anew, and the new one takes its place', async () => {
  const puppet = new Puppet()
  const { chat, url } = await open(puppet)
  const done = chat.sendMessage({ text: 'hello' })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('one')
  puppet.on.end()
  await done
  for (const [turns, text, options] of [
    [2, 'two', {}],
    [3, 'three', { messageId: chat.lastMessage?.id }],
  ] as const) {
    const again = chat.regenerate(options.messageId === undefined ? {} : { messageId: chat.lastMessage?.id ?? '' })
    await eventually(() => puppet.turns.length).toBe(turns)
    puppet.on.say(text)
    puppet.on.end()
    await again
    expect(chat.messages.map((message) => textOf(message))).toEqual(['hello', text])
  }
  const log = await facts(url, 'alice')
  expect(log.filter((fact) => fact.type === 'run.started' && fact.supersedes !== undefined)).toHaveLength(2)
  expect(log.filter(({ type }) => type === 'message.posted')).toHaveLength(1)
})

test('[X6] a question is edited, twice, and each is answered', async () => {
  const puppet = new Puppet()
  const { chat, url } = await open(puppet)
  for (const [index, text] of ['one', 'two', 'three'].entries()) {
    const messageId = chat.messages[0]?.id
    const done = chat.sendMessage(messageId === undefined ? { text } : { text, messageId })
    await eventually(() => puppet.turns.length).toBe(index + 1)
    expect(puppet.on.turn.message.parts).toEqual([{ type: 'text', text }])
    expect(puppet.on.turn.history).toEqual([])
    puppet.on.say(`${text}!`)
    puppet.on.end()
    await done
    expect(chat.messages.map((message) => textOf(message))).toEqual([text, `${text}!`])
  }
  const log = await facts(url, 'alice')
  expect(log.filter(({ type }) => type === 'message.posted')).toHaveLength(3)
})

test('[X6] what never arrived is said when it is to be answered anew', async () => {
  const { again } = await open('echo')
  const chat = again([said('lost', 'are you there?')])
  await chat.regenerate()
  expect(chat.text).toContain('are you there?')
})

const deploy = defineTool({
  name: 'deploy',
  title: 'Deploy',
  description: 'Deploys.',
  input: z.object({ to: z.string() }),
  approval: true,
  execute: ({ to }) => ({ deployed: to }),
})

const builder = defineAgent({
  id: 'builder',
  name: 'builder',
  tools: [deploy],
  async *reply(turn) {
    yield 'Shall I?'
    const { outcome, text } = await turn.use('deploy', { to: 'production' })
    yield `${outcome}: ${text}`
  },
})

test('[X7] a tool waits for the user’s word, and the answer goes on in the same message', async () => {
  const { chat, errors } = await open(builder)
  await chat.sendMessage({ text: 'deploy it' })
  expect(chat.status).toBe('ready')
  const { id, parts = [] } = chat.lastMessage ?? {}
  const [tool] = parts.filter((part) => part.type === 'dynamic-tool')
  expect(tool).toMatchObject({ toolName: 'deploy', title: 'Deploy', state: 'approval-requested' })
  expect(tool?.input).toEqual({ to: 'production' })
  await chat.addToolApprovalResponse({ id: tool?.approval?.id ?? '', approved: true })
  await eventually(() => chat.text).toContain('ok: ')
  await eventually(() => chat.status).toBe('ready')
  expect(chat.messages).toHaveLength(2)
  expect(chat.lastMessage?.id).toBe(id)
  expect(chat.lastMessage?.parts.filter(({ type }) => type === 'dynamic-tool')).toMatchObject([
    { state: 'output-available', output: { deployed: 'production' }, approval: { approved: true } },
  ])
  expect(chat.lastMessage?.parts.filter(({ type }) => type === 'text')).toHaveLength(2)
  expect(errors).toEqual([])
})

test('[X7] the word can be given on another page, with a reason, and is in the log', async () => {
  const { chat, again, drop, url, errors } = await open(builder)
  await chat.sendMessage({ text: 'deploy it' })
  await drop()
  const fresh = again(structuredClone(chat.messages.slice(0, 1)))
  await fresh.resumeStream()
  const [tool] = fresh.lastMessage?.parts.filter((part) => part.type === 'dynamic-tool') ?? []
  expect(tool).toMatchObject({ state: 'approval-requested' })
  await fresh.addToolApprovalResponse({ id: tool?.approval?.id ?? '', approved: false, reason: 'not on a Friday' })
  await eventually(() => fresh.text).toContain('denied: ')
  await eventually(() => fresh.status).toBe('ready')
  expect(fresh.lastMessage?.parts.filter(({ type }) => type === 'dynamic-tool')).toMatchObject([
    { state: 'output-denied', approval: { approved: false, reason: 'not on a Friday' } },
  ])
  expect(await facts(url, 'alice')).toContainEqual(
    expect.objectContaining({ type: 'approval.given', approved: false, reason: 'not on a Friday' }),
  )
  // And the conversation goes on: what the client holds is well-formed.
  await fresh.sendMessage({ text: 'once more' })
  expect(fresh.lastMessage?.parts.some((part) => 'state' in part && part.state === 'approval-requested')).toBe(true)
  expect(errors).toEqual([])
})

test('[X7] who was faster decides, and the other page hears what became of it', async () => {
  const { chat, url, errors } = await open(builder)
  await chat.sendMessage({ text: 'deploy it' })
  const [tool] = chat.lastMessage?.parts.filter((part) => part.type === 'dynamic-tool') ?? []
  const call = tool?.toolCallId ?? ''
  const asked = (await facts(url, 'alice')).find((fact) => fact.type === 'approval.asked')
  const other = await Socket.native(url, 'alice')
  const run = asked?.type === 'approval.asked' ? asked.run : ''
  const room = chatRoom('alice', 'main')
  await other.ask({ type: 'approve', ref: '1', room, run, call, approved: false })
  await chat.addToolApprovalResponse({ id: call, approved: true })
  await eventually(() => chat.text).toContain('denied: ')
  expect(chat.lastMessage?.parts.filter(({ type }) => type === 'dynamic-tool')).toMatchObject([
    { state: 'output-denied', approval: { approved: false } },
  ])
  expect(errors).toEqual([])
})

test('[X8] tools are seen at work: input, progress and print as they come, and what they return', async () => {
  const go = Promise.withResolvers<void>()
  const count = defineTool({
    name: 'count',
    description: 'Counts.',
    input: z.object({ to: z.number() }),
    async *execute({ to }) {
      yield 'counting\n'
      yield { type: 'progress', step: 1, steps: to, text: 'one' }
      await go.promise
      return { counted: to }
    },
  })
  const { chat } = await open(
    defineAgent({
      id: 'counter',
      name: 'counter',
      async *reply(turn) {
        const { outcome } = await turn.use(count, { to: 2 })
        yield outcome
      },
    }),
  )
  const done = chat.sendMessage({ text: 'count' })
  const tool = () => chat.lastMessage?.parts.find((part) => part.type === 'dynamic-tool')
  await eventually(tool).toMatchObject({
    state: 'output-available',
    preliminary: true,
    input: { to: 2 },
    output: { printed: 'counting\n', progress: { step: 1, steps: 2, text: 'one' } },
  })
  go.resolve()
  await done
  expect(tool()).toMatchObject({ state: 'output-available', output: { counted: 2 }, providerExecuted: true })
  expect(tool()).toHaveProperty('preliminary', undefined)
  expect(chat.lastMessage?.parts.map(({ type }) => type)).toEqual(['step-start', 'dynamic-tool', 'step-start', 'text'])
})

test('[X8] a tool that fails, and data that takes the place of earlier data', async () => {
  const broken = defineTool({
    name: 'broken',
    description: 'Breaks.',
    input: z.object({}),
    execute() {
      throw new AgentFailure('disk.full', 'The disk is full.')
    },
  })
  const { chat } = await open(
    defineAgent({
      id: 'artist',
      name: 'artist',
      async *reply(turn) {
        yield { type: 'data', name: 'chart', id: 'c', data: { points: 1 } }
        await turn.use(broken, {})
        yield { type: 'data', name: 'chart', id: 'c', data: { points: 2 } }
      },
    }),
  )
  await chat.sendMessage({ text: 'draw' })
  const parts = chat.lastMessage?.parts ?? []
  expect(parts.filter(({ type }) => type === 'data-chart')).toMatchObject([{ data: { points: 2 } }])
  expect(parts).toContainEqual(expect.objectContaining({ state: 'output-error', errorText: 'The disk is full.' }))
})

test('[X9] an answer that fails keeps what was said, and says why', async () => {
  const puppet = new Puppet()
  const { chat } = await open(puppet)
  const done = chat.sendMessage({ text: 'hello' })
  await eventually(() => puppet.turns.length).toBe(1)
  puppet.on.say('half of')
  await eventually(() => chat.text).toBe('half of')
  puppet.on.fail(new AgentFailure('model.busy', 'The model is busy.'))
  await done
  expect(chat).toMatchObject({ status: 'error', text: 'half of' })
  expect(chat.error?.message).toBe('The model is busy.')
})

test('[X9] where nobody answers, the chat is ready again', async () => {
  const { chat } = await open('none')
  await chat.sendMessage({ text: 'hello?' })
  expect(chat).toMatchObject({ status: 'ready', text: 'hello?' })
})

test('[X10] two users with the same chat id never meet', async () => {
  const { url } = await start({ agent: 'echo' })
  const chats = await Promise.all(
    ['alice', 'bob'].map(async (user) => new Chat({ id: 'main', transport: (await transportOf(url, user)).transport })),
  )
  await Promise.all(chats.map((chat, index) => chat.sendMessage({ text: `I am number ${index}` })))
  for (const [index, chat] of chats.entries()) expect(chat.text).toContain(`number ${index}`)
  for (const user of ['alice', 'bob'])
    expect((await facts(url, user)).filter(({ type }) => type === 'message.posted')).toHaveLength(1)
})

test('[X10] a chat whose id is a UUID is that session, and its owner’s alone', async () => {
  const id = '0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11'
  const { chat, url } = await open('echo', id)
  await chat.sendMessage({ text: 'mine' })
  const alice = await Socket.native(url, 'alice')
  expect(await alice.ask({ type: 'join', ref: '1', room: `session:${id}` })).toHaveProperty('answer')
  const bob = new Chat({ id, transport: (await transportOf(url, 'bob')).transport })
  await bob.sendMessage({ text: 'let me in' })
  expect(bob.status).toBe('error')
  expect(bob.error?.message).toContain('not allowed')
})

test('[X11] a bad frame is answered with an error about its request, and the connection goes on', async () => {
  const { url } = await start({ agent: 'echo' })
  const socket = await Socket.open(`${url}/api/chat/ws?token=${await tokenFor('alice')}`)
  const send = { type: 'send', requestId: 'r', id: 'c', trigger: 'submit-message', headers: {}, body: {} }
  for (const bad of ['{', 'null', '[]', '{"type":"send"}', { type: 'abort' }]) {
    socket.send(bad)
    expect(await socket.next('error')).toMatchObject({ requestId: '', errorText: expect.any(String) })
  }
  for (const bad of [
    { ...send, type: 'nonsense' },
    { ...send, id: 7 },
    { ...send, messages: [] },
    { ...send, messages: [{ id: 'm', role: 'user', parts: [] }] },
    { ...send, messages: [{ id: 'm', role: 'user', parts: [{ type: 'nonsense' }] }] },
    { ...send, messages: [{ id: 'm', role: 'assistant', parts: [] }] },
    { ...send, headers: { a: 1 }, messages: [said('m', 'x')] },
    { ...send, trigger: 'shout', messages: [said('m', 'x')] },
    { type: 'resume', requestId: 'r', id: 'c', headers: {}, body: {}, lastSequence: -1 },
  ]) {
    socket.send(bad)
    expect(await socket.next('error')).toMatchObject({ requestId: 'r', errorText: expect.any(String) })
  }
  socket.send({ ...send, messages: [said('m', 'still here?')] })
  await socket.next('end')
})

test('[X11] a long history fits into one frame, and a frame without end does not', async () => {
  const { url } = await start({ agent: 'echo' })
  const chat = new Chat({
    id: 'long',
    messages: Array.from({ length: 200 }, (_, index) => said(`m${index}`, 'x'.repeat(5_000))),
    transport: (await transportOf(url, 'alice')).transport,
  })
  await chat.sendMessage({ text: 'short' })
  expect(chat.text).toContain('short')
  const socket = await Socket.open(`${url}/api/chat/ws?token=${await tokenFor('alice')}`)
  socket.send({ type: 'abort', requestId: 'r', pad: 'x'.repeat(5 * 1024 * 1024) })
  expect(await socket.closed).toMatchObject({ code: 1009 })
})

test('[X12] without a token nobody comes in, where guests are not allowed; a guest has chats of their own', async () => {
  const { url } = await start({ guests: false })
  const stranger = await Socket.open(`${url}/api/chat/ws`)
  expect(await stranger.closed).toMatchObject({ code: 4000 })
  const open = await start({ guests: true })
  const guest = await Socket.open(`${open.url}/api/chat/ws`)
  const send = { type: 'send', requestId: 'r', id: 'c', trigger: 'submit-message', headers: {}, body: {} }
  guest.send({ ...send, messages: [said('m', 'hello')] })
  await guest.next('end')
})
