import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AbstractAgent, HttpAgent, type RunAgentInput } from '@ag-ui/client'
import type { Message, Tool as ToolCall } from '@parley/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AGUIOptions, fromAGUI } from '../../src/agents/ag-ui.ts'
import { type Agent, AgentFailure, type Thought, type Turn } from '../../src/seams/agent.ts'
import { alice, bob, said, text, thoughts, turn } from './turn.ts'

type Told = { readonly type: string; readonly [field: string]: unknown }

/** What the server does with a request: events, then the end; or a status; or the socket is cut, or nothing more is said. */
type Reply = readonly (Told | 'cut' | 'hang')[] | number

/** A server that speaks AG-UI: answers each run with the next reply, and remembers what it was asked. */
interface FakeAGUI {
  readonly url: string
  readonly inputs: RunAgentInput[]
  readonly headers: Record<string, unknown>[]
  readonly left: Promise<void>
  script(...replies: Reply[]): void
  close(): Promise<void>
}

async function fakeAGUI(): Promise<FakeAGUI> {
  const queue: Reply[] = []
  const inputs: RunAgentInput[] = []
  const headers: Record<string, unknown>[] = []
  const left = Promise.withResolvers<void>()
  const server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    const input: RunAgentInput = JSON.parse(body)
    inputs.push(input)
    headers.push(request.headers)
    response.once('close', () => (response.writableFinished ? undefined : left.resolve()))
    const reply = queue.shift() ?? [finished]
    if (typeof reply === 'number') return response.writeHead(reply).end('no')
    const { threadId, runId } = input
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of [{ type: 'RUN_STARTED' }, ...reply]) {
      if (event === 'cut') return response.destroy()
      if (event === 'hang') return undefined
      const whole = /^RUN_[SF]/.test(event.type) ? { threadId, runId, ...event } : event
      await new Promise<void>((resolve) => {
        response.write(`data: ${JSON.stringify(whole)}\n\n`, () => resolve())
      })
    }
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/agent`,
    inputs,
    headers,
    left: left.promise,
    script: (...replies) => void queue.push(...replies),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const itself = { id: 'ag', kind: 'agent', name: 'ag' } as const
const finished: Told = { type: 'RUN_FINISHED' }

function says(...words: string[]): Told[] {
  return [
    { type: 'TEXT_MESSAGE_START', messageId: 'm1', role: 'assistant' },
    ...words.map((delta) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta })),
    { type: 'TEXT_MESSAGE_END', messageId: 'm1' },
  ]
}

function calls(toolCallId: string, toolCallName: string, input: object): Told[] {
  return [
    { type: 'TOOL_CALL_START', toolCallId, toolCallName },
    { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input) },
    { type: 'TOOL_CALL_END', toolCallId },
  ]
}

function result(toolCallId: string, content: string): Told {
  return { type: 'TOOL_CALL_RESULT', messageId: `r-${toolCallId}`, toolCallId, content }
}

function waits(...interrupts: object[]): Told {
  return { type: 'RUN_FINISHED', outcome: { type: 'interrupt', interrupts } }
}

let server: FakeAGUI
beforeEach(async () => {
  server = await fakeAGUI()
})
afterEach(() => server.close())

function agent(options: Partial<AGUIOptions> = {}): Agent {
  return fromAGUI({ id: 'ag', name: 'ag', url: server.url, ...options })
}

async function failing(reply: Reply): Promise<{ heard: string; failure: AgentFailure }> {
  server.script(reply)
  const heard: Thought[] = []
  try {
    for await (const thought of agent().reply(turn('hello'))) heard.push(thought)
  } catch (error) {
    if (error instanceof AgentFailure) return { heard: text(heard), failure: error }
    throw error
  }
  throw new Error('it did not fail')
}

function decided(approved: boolean, reason?: string): Turn['approval'] {
  return async () => ({ until: 1, approved, user: alice, ...(reason === undefined ? {} : { reason }) })
}

test('the answer streams, reasoning apart from text', async () => {
  server.script([
    { type: 'REASONING_START', messageId: 'r' },
    { type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning' },
    { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'Hm.' },
    { type: 'REASONING_MESSAGE_END', messageId: 'r' },
    { type: 'REASONING_END', messageId: 'r' },
    ...says('Hel', 'lo.'),
    { ...finished, usage: [{ model: 'm', inputTokens: 3, outputTokens: 2 }] },
  ])
  expect(await thoughts(agent(), turn('hi'))).toEqual([
    { type: 'reasoning', text: 'Hm.' },
    'Hel',
    'lo.',
    { type: 'usage', model: 'm', inputTokens: 3, outputTokens: 2 },
  ])
})

test('events that come as chunks are put together', async () => {
  server.script([
    { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'Hel' },
    { type: 'TEXT_MESSAGE_CHUNK', delta: 'lo.' },
    { type: 'TOOL_CALL_CHUNK', toolCallId: 'c1', toolCallName: 'look', delta: '{}' },
    result('c1', 'seen'),
    finished,
  ])
  const told = await thoughts(agent(), turn('hi'))
  expect(text(told)).toBe('Hello.')
  expect(told.at(-1)).toEqual({ type: 'tool.ended', call: 'c1', outcome: 'ok', output: 'seen' })
})

test('the agent gets the conversation with its tools; the room is its thread, the run its run', async () => {
  const call: ToolCall = {
    call: 'r-1',
    run: 'r',
    message: 'm',
    by: itself,
    name: 'weather',
    input: { city: 'Rome' },
    state: 'ok',
    output: 21,
  }
  const answer: Message = {
    ...said(itself, ''),
    parts: [
      { type: 'tool', call: 'r-1' },
      { type: 'text', text: 'Warm.' },
    ],
  }
  const history = [said(bob, 'Rome?'), answer]
  const asked = turn('And Oslo?', { history, calls: new Map([['r-1', call]]) })
  await thoughts(agent({ headers: { authorization: 'Bearer x' } }), asked)
  const input = server.inputs[0]
  expect(input).toMatchObject({ threadId: 'lobby', runId: 'run-1' })
  expect(input?.messages).toEqual([
    { id: history[0]?.key, role: 'user', content: 'Bob: Rome?' },
    {
      id: answer.key,
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'r-1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
    },
    { id: `${answer.key}/1`, role: 'tool', toolCallId: 'r-1', content: '21' },
    { id: `${answer.key}/2`, role: 'assistant', content: 'Warm.' },
    { id: asked.message.key, role: 'user', content: 'Alice: And Oslo?' },
  ])
  expect(server.headers[0]?.authorization).toBe('Bearer x')
})

test('a tool is seen from the first letter of its input to its output', async () => {
  server.script([
    ...calls('c1', 'weather', { city: 'Rome' }),
    result('c1', '{"celsius":21}'),
    ...says('Warm.'),
    finished,
  ])
  expect(await thoughts(agent(), turn('Rome?'))).toEqual([
    { type: 'tool.called', call: 'c1', name: 'weather' },
    { type: 'tool.input', call: 'c1', text: '{"city":"Rome"}' },
    { type: 'tool.ready', call: 'c1', input: { city: 'Rome' } },
    { type: 'tool.ended', call: 'c1', outcome: 'ok', output: { celsius: 21 } },
    'Warm.',
  ])
})

test('an activity that names a tool is its progress; any other, state and custom events are data', async () => {
  server.script([
    ...calls('c1', 'build', {}),
    { type: 'ACTIVITY_SNAPSHOT', messageId: 'a1', activityType: 'BUILD', content: { toolCallId: 'c1', progress: 0.1 } },
    {
      type: 'ACTIVITY_DELTA',
      messageId: 'a1',
      activityType: 'BUILD',
      patch: [{ op: 'replace', path: '/progress', value: 0.5 }],
    },
    result('c1', 'built'),
    { type: 'ACTIVITY_SNAPSHOT', messageId: 'a2', activityType: 'PLAN', content: { steps: ['one'] } },
    {
      type: 'ACTIVITY_DELTA',
      messageId: 'a2',
      activityType: 'PLAN',
      patch: [{ op: 'add', path: '/steps/-', value: 'two' }],
    },
    { type: 'STATE_SNAPSHOT', snapshot: { n: 1 } },
    { type: 'STATE_DELTA', delta: [{ op: 'replace', path: '/n', value: 2 }] },
    { type: 'CUSTOM', name: 'cheer', value: 'hooray' },
    finished,
  ])
  const told = await thoughts(agent(), turn('go'))
  expect(told.filter((thought) => typeof thought === 'object' && /progress|data/.test(thought.type))).toEqual([
    { type: 'tool.progress', call: 'c1', fraction: 0.1 },
    { type: 'tool.progress', call: 'c1', fraction: 0.5 },
    { type: 'data', name: 'PLAN', id: 'a2', data: { steps: ['one'] } },
    { type: 'data', name: 'PLAN', id: 'a2', data: { steps: ['one', 'two'] } },
    { type: 'data', name: 'state', id: 'state', data: { n: 1 } },
    { type: 'data', name: 'state', id: 'state', data: { n: 2 } },
    { type: 'data', name: 'cheer', data: 'hooray' },
  ])
})

const emailing = [
  ...calls('c1', 'sendEmail', { to: 'bob' }),
  waits({ id: 'i1', reason: 'tool_call', toolCallId: 'c1', message: 'Send it?' }),
]

test('a run that is interrupted for a tool asks the room, and goes on with the decision', async () => {
  server.script(emailing, [result('c1', 'sent'), ...says('Done.'), finished])
  const asked: string[] = []
  const approval: Turn['approval'] = async (call) => {
    asked.push(call)
    return decided(true)(call)
  }
  const told = await thoughts(agent(), turn('Write to Bob', { approval }))
  expect(asked).toEqual(['c1'])
  expect(told.slice(-2)).toEqual([{ type: 'tool.ended', call: 'c1', outcome: 'ok', output: 'sent' }, 'Done.'])
  expect(server.inputs[1]).toMatchObject({
    threadId: 'lobby',
    resume: [{ interruptId: 'i1', status: 'resolved', payload: { approved: true } }],
  })
  expect(server.inputs[1]?.runId).not.toBe(server.inputs[0]?.runId)
})

test('a decision against it is told to the agent with its reason; the tool is denied', async () => {
  server.script(emailing, [result('c1', 'not sent'), ...says('As you like.'), finished])
  const told = await thoughts(agent(), turn('Write to Bob', { approval: decided(false, 'too late') }))
  expect(told.slice(-2)).toEqual([{ type: 'tool.ended', call: 'c1', outcome: 'denied' }, 'As you like.'])
  expect(server.inputs[1]?.resume).toEqual([
    { interruptId: 'i1', status: 'resolved', payload: { approved: false, reason: 'too late' } },
  ])
})

test('what nobody decides in time is cancelled', async () => {
  server.script(emailing, [...says('Never mind.'), finished])
  const told = await thoughts(agent(), turn('Write', { approval: async () => ({ until: 0, approved: false }) }))
  expect(text(told)).toBe('Never mind.')
  expect(server.inputs[1]?.resume).toEqual([{ interruptId: 'i1', status: 'cancelled' }])
})

test('a question that belongs to no tool is asked as one; a plain confirmation is answered with yes or no', async () => {
  const question = waits({ id: 'i1', reason: 'confirmation', message: 'Deploy now?' })
  server.script([...says('Ready.'), question], [...says(' Deployed.'), finished])
  const told = await thoughts(agent(), turn('deploy', { approval: decided(true) }))
  expect(told).toEqual([
    'Ready.',
    { type: 'tool.called', call: 'i1', name: 'confirmation', title: 'Deploy now?', input: { message: 'Deploy now?' } },
    { type: 'tool.ended', call: 'i1', outcome: 'ok', output: { approved: true } },
    ' Deployed.',
  ])
  expect(server.inputs[1]?.resume).toEqual([{ interruptId: 'i1', status: 'resolved', payload: true }])
})

test('a question that more than yes or no would answer fails the run in clear words', async () => {
  const { failure } = await failing([waits({ id: 'i1', reason: 'input_required', message: 'Which account?' })])
  expect(failure.failure).toEqual({
    code: 'agent.asks',
    message: 'The agent asks for something that nobody can answer here: Which account?',
  })
})

test('an error of the agent fails the run in its words, and keeps what was said', async () => {
  const { heard, failure } = await failing([...says('Half'), { type: 'RUN_ERROR', message: 'out of credit' }])
  expect(heard).toBe('Half')
  expect(failure.failure).toEqual({ code: 'agent.failed', message: 'out of credit' })
})

test('a run that the agent gives up fails', async () => {
  const { failure } = await failing([...says('Half'), { ...finished, outcome: { type: 'cancelled' } }])
  expect(failure.failure.code).toBe('agent.stopped')
})

test.each<[string, Reply, string]>([
  [
    'text that never began',
    [{ type: 'TEXT_MESSAGE_CONTENT', messageId: 'x', delta: 'lost' }, finished],
    'agent.broken',
  ],
  ['no end', [], 'agent.broken'],
  ['a cut line', ['cut'], 'agent.failed'],
  ['the status 500', 500, 'agent.failed'],
])('a server with %s fails the run in clear words', async (_, reply, code) => {
  const told = typeof reply === 'number' ? reply : [...says('Half'), ...reply]
  const { heard, failure } = await failing(told)
  // What came in the same breath as the mistake, the library may keep to itself.
  expect('Half').toContain(heard)
  expect(failure.failure.code).toBe(code)
  expect(failure.failure.message).toMatch(/^[A-Z]/)
})

test('an agent that is not there is told as that', async () => {
  await server.close()
  await expect(thoughts(agent(), turn('hi'))).rejects.toMatchObject({
    failure: { code: 'agent.unreachable', message: `No agent answers at ${new URL(server.url).host}.` },
  })
})

test('who stops an answer aborts the run', async () => {
  const stop = new AbortController()
  server.script([...says('One ').slice(0, 2), 'hang'])
  const heard: Thought[] = []
  for await (const thought of agent().reply(turn('count', { signal: stop.signal }))) {
    heard.push(thought)
    stop.abort('cancelled')
  }
  expect(heard).toEqual(['One '])
  await server.left
})

test('who leaves an answer in the middle aborts the run', async () => {
  server.script([...says('One ').slice(0, 2), 'hang'])
  for await (const _ of agent().reply(turn('count'))) break
  await server.left
})

test('an agent of your own is cloned for each run, so that many may go on at once', async () => {
  const own = new HttpAgent({ url: server.url, headers: { 'x-key': 'k' } })
  const local = fromAGUI({ id: 'ag', name: 'ag', agent: own })
  server.script([...says('One.'), finished], [...says('One.'), finished])
  const both = await Promise.all([thoughts(local, turn('a')), thoughts(local, turn('b'))])
  expect(both.map(text)).toEqual(['One.', 'One.'])
  expect(server.inputs.map(({ messages }) => messages.length)).toEqual([1, 1])
  expect(server.headers.map((headers) => headers['x-key'])).toEqual(['k', 'k'])
  expect(own.messages).toEqual([])
})

test('what an agent in this process throws is left to the log', async () => {
  class Broken extends AbstractAgent {
    run(): ReturnType<AbstractAgent['run']> {
      throw new Error('a secret')
    }
  }
  const failure = await thoughts(fromAGUI({ id: 'ag', name: 'ag', agent: new Broken() }), turn('a')).catch(
    (error) => error,
  )
  expect(failure).not.toBeInstanceOf(AgentFailure)
  expect(failure).toMatchObject({ message: 'a secret' })
})

test('a message without text is not sent to the agent', async () => {
  await expect(thoughts(agent(), turn(' '))).rejects.toThrow('There is no text to answer.')
  expect(server.inputs).toHaveLength(0)
})
