import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Answer, Asked, Command } from '../../src/command.ts'
import { type AiSdkMemory, aiSdk } from '../../src/dialects/ai-sdk.ts'
import { chatMessageId, chatRoom } from '../../src/dialects/ai-sdk-room.ts'
import { nameUuid } from '../../src/dialects/name-uuid.ts'
import type { Event, Fact } from '../../src/event.ts'
import type { Page } from '../../src/page.ts'
import { type Problem, problem } from '../../src/problem.ts'
import { isSession, type RoomId } from '../../src/words.ts'
import { alice, closed, event, guide, page, streamed, text } from '../facts.ts'
import { greeting, parsed } from './greeting.ts'

const main = chatRoom('alice', 'main')
const question = { id: 'q1', role: 'user', parts: [{ type: 'text', text: 'hello' }] }
const posted = event(1, alice, { type: 'message.posted', parts: [text('hello')] }, 'q1')

/** A connection of alice, as the engine treats it. */
class Wire {
  readonly memory: AiSdkMemory = aiSdk.begin(greeting())
  readonly asked: Asked[] = []

  constructor() {
    const welcome = { type: 'welcome', actor: alice, node: 'n', now: 0, heartbeatMs: 1, maxFrameBytes: 1 } as const
    aiSdk.notice(welcome, this.memory)
  }

  /** What is said right away; pings are answered at once. */
  frame(made: object): unknown[] {
    const headers = { headers: {}, body: {}, id: 'main' }
    return aiSdk.decode(JSON.stringify({ ...headers, ...made }), this.memory).flatMap((one) => {
      if ('problem' in one)
        return parsed(
          aiSdk.notice(
            { type: 'problem', problem: one.problem, ...('ref' in one ? { ref: one.ref } : {}) },
            this.memory,
          ),
        )
      return this.answered(one, { type: 'ping', now: 0 })
    })
  }

  send(requestId: string, more: object = {}): unknown[] {
    return this.frame({ type: 'send', requestId, trigger: 'submit-message', messages: [question], ...more })
  }

  answered(asked: Asked, answer: Answer): unknown[] {
    return this.#heed(aiSdk.reply({ ...asked, answer }, this.memory))
  }

  refused(asked: Asked, why: Problem): unknown[] {
    return this.#heed(aiSdk.reply({ ...asked, problem: why }, this.memory))
  }

  page(events: readonly Event[], more: Partial<Page> = {}): unknown[] {
    const told = page(events, { room: main, ...more })
    return this.#heed(aiSdk.page(told, new Map(), { memory: this.memory, actor: 'alice' }))
  }

  /** What it has asked for since this was last looked at. */
  get wants(): Command[] {
    return this.asked.splice(0).map(({ command }) => command)
  }

  #heed(texts: readonly string[]): unknown[] {
    this.asked.push(...aiSdk.asks(this.memory))
    return parsed(texts)
  }
}

const began = (calls: readonly string[]): Answer => ({
  type: 'post',
  room: main,
  id: 'q1',
  position: { epoch: 'e1', seq: 1 },
  at: 0,
  repeated: false,
  calls: calls.map((run) => ({ agent: 'guide', run, how: 'answers' })),
})
const ask = (command: Command, ref = 'a'): Asked => ({ ref, command })
const post: Command = { type: 'post', room: main, id: 'q1', parts: [text('hello')] }
const start = { reset: 'start' } as const

