import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Message, Tool as ToolCall } from '@parley/protocol'
import {
  convertToModelMessages,
  createUIMessageStream,
  createUIMessageStreamResponse,
  DirectChatTransport,
  stepCountIs,
  streamText,
  ToolLoopAgent,
  tool,
  type UIMessage,
  type UIMessageChunk,
} from 'ai'
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fromUIMessageStream, type UIMessageStreamOptions } from '../../src/agents/ui-message-stream.ts'
import { type Agent, AgentFailure, type Thought, type Turn } from '../../src/seams/agent.ts'
import { alice, bob, said, text, thoughts, turn } from './turn.ts'

type ModelPart =
  Awaited<ReturnType<MockLanguageModelV4['doStream']>>['stream'] extends ReadableStream<infer Part> ? Part : never

const itself = { id: 'sdk', kind: 'agent', name: 'sdk' } as const
const USAGE = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
}

function finish(unified: 'stop' | 'tool-calls' | 'length' | 'content-filter'): ModelPart {
  return { type: 'finish', usage: USAGE, finishReason: { unified, raw: unified } }
}

function says(...words: string[]): ModelPart[] {
  return [
    { type: 'text-start', id: 't' },
    ...words.map((delta): ModelPart => ({ type: 'text-delta', id: 't', delta })),
    { type: 'text-end', id: 't' },
    finish('stop'),
  ]
}

function calls(toolCallId: string, toolName: string, input: object): ModelPart[] {
  const json = JSON.stringify(input)
  return [
    { type: 'tool-input-start', id: toolCallId, toolName },
    { type: 'tool-input-delta', id: toolCallId, delta: json.slice(0, 5) },
    { type: 'tool-input-delta', id: toolCallId, delta: json.slice(5) },
    { type: 'tool-input-end', id: toolCallId },
    { type: 'tool-call', toolCallId, toolName, input: json },
    finish('tool-calls'),
  ]
}

/** A model that answers step by step as scripted. */
function model(...steps: ModelPart[][]): MockLanguageModelV4 {
  return new MockLanguageModelV4({
    doStream: steps.map((parts) => ({ stream: convertArrayToReadableStream(parts) })),
  })
}

function agent(stream: UIMessageStreamOptions['stream']): Agent {
  return fromUIMessageStream({ id: 'sdk', name: 'sdk', stream })
}

function chunks(...list: UIMessageChunk[]): Agent {
  return agent(async function* () {
    yield* list
  })
}

/** How a run ends whose stream fails: what was said by then, and the failure. */
async function failing(broken: Agent, asked = turn('hello')): Promise<{ heard: Thought[]; failure: AgentFailure }> {
  const heard: Thought[] = []
  try {
    for await (const thought of broken.reply(asked)) heard.push(thought)
  } catch (error) {
    if (error instanceof AgentFailure) return { heard, failure: error }
    throw error
  }
  throw new Error('it did not fail')
}

const weather = tool({
  description: 'The weather of a place',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, celsius: 21 }),
})

const deletion = tool({
  description: 'Deletes a file',
  inputSchema: z.object({ file: z.string() }),
  needsApproval: true,
  execute: async ({ file }) => `${file} is gone`,
})

function decided(approved: boolean, reason?: string): Turn['approval'] {
  return async () => ({ until: 1, approved, user: alice, ...(reason === undefined ? {} : { reason }) })
}

test('the answer of streamText streams as text', async () => {
  const answering = agent(async ({ messages, signal }) =>
    streamText({
      model: model(says('Hel', 'lo.')),
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
    }).toUIMessageStream(),
  )
  expect(await thoughts(answering, turn('hi'))).toEqual(['Hel', 'lo.'])
})

test('reasoning is told apart from text', async () => {
  const parts: ModelPart[] = [
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
    { type: 'reasoning-end', id: 'r' },
    ...says('Yes.'),
  ]
  const answering = agent(() => streamText({ model: model(parts), prompt: 'x' }).toUIMessageStream())
  expect(await thoughts(answering, turn('hi'))).toEqual([{ type: 'reasoning', text: 'Hm.' }, 'Yes.'])
})

