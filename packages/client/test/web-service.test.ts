import { type Message, problem } from '@parley/protocol'
import { expect, test } from 'vitest'
import { WebSocketService } from '../src/index.ts'
import { bob, Server } from './server.ts'
import { Time } from './time.ts'
import { textOf } from './world.ts'

const session = '0b9f3f0e-6f53-4c3a-9d52-1d6a1a2b3c4d'
const guide = { id: 'guide', kind: 'agent' } as const

function service() {
  const time = new Time()
  const server = new Server(time)
  const service = new WebSocketService('ws://parley.test/api/ws', { dial: server.dial, clock: time })
  const told: string[] = []
  service.onMessage((message: Message) => told.push(`${message.state}:${textOf(message.parts)}`))
  service.onToolExecution((tool) => told.push(`${tool.name} ${tool.state}`))
  service.onError((why) => told.push(why.code))
  return { time, server, service, told }
}

test('a session is a room of its own', async () => {
  const { time, server, service: chat } = service()
  await Promise.all([chat.connect(session), time.pass(20)])
  expect(server.heard('join')).toEqual([{ type: 'join', room: `session:${session}` }])
})

test('messages are heard as they grow, and tools as they work', async () => {
  const { time, server, service: chat, told } = service()
  await Promise.all([chat.connect('lobby'), time.pass(20)])
  server.append('lobby', guide, { type: 'run.started', run: 'r', cause: 'alice/1', node: 'n' })
  server.append('lobby', guide, { type: 'message.opened', message: 'm', run: 'r' })
  await time.pass()
  server.append('lobby', guide, { type: 'message.grew', message: 'm', part: 0, kind: 'text', from: 0, text: 'Let me' })
  await time.pass()
  server.append('lobby', guide, {
    type: 'tool.called',
    run: 'r',
    message: 'm',
    part: 1,
    call: 'c',
    name: 'search',
    input: {},
  })
  await time.pass()
  server.append('lobby', guide, { type: 'tool.ended', run: 'r', call: 'c', outcome: 'ok' })
  await time.pass()
  expect(told).toEqual(['streaming:', 'streaming:Let me', 'streaming:Let me', 'search running', 'search ok'])
})

test('of a tool it is told how far it is, what it prints, and whom it waits for', async () => {
  const { time, server, service: chat } = service()
  const told: object[] = []
  chat.onToolExecution(({ state, piece, progress, approval, printed }) => {
    told.push({ state, piece, at: progress?.fraction, until: approval?.until, printed })
  })
  await Promise.all([chat.connect('lobby'), time.pass(20)])
  const call = { run: 'r', call: 'c' } as const
  server.append('lobby', guide, { type: 'run.started', run: 'r', cause: 'alice/1', node: 'n' })
  server.append('lobby', guide, { type: 'message.opened', message: 'm', run: 'r' })
  server.append('lobby', guide, { type: 'tool.called', ...call, message: 'm', part: 0, name: 'index', input: {} })
  server.append('lobby', guide, { type: 'approval.asked', ...call, until: 9 })
  await time.pass()
  expect(told.at(-1)).toMatchObject({ state: 'asking', until: 9 })
  await Promise.all([chat.approve('c', true), time.pass()])
  expect(server.heard('approve')).toMatchObject([{ ...call, approved: true }])
  server.append('lobby', guide, { type: 'approval.given', ...call, approved: true })
  server.append('lobby', guide, { type: 'tool.grew', ...call, kind: 'output', from: 0, text: 'one ' })
  await time.pass()
  server.append('lobby', guide, { type: 'tool.grew', ...call, kind: 'output', from: 4, text: 'two' })
  await time.pass()
  expect(told.at(-1)).toMatchObject({ state: 'running', piece: 'two', printed: 'one two' })
  server.signal('lobby', { type: 'tool.progress', ...call, fraction: 0.5 })
  await time.pass()
  expect(told.at(-1)).toEqual({ state: 'running', at: 0.5, until: 9, printed: 'one two' })
  await Promise.all([chat.cancel('r', 'c'), time.pass()])
  expect(server.heard('cancel')).toMatchObject([call])
})