test('[X1] a request hears its room first, then says what is new, then follows the answer to its end, and leaves', () => {
  const wire = new Wire()
  expect(wire.send('a')).toEqual([])
  expect(wire.wants).toEqual([{ type: 'join', room: main, history: 1_000 }])
  expect(wire.page([], start)).toEqual([])
  expect(wire.wants).toEqual([post])
  expect(wire.answered(ask(post), began(['r1']))).toEqual([{ type: 'start', requestId: 'a' }])
  expect(wire.page([posted, ...streamed(2, 'hi')])).toMatchObject([
    { type: 'chunk', requestId: 'a', sequence: 0, chunk: { type: 'start', messageId: 'm1' } },
    { sequence: 1, chunk: { type: 'start-step' } },
    { sequence: 2, chunk: { type: 'text-start' } },
    { sequence: 3, chunk: { type: 'text-delta', delta: 'hi' } },
  ])
  const ended: Fact = { type: 'run.ended', run: 'r1', outcome: 'completed' }
  const end = wire.page([closed(5, 'hi'), event(6, guide, ended)], { after: 4 })
  expect(end.at(-1)).toEqual({ type: 'end', requestId: 'a' })
  expect(wire.wants).toEqual([{ type: 'leave', room: main }])
  expect(wire.memory).toMatchObject({ requests: new Map(), chats: new Map() })
})

test('[X4] a request that is aborted before its turn does nothing; before its run is known, that run is stopped', () => {
  const early = new Wire()
  aiSdk.decode(JSON.stringify({ type: 'resume', requestId: 'a', id: 'main', headers: {}, body: {} }), early.memory)
  early.frame({ type: 'abort', requestId: 'a' })
  expect(early.memory.requests.size).toBe(0)
  expect(early.wants).toEqual([])

  const late = new Wire()
  late.send('a')
  late.page([], start)
  late.frame({ type: 'abort', requestId: 'a' })
  late.wants
  expect(late.answered(ask(post), began(['r1']))).toEqual([])
  expect(late.wants).toEqual([
    { type: 'cancel', room: main, run: 'r1' },
    { type: 'leave', room: main },
  ])
})

test('[X4] who wanted only to know whether anything goes on has stopped nothing by going away', () => {
  const wire = new Wire()
  wire.frame({ type: 'resume', requestId: 'a' })
  wire.frame({ type: 'abort', requestId: 'a' })
  expect(wire.wants.map(({ type }) => type)).toEqual(['join', 'leave'])
})

test('[X3] of several answers that are going on, the one at work is resumed', () => {
  const wire = new Wire()
  wire.frame({ type: 'resume', requestId: 'a' })
  const waits: Fact[] = [
    { type: 'run.started', run: 'r2', cause: 'alice/q2', node: 'n1' },
    { type: 'message.opened', message: 'm2', run: 'r2' },
  ]
  const told = wire.page([posted, ...streamed(2, 'hi'), ...waits.map((fact, at) => event(5 + at, guide, fact))], start)
  expect(told.slice(0, 2)).toMatchObject([{ type: 'start' }, { chunk: { messageId: 'm1' } }])
})

test('[X9] a room that may not be heard, or not any more, ends all requests about it, and no others', () => {
  const denied = problem('access.denied', 'not allowed')
  const wire = new Wire()
  wire.send('a')
  wire.send('b')
  wire.send('c', { id: 'other' })
  const [join] = wire.asked
  expect(wire.refused(join ?? ask(post), denied)).toEqual([
    { type: 'error', requestId: 'a', errorText: 'not allowed' },
    { type: 'error', requestId: 'b', errorText: 'not allowed' },
  ])
  expect(
    parsed(aiSdk.notice({ type: 'removed', room: chatRoom('alice', 'other'), problem: denied }, wire.memory)),
  ).toEqual([{ type: 'error', requestId: 'c', errorText: 'not allowed' }])
})

test('[X9] an answer that a room begun anew knows nothing of cannot be followed', () => {
  const wire = new Wire()
  wire.frame({ type: 'resume', requestId: 'a' })
  wire.page([posted, ...streamed(2, 'hi')], start)
  expect(wire.page([], { reset: 'epoch', epoch: 'e2' })).toMatchObject([{ type: 'error', requestId: 'a' }])
})