test('a tool is seen from the first letter of its input to its output, and the model hears it', async () => {
  const mock = model(calls('c1', 'weather', { city: 'Rome' }), says('Warm.'))
  const loop = new ToolLoopAgent({ model: mock, tools: { weather } })
  const answering = agent(async ({ messages, signal }) => {
    const result = await loop.stream({ messages: await convertToModelMessages(messages), abortSignal: signal })
    return result.toUIMessageStream()
  })
  expect(await thoughts(answering, turn('How is Rome?'))).toEqual([
    { type: 'tool.called', call: 'c1', name: 'weather' },
    { type: 'tool.input', call: 'c1', text: '{"cit' },
    { type: 'tool.input', call: 'c1', text: 'y":"Rome"}' },
    { type: 'tool.ready', call: 'c1', input: { city: 'Rome' } },
    { type: 'tool.ended', call: 'c1', outcome: 'ok', output: { city: 'Rome', celsius: 21 } },
    'Warm.',
  ])
  expect(JSON.stringify(mock.doStreamCalls[1]?.prompt)).toContain('"celsius":21')
})

test('DirectChatTransport is an agent, too', async () => {
  const loop = new ToolLoopAgent({
    model: model(calls('c1', 'weather', { city: 'Rome' }), says('Warm.')),
    tools: { weather },
  })
  const transport = new DirectChatTransport({ agent: loop })
  const answering = agent(({ messages, signal, turn }) =>
    transport.sendMessages({
      trigger: 'submit-message',
      chatId: turn.room,
      messageId: undefined,
      messages: messages as Parameters<typeof transport.sendMessages>[0]['messages'],
      abortSignal: signal,
    }),
  )
  expect(text(await thoughts(answering, turn('How is Rome?')))).toBe('Warm.')
})

test('what a tool yields before its output is progress, and what grows is print', async () => {
  const slow = tool({
    inputSchema: z.object({}),
    async *execute() {
      yield { percent: 50, message: 'half' }
      yield 'line one\n'
      yield 'line one\nline two\n'
      yield 'line one\nline two\nline three\n'
    },
  })
  const answering = agent(() =>
    streamText({
      model: model(calls('c1', 'slow', {}), says('Done.')),
      prompt: 'x',
      tools: { slow },
      stopWhen: stepCountIs(3),
    }).toUIMessageStream(),
  )
  const told = await thoughts(answering, turn('go'))
  expect(told.filter((thought) => typeof thought === 'object' && !thought.type.startsWith('tool.input'))).toEqual([
    { type: 'tool.called', call: 'c1', name: 'slow' },
    { type: 'tool.ready', call: 'c1', input: {} },
    { type: 'tool.progress', call: 'c1', text: 'half', fraction: 0.5 },
    { type: 'tool.progress', call: 'c1', text: 'line one\n' },
    { type: 'tool.output', call: 'c1', text: 'line one\nline two\n' },
    { type: 'tool.output', call: 'c1', text: 'line three\n' },
    { type: 'tool.ended', call: 'c1', outcome: 'ok', output: 'line one\nline two\nline three\n' },
  ])
})

test('a tool that fails and an input that is wrong are failed calls, and the answer goes on', async () => {
  const failingTool = tool({
    inputSchema: z.object({ n: z.number() }),
    execute: async (): Promise<string> => {
      throw new Error('no such city')
    },
  })
  const answering = agent(() =>
    streamText({
      model: model(calls('c1', 'lookup', { n: 1 }), calls('c2', 'lookup', { n: 'one' }), says('Sorry.')),
      prompt: 'x',
      tools: { lookup: failingTool },
      stopWhen: stepCountIs(5),
    }).toUIMessageStream(),
  )
  const told = await thoughts(answering, turn('go'))
  const ends = told.filter((thought) => typeof thought === 'object' && thought.type === 'tool.ended')
  expect(ends).toMatchObject([
    { call: 'c1', outcome: 'failed', failure: { code: 'tool.failed', message: 'Error: no such city' } },
    { call: 'c2', outcome: 'failed', failure: { code: 'tool.input' } },
  ])
  expect(text(told)).toBe('Sorry.')
})

/** An agent whose only tool needs approval, and what its stream was asked. */
function careful(mock: MockLanguageModelV4): { agent: Agent; asked: UIMessage[][] } {
  const asked: UIMessage[][] = []
  const loop = new ToolLoopAgent({ model: mock, tools: { delete: deletion } })
  return {
    asked,
    agent: agent(async ({ messages, signal }) => {
      asked.push(messages)
      const result = await loop.stream({
        messages: await convertToModelMessages(messages, { tools: loop.tools }),
        abortSignal: signal,
      })
      return result.toUIMessageStream({ originalMessages: messages })
    }),
  }
}