test('what is sent is confirmed, and heard like everything else', async () => {
  const { time, service: chat, told } = service()
  const sent = chat.connect('lobby').then(() => chat.sendMessage('hello'))
  await time.pass(20)
  expect(await sent).toMatchObject({ position: { seq: 1 } })
  expect(told).toEqual(['completed:hello'])
})

test('nothing can be sent before there is a session', async () => {
  await expect(service().service.sendMessage('hello')).rejects.toMatchObject({ problem: { code: 'room.unknown' } })
})

test('going to another session leaves the one before', async () => {
  const { time, server, service: chat, told } = service()
  await Promise.all([chat.connect('one'), time.pass(20)])
  await Promise.all([chat.connect('other'), time.pass(6_000)])
  expect(server.heard('leave')).toEqual([{ type: 'leave', room: 'one' }])
  server.post('one', bob, 'not for us')
  server.post('other', bob, 'for us')
  await time.pass()
  expect(told).toEqual(['completed:for us'])
})

test('a session that may not be heard is told as an error', async () => {
  const { time, server, service: chat, told } = service()
  server.decide = (command) => (command.type === 'join' ? problem('access.denied', 'not yours') : undefined)
  await Promise.all([expect(chat.connect('secret')).rejects.toThrow('not yours'), time.pass(20)])
  expect(told).toEqual(['access.denied'])
  server.decide = () => undefined
  await Promise.all([chat.connect('secret'), time.pass(20)])
})

test('a lost connection and a refused message are told once each', async () => {
  const { time, server, service: chat, told } = service()
  await Promise.all([chat.connect('lobby'), time.pass(20)])
  server.wire.end(1012, 'restarting')
  await time.pass(2_000)
  server.decide = (command) => (command.type === 'post' ? problem('access.denied', 'read only') : undefined)
  await Promise.all([expect(chat.sendMessage('hello')).rejects.toThrow('read only'), time.pass(2_000)])
  expect(told).toEqual(['server.leaving', 'access.denied'])
})

test('disconnecting leaves nothing running, and one may connect again', async () => {
  const { time, server, service: chat } = service()
  await Promise.all([chat.connect('lobby'), time.pass(20)])
  await Promise.all([chat.disconnect(), time.pass()])
  expect(time.timers).toBe(0)
  expect(server.wire.closedWith?.code).toBe(1000)
  await Promise.all([chat.connect('lobby'), time.pass(20)])
  expect(server.wires).toHaveLength(2)
})

test('connecting to a server that is closed to us does not hang', async () => {
  const { time, server, service: chat } = service()
  server.welcomes = false
  const connecting = chat.connect('lobby')
  await time.pass(5)
  server.wire.end(4004, 'banned')
  await Promise.all([expect(connecting).rejects.toThrow('banned'), time.pass()])
})

test('who is here, who writes, and what is to be done are heard', async () => {
  const { time, server, service: chat } = service()
  const task = { id: 't', title: 'wash', status: 'open', progress: 0, priority: 2 } as const
  const heard: string[] = []
  chat.onPresence((members) => heard.push([...members.values()].map(({ user, here }) => `${user.id} ${here}`).join()))
  chat.onTyping((typing) => heard.push(`typing: ${typing.map(({ id }) => id).join()}`))
  chat.onTask(({ title, progress }) => heard.push(`${title} ${progress}`))
  server.members = [bob]
  await Promise.all([chat.connect('lobby'), time.pass(20)])
  server.signal('lobby', { type: 'typing', user: bob, on: true })
  await time.pass()
  server.signal('lobby', { type: 'presence', user: bob, here: false })
  server.append('lobby', bob, { type: 'task.set', task, change: 'created' })
  server.append('lobby', bob, { type: 'task.set', task: { ...task, progress: 50 }, change: 'updated' })
  server.post('lobby', bob, 'something else')
  chat.typing()
  await time.pass()
  expect(heard).toEqual(['bob true', 'typing: bob', 'bob false', 'typing: ', 'wash 0', 'wash 50'])
  expect(server.heard('typing')).toMatchObject([{ on: true }])
})