test('[X11] one request id is one request, and they are not without number', () => {
  const wire = new Wire()
  wire.send('a')
  expect(wire.send('a')).toMatchObject([{ type: 'error', requestId: 'a' }])
  for (let index = 1; index < 256; index += 1) wire.send(`more ${index}`)
  expect(wire.send('b')).toMatchObject([
    { type: 'error', requestId: 'b', errorText: expect.stringContaining('too many') },
  ])
})

test('[X10] the room of a chat is a session; each user’s own, but for ids that are sessions already', () => {
  const uuid = '0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11'
  expect(chatRoom('alice', uuid)).toBe(`session:${uuid}`)
  expect(chatRoom('bob', uuid.toUpperCase())).toBe(`session:${uuid}`)
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (one, other, chat) => {
      const room: RoomId = chatRoom(one, chat)
      expect(isSession(room)).toBe(true)
      expect(chatRoom(one, chat)).toBe(room)
      if (one !== other) expect(chatRoom(other, chat)).not.toBe(room)
      expect(chatRoom(`${one}x`, chat)).not.toBe(chatRoom(one, `x${chat}`))
    }),
  )
  expect(chatMessageId('abc')).toBe('abc')
  expect(chatMessageId('not an id')).toBe(chatMessageId('not an id'))
})

test('[X10] a name’s UUID is that of RFC 9562, version 5', () => {
  const namespace = Buffer.from('f2c0a1de51a75b0e9d436b1f0c8e7a35', 'hex')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const hash = createHash('sha1').update(namespace).update(new TextEncoder().encode(name)).digest()
      hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
      hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
      expect(nameUuid(name).replaceAll('-', '')).toBe(hash.toString('hex', 0, 16))
    }),
  )
})

/** What is posted for a message with these parts. */
function postedFor(parts: readonly object[]): unknown {
  const wire = new Wire()
  wire.send('a', { messages: [{ id: 'q1', role: 'user', parts }] })
  wire.page([], start)
  const [, asked] = wire.wants
  return asked?.type === 'post' ? asked.parts : asked
}

test('[X14] files come as data, as a URL of one’s own, or lie elsewhere', () => {
  const words = { type: 'text', text: 'look' }
  const png = { type: 'file', mediaType: 'image/png', filename: 'a/b.png', url: 'data:image/png;base64,iVBORw==' }
  const own = { type: 'file', mediaType: 'audio/mpeg', url: 'https://x.example/api/attachments/f-1?link=abc' }
  const other = { type: 'file', mediaType: 'application/pdf', url: 'https://x.example/paper.pdf' }
  expect(postedFor([words, png, own, other])).toEqual([
    words,
    { type: 'image', name: 'b.png', base64: 'iVBORw==' },
    { type: 'audio', attachment: { id: 'f-1' } },
    {
      type: 'data',
      name: 'file',
      data: { mediaType: 'application/pdf', url: 'https://x.example/paper.pdf', filename: 'file' },
    },
  ])
})

test('[X14] files of an answer are told once, with their URL', () => {
  const wire = new Wire()
  wire.send('a')
  wire.page([], start)
  wire.answered(ask(post), began(['r1']))
  const attachment = { id: 'f-1', name: 'a.png', mediaType: 'image/png', size: 1, sha256: 'x' }
  const content = { type: 'image', attachment } as const
  const added: Fact = { type: 'message.added', message: 'm1', part: 1, content }
  const told = [...wire.page([posted, ...streamed(2, 'hi')]), ...wire.page([event(5, guide, added)], { after: 4 })]
  const ended: Fact = { type: 'run.ended', run: 'r1', outcome: 'completed' }
  const parts = [text('hi'), content]
  const whole: Fact = { type: 'message.closed', message: 'm1', parts, outcome: 'completed' }
  told.push(...wire.page([event(6, guide, whole), event(7, guide, ended)], { after: 5 }))
  const files = JSON.stringify(told).match(/"type":"file"[^}]*/gu)
  expect(files).toEqual(['"type":"file","mediaType":"image/png","url":"/api/attachments/f-1"'])
})