test('a tool that needs approval is asked about, then done, and the answer goes on in the same message', async () => {
  const mock = model(
    [...says('Let me.').slice(0, -1), ...calls('c1', 'delete', { file: 'a.txt' })],
    says('It is gone.'),
  )
  const { agent: answering, asked } = careful(mock)
  const questions: string[] = []
  const approval: Turn['approval'] = async (call) => {
    questions.push(call)
    return decided(true)(call)
  }
  const told = await thoughts(answering, turn('delete a.txt', { approval }))
  expect(questions).toEqual(['c1'])
  expect(told.filter((thought) => typeof thought === 'object' && thought.type === 'tool.ended')).toEqual([
    { type: 'tool.ended', call: 'c1', outcome: 'ok', output: 'a.txt is gone' },
  ])
  expect(text(told)).toBe('Let me.It is gone.')
  const answer = asked[1]?.at(-1)
  expect(answer?.role).toBe('assistant')
  expect(answer?.parts).toMatchObject([
    { type: 'step-start' },
    { type: 'text', text: 'Let me.' },
    { type: 'tool-delete', toolCallId: 'c1', state: 'approval-responded', approval: { approved: true } },
  ])
  expect(mock.doStreamCalls).toHaveLength(2)
})

test('a tool that is denied is not done, and the model is told why', async () => {
  const mock = model(calls('c1', 'delete', { file: 'a.txt' }), says('I leave it.'))
  const told = await thoughts(careful(mock).agent, turn('delete', { approval: decided(false, 'I need it') }))
  expect(told.filter((thought) => typeof thought === 'object' && thought.type === 'tool.ended')).toEqual([
    { type: 'tool.ended', call: 'c1', outcome: 'denied' },
  ])
  expect(text(told)).toBe('I leave it.')
  expect(JSON.stringify(mock.doStreamCalls[1]?.prompt)).toContain('I need it')
})

test('each tool of a chain is asked about in its turn', async () => {
  const mock = model(calls('c1', 'delete', { file: 'a' }), calls('c2', 'delete', { file: 'b' }), says('Both.'))
  const { agent: answering, asked } = careful(mock)
  const told = await thoughts(answering, turn('delete both', { approval: decided(true) }))
  expect(
    told.flatMap((thought) => (typeof thought === 'object' && 'output' in thought ? [thought.output] : [])),
  ).toEqual(['a is gone', 'b is gone'])
  expect(asked).toHaveLength(3)
  expect(asked[2]?.at(-1)?.parts.filter(({ type }) => type === 'tool-delete')).toMatchObject([
    { toolCallId: 'c1', state: 'output-available', output: 'a is gone' },
    { toolCallId: 'c2', state: 'approval-responded' },
  ])
})

test('who stops the run while it waits for approval has it asked nothing more', async () => {
  const stop = new AbortController()
  const mock = model(calls('c1', 'delete', { file: 'a' }))
  const approval: Turn['approval'] = async () => {
    stop.abort()
    return undefined
  }
  await thoughts(careful(mock).agent, turn('delete', { approval, signal: stop.signal }))
  expect(mock.doStreamCalls).toHaveLength(1)
})

test('the conversation is told with its tools, and in a shape that models take', async () => {
  const call = (id: string, more: Partial<ToolCall>): ToolCall => ({
    call: id,
    run: 'r',
    message: 'm',
    by: itself,
    name: 'weather',
    input: { city: 'Rome' },
    state: 'ok',
    ...more,
  })
  const answer: Message = {
    ...said(itself, ''),
    parts: [
      { type: 'reasoning', text: 'secret' },
      { type: 'text', text: 'Looking.' },
      { type: 'tool', call: 'r-1' },
      { type: 'tool', call: 'r-2' },
      { type: 'tool', call: 'r-3' },
      { type: 'text', text: 'Warm.' },
      { type: 'data', name: 'map', data: { zoom: 1 } },
    ],
  }
  const known = new Map([
    ['r-1', call('r-1', { output: 21 })],
    ['r-2', call('r-2', { state: 'failed', failure: { code: 'x', message: 'no such city' } })],
    ['r-3', call('r-3', { state: 'denied', approval: { until: 1, approved: false, reason: 'no' } })],
  ])
  let heard: UIMessage[] = []
  const answering = agent(async function* ({ messages }) {
    heard = messages
    yield { type: 'finish' } as const
  })
  const history = [said(bob, 'Rome?'), answer, said({ id: 'system', kind: 'system' }, 'a notice')]
  await thoughts(answering, turn('And now?', { history, calls: known }))
  expect(heard.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  expect(heard[0]?.parts).toEqual([{ type: 'text', text: 'Bob: Rome?' }])
  expect(heard[1]?.parts.map((part) => ('state' in part ? part.state : part.type))).toEqual([
    'text',
    'output-available',
    'output-error',
    'output-denied',
    'step-start',
    'text',
    'data-map',
  ])
  expect(JSON.stringify(heard)).not.toContain('secret')
  const prompt = await convertToModelMessages(heard)
  expect(prompt.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user'])
})

test('data and sources become data; what is transient or unknown does not', async () => {
  const stream = createUIMessageStream({
    execute: ({ writer }) => {
      writer.write({ type: 'data-plan', id: 'p', data: { step: 1 } })
      writer.write({ type: 'data-plan', id: 'p', data: { step: 2 } })
      writer.write({ type: 'data-cursor', data: 7, transient: true })
      writer.write({ type: 'source-url', sourceId: 's1', url: 'https://example.org', title: 'Example' })
      writer.write({ type: 'file', mediaType: 'image/png', url: `data:image/png;base64,${'A'.repeat(100_000)}` })
    },
  })
  expect(
    await thoughts(
      agent(() => stream),
      turn('go'),
    ),
  ).toEqual([
    { type: 'data', name: 'plan', id: 'p', data: { step: 1 } },
    { type: 'data', name: 'plan', id: 'p', data: { step: 2 } },
    {
      type: 'data',
      name: 'source-url',
      id: 's1',
      data: { sourceId: 's1', url: 'https://example.org', title: 'Example' },
    },
    { type: 'data', name: 'file', data: { mediaType: 'image/png', omitted: ['url'] } },
  ])
  const unknown = JSON.parse('{"type":"telepathy","id":"x"}')
  expect(await thoughts(chunks({ type: 'start' }, unknown, { type: 'finish' }), turn('go'))).toEqual([])
})

test('usage that the end of a message tells is told', async () => {
  const answering = agent(() =>
    streamText({ model: model(says('Hi')), prompt: 'x' }).toUIMessageStream({
      messageMetadata: ({ part }) => (part.type === 'finish' ? { usage: part.totalUsage } : undefined),
    }),
  )
  expect(await thoughts(answering, turn('go'))).toEqual(['Hi', { type: 'usage', inputTokens: 3, outputTokens: 5 }])
})

test('an answer that is as long as it may be says so', async () => {
  const parts = [...says('Once').slice(0, -1), finish('length')]
  const answering = agent(() => streamText({ model: model(parts), prompt: 'x' }).toUIMessageStream())
  expect(text(await thoughts(answering, turn('go')))).toBe(
    'Once\n\n*(The answer stops here: it is as long as it may be.)*',
  )
})

test('an error in the stream fails the run in its words, and keeps what was said', async () => {
  const parts: ModelPart[] = [...says('Half').slice(0, 2), { type: 'error', error: new Error('overloaded') }]
  const answering = agent(() =>
    streamText({ model: model(parts), prompt: 'x', onError: () => undefined }).toUIMessageStream({
      onError: (error) => `The model failed: ${error instanceof Error ? error.message : error}`,
    }),
  )
  const { heard, failure } = await failing(answering)
  expect(text(heard)).toBe('Half')
  expect(failure.failure).toEqual({ code: 'agent.failed', message: 'The model failed: overloaded' })
})

test('a stream that stops by itself fails the run', async () => {
  const { failure } = await failing(chunks({ type: 'start' }, { type: 'abort', reason: 'out of credit' }))
  expect(failure.failure).toEqual({ code: 'agent.stopped', message: 'The agent stopped: out of credit.' })
})

test.each<[string, UIMessageChunk[]]>([
  ['text that never began', [{ type: 'text-delta', id: 'x', delta: 'lost' }]],
  ['reasoning that never began', [{ type: 'reasoning-delta', id: 'x', delta: 'lost' }]],
  ['a tool that never began', [{ type: 'tool-output-available', toolCallId: 'x', output: 1 }]],
  ['approval of a tool that never began', [{ type: 'tool-approval-request', toolCallId: 'x', approvalId: 'a' }]],
  ['text that never ends', [{ type: 'text-start', id: 'x' }]],
])('a stream with %s fails the run in clear words, and keeps what was said', async (_, malformed) => {
  const { heard, failure } = await failing(
    chunks(
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'Half' },
      { type: 'text-end', id: 't' },
      ...malformed,
    ),
  )
  expect(text(heard)).toBe('Half')
  expect(failure.failure.code).toBe('agent.broken')
  expect(failure.failure.message).toMatch(/^The agent's stream .*\.$/)
})

test('a tool whose id is used again is another call; one that nobody runs is skipped', async () => {
  const told = await thoughts(
    chunks(
      { type: 'tool-input-available', toolCallId: 'call_0', toolName: 'a', input: {} },
      { type: 'tool-output-available', toolCallId: 'call_0', output: 1 },
      { type: 'tool-input-available', toolCallId: 'call_0', toolName: 'a', input: {} },
    ),
    turn('go'),
  )
  expect(told).toMatchObject([
    { type: 'tool.called', call: 'call_0' },
    { type: 'tool.ended', call: 'call_0', outcome: 'ok' },
    { type: 'tool.called', call: 'call_0+' },
    { type: 'tool.ended', call: 'call_0+', outcome: 'skipped' },
  ])
})

test('a step that is taken back stays, and what follows is a new paragraph', async () => {
  const told = await thoughts(
    chunks(
      { type: 'start-step' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'Fal' },
      { type: 'reset-step' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'Right.' },
      { type: 'text-end', id: 't' },
      { type: 'finish' },
    ),
    turn('go'),
  )
  expect(text(told)).toBe('Fal\n\nRight.')
})

test('who stops an answer stops the model', async () => {
  const stop = new AbortController()
  const stopped = Promise.withResolvers<void>()
  const mock = new MockLanguageModelV4({
    doStream: async ({ abortSignal }) => {
      abortSignal?.addEventListener('abort', () => stopped.resolve())
      return {
        stream: new ReadableStream<ModelPart>({
          start(controller) {
            for (const part of says('One ').slice(0, 2)) controller.enqueue(part)
          },
        }),
      }
    },
  })
  const answering = agent(({ signal }) =>
    streamText({ model: mock, prompt: 'x', abortSignal: signal }).toUIMessageStream(),
  )
  const heard: Thought[] = []
  for await (const thought of answering.reply(turn('count', { signal: stop.signal }))) {
    heard.push(thought)
    stop.abort('cancelled')
  }
  expect(heard).toEqual(['One '])
  await stopped.promise
})

test('a stream that does not look at the signal is cancelled all the same', async () => {
  const stop = new AbortController()
  const cancelled = Promise.withResolvers<unknown>()
  const endless = new ReadableStream<UIMessageChunk>({
    start(controller) {
      controller.enqueue({ type: 'text-start', id: 't' })
      controller.enqueue({ type: 'text-delta', id: 't', delta: 'One ' })
    },
    cancel: (reason) => cancelled.resolve(reason),
  })
  for await (const _ of agent(() => endless).reply(turn('count', { signal: stop.signal }))) stop.abort('cancelled')
  expect(await cancelled.promise).toBe('cancelled')
})

test('who leaves an answer in the middle has the stream cancelled', async () => {
  const left = Promise.withResolvers<void>()
  const answering = agent(async function* () {
    try {
      yield { type: 'text-start', id: 't' } as const
      for (;;) yield { type: 'text-delta', id: 't', delta: 'more ' } as const
    } finally {
      left.resolve()
    }
  })
  for await (const _ of answering.reply(turn('talk'))) break
  await left.promise
})

test('a server that answers as the AI SDK does is an agent', async () => {
  const server = createServer(async (_, response) => {
    const stream = createUIMessageStream({
      execute: ({ writer }) => {
        writer.write({ type: 'text-start', id: 't' })
        writer.write({ type: 'text-delta', id: 't', delta: 'From afar.' })
        writer.write({ type: 'text-end', id: 't' })
      },
    })
    const { headers, body } = createUIMessageStreamResponse({ stream })
    response.setHeaders(headers)
    for await (const piece of body ?? []) response.write(piece)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const answering = agent(({ messages, signal }) =>
      fetch(url, { method: 'POST', body: JSON.stringify({ messages }), signal }),
    )
    expect(await thoughts(answering, turn('hi'))).toEqual(['From afar.'])
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

test('a server that refuses is told with its status', async () => {
  const { failure } = await failing(agent(() => new Response('no', { status: 503 })))
  expect(failure.failure.message).toBe('The agent answered with status 503.')
})

test('an agent without a proper name is refused at once', () => {
  expect(() => fromUIMessageStream({ id: 'a b', name: 'x', stream: async function* () {} })).toThrow(TypeError)
})
