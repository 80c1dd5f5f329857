import { spawnSync } from 'node:child_process'
import { inspect } from 'node:util'
import type { Message, Tool as ToolCall } from '@parley/protocol'
import { type FakeOpenAI, fakeOpenAI, type OpenAIReply } from '@parley/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../src/agents/define.ts'
import { type OpenAIOptions, openai } from '../../src/agents/openai.ts'
import { type Agent, AgentFailure, type Thought, type ToolResult } from '../../src/seams/agent.ts'
import { alice, bob, said, text, thoughts, turn } from './turn.ts'

const KEY = 'sk-test-very-secret'
const itself = { id: 'openai', kind: 'agent', name: 'openai' } as const

let model: FakeOpenAI
beforeEach(async () => {
  model = await fakeOpenAI()
})
afterEach(() => model.close())

function agent(options: OpenAIOptions = {}): Agent {
  return openai({ baseURL: model.url, maxRetries: 0, ...options })
}

/** How a run ends when the model replies so: what was said by then, and the failure. */
async function failing(
  reply: OpenAIReply,
  options: OpenAIOptions = {},
): Promise<{ heard: string; failure: AgentFailure }> {
  model.script(reply)
  const heard: Thought[] = []
  try {
    for await (const thought of agent(options).reply(turn('hello'))) heard.push(thought)
  } catch (error) {
    if (error instanceof AgentFailure) return { heard: text(heard), failure: error }
    throw error
  }
  throw new Error('it did not fail')
}

function body(request = model.requests[0]): Record<string, unknown> {
  return Object(request?.body)
}

/** What the model was told, without what it is told about itself. */
function told(number: number): Record<string, unknown>[] {
  const { messages } = Object(model.requests[number]?.body)
  return messages.slice(1)
}

const weather = defineTool({
  name: 'weather',
  title: 'Weather',
  description: 'The weather of a place',
  input: z.object({ city: z.string() }),
  execute: ({ city }) => ({ city, celsius: 21 }),
})

test('the answer streams as the model writes it, and tells what it used', async () => {
  model.script({ text: ['Hel', 'lo.'] })
  expect(await thoughts(agent(), turn('hi'))).toEqual([
    'Hel',
    'lo.',
    { type: 'usage', model: 'tiny', inputTokens: 7, outputTokens: 2 },
  ])
})

test('each piece is told before the model writes the next', async () => {
  const asked: string[] = []
  let next = Promise.withResolvers<void>()
  async function* pieces() {
    for (const piece of ['one', 'two', 'three']) {
      asked.push(piece)
      yield piece
      await next.promise
      next = Promise.withResolvers<void>()
    }
  }
  model.script({ text: pieces() })
  const heard: Thought[] = []
  for await (const thought of agent().reply(turn('count'))) {
    if (typeof thought !== 'string') continue
    heard.push(thought)
    expect(asked).toHaveLength(heard.length)
    next.resolve()
  }
  expect(heard).toEqual(['one', 'two', 'three'])
})

test.each(['reasoning_content', 'reasoning'] as const)('what the model thinks is told apart (%s)', async (field) => {
  model.script({ reasoning: ['Hm', 'm.'], reasoningField: field, text: ['Yes.'] })
  expect((await thoughts(agent(), turn('hi'))).slice(0, 3)).toEqual([
    { type: 'reasoning', text: 'Hm' },
    { type: 'reasoning', text: 'm.' },
    'Yes.',
  ])
})

test('the model is told who it is, what to answer, and how long it may become', async () => {
  await thoughts(agent({ system: 'Be kind.', maxTokens: 99, apiKey: KEY }), turn('hello'))
  expect(body()).toEqual({
    model: 'tiny',
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: 99,
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'hello' },
    ],
  })
  expect(model.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
})

test('without a name the first model that the server lists answers', async () => {
  const other = await fakeOpenAI({ models: ['qwen', 'llama'] })
  try {
    await thoughts(agent({ baseURL: other.url }), turn('hi'))
    await thoughts(agent({ baseURL: other.url, model: 'llama' }), turn('hi'))
    expect(other.requests.map((request) => Object(request.body).model)).toEqual(['qwen', 'llama'])
  } finally {
    await other.close()
  }
})

test('a server that does not know what usage is answers all the same, and is not asked twice', async () => {
  const strict = await fakeOpenAI({ strict: true })
  try {
    const strange = agent({ baseURL: strict.url })
    expect(await thoughts(strange, turn('one'))).toEqual(['You ', 'said: ', 'one'])
    expect(await thoughts(strange, turn('two'))).toEqual(['You ', 'said: ', 'two'])
    expect(strict.requests.map((request) => 'stream_options' in Object(request.body))).toEqual([true, false, false])
  } finally {
    await strict.close()
  }
})

test('a tool is used while the room watches, and the model goes on with what came of it', async () => {
  model.script({ text: ['Let me look.'], calls: [{ name: 'weather', input: { city: 'Rome' } }] }, 'Warm.')
  const told1 = await thoughts(agent({ tools: [weather] }), turn('How is Rome?', { tools: [weather] }))
  expect(told1.filter((thought) => typeof thought === 'string' || thought.type !== 'usage')).toEqual([
    'Let me look.',
    { type: 'tool.called', call: 'call_1', name: 'weather', title: 'Weather' },
    { type: 'tool.input', call: 'call_1', text: '{"city":' },
    { type: 'tool.input', call: 'call_1', text: '"Rome"}' },
    'Warm.',
  ])
  expect(body().tools).toMatchObject([
    { type: 'function', function: { name: 'weather', parameters: { type: 'object', required: ['city'] } } },
  ])
  expect(told(1)).toEqual([
    { role: 'user', content: 'How is Rome?' },
    {
      role: 'assistant',
      content: 'Let me look.',
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: '{"city":"Rome","celsius":21}' },
  ])
})

test.each([
  ['the same ids each time', {}],
  ['no ids', { id: null }],
  ['no indexes', { index: null }],
  ['neither', { id: null, index: null }],
])('calls are told apart on servers with %s', async (_, strange) => {
  const call = (city: string) => ({ name: 'weather', input: { city }, ...strange })
  model.script({ calls: [call('Rome'), call('Oslo')] }, { calls: [call('Cork')] }, 'Done.')
  const used: unknown[] = []
  await thoughts(
    agent({ tools: [weather] }),
    turn('Compare', {
      use: async (name, input, { call: own } = {}) => {
        used.push([own, name, input])
        return { call: 'r', outcome: 'ok', text: 'fine' }
      },
    }),
  )
  expect(used).toEqual([
    ['call_1', 'weather', { city: 'Rome' }],
    ['call_2', 'weather', { city: 'Oslo' }],
    ['call_3', 'weather', { city: 'Cork' }],
  ])
})

test('a server that gives all calls one index tells them apart by their ids', async () => {
  const calls = ['Rome', 'Oslo'].map((city) => ({ name: 'weather', input: { city }, id: city, index: 0 }))
  model.script({ calls }, 'Done.')
  const told1 = await thoughts(agent({ tools: [weather] }), turn('Compare', { tools: [weather] }))
  expect(told1.filter((thought) => typeof thought === 'object' && thought.type === 'tool.called')).toHaveLength(2)
})

test('the tools of one step are at work at the same time', async () => {
  const calls = ['Rome', 'Oslo'].map((city) => ({ name: 'weather', input: { city } }))
  model.script({ calls }, 'Done.')
  const begun: string[] = []
  const both = Promise.withResolvers<void>()
  const use = async (_: unknown, __: unknown, { call = '' } = {}): Promise<ToolResult> => {
    begun.push(call)
    if (begun.length === 2) both.resolve()
    await both.promise
    return { call, outcome: 'ok', text: 'fine' }
  }
  expect(text(await thoughts(agent({ tools: [weather] }), turn('Compare', { use })))).toBe('Done.')
})

test('an input that is no JSON fails the call, and the model is told', async () => {
  model.script({ calls: [{ name: 'weather', input: '{"city": "Ro' }] }, 'Sorry.')
  const told1 = await thoughts(agent({ tools: [weather] }), turn('Rome?', { tools: [weather] }))
  expect(told1).toContainEqual({
    type: 'tool.ended',
    call: 'call_1',
    outcome: 'failed',
    failure: { code: 'tool.input', message: 'The input is not valid JSON.' },
  })
  expect(told(1).at(-1)).toEqual({ role: 'tool', tool_call_id: 'call_1', content: 'The input is not valid JSON.' })
})

test('a model that never stops using tools is stopped, and says so', async () => {
  const again = { calls: [{ name: 'weather', input: { city: 'Rome' } }] }
  model.script(again, again, again)
  const answer = text(await thoughts(agent({ tools: [weather], maxSteps: 2 }), turn('Rome?', { tools: [weather] })))
  expect(answer).toBe('\n\n*(The answer stops here: it has taken the model 2 steps, which is the limit.)*')
  expect(model.requests).toHaveLength(2)
})

test('who steers in the middle of the text is heard at once, and what was said stays', async () => {
  const queue: Message[] = []
  let heardUp = new AbortController()
  model.script({ text: ['One ', 'two '], ending: 'hang' }, 'Uno.')
  const asked = turn('count', {
    steering: () => {
      heardUp = new AbortController()
      return queue.splice(0)
    },
  })
  Object.defineProperty(asked, 'steered', { get: () => heardUp.signal })
  const heard: Thought[] = []
  for await (const thought of agent().reply(asked)) {
    heard.push(thought)
    if (thought !== 'two ') continue
    queue.push(said(alice, 'in Italian'))
    heardUp.abort()
  }
  expect(text(heard)).toBe('One two Uno.')
  expect(await model.requests[0]?.ended).toBe('dropped')
  expect(told(1)).toEqual([
    { role: 'user', content: 'count' },
    { role: 'assistant', content: 'One two ' },
    { role: 'user', content: 'in Italian' },
  ])
})

test('a call that is being written when somebody steers is skipped', async () => {
  const heardUp = new AbortController()
  const steering = [said(alice, 'no tools')]
  model.script({ calls: [{ name: 'weather', input: { city: 'Rome' } }], ending: 'hang' }, 'As you like.')
  const heard: Thought[] = []
  const asked = turn('Rome?', { steering: () => steering.splice(0) })
  let signal = heardUp.signal
  Object.defineProperty(asked, 'steered', { get: () => signal })
  for await (const thought of agent({ tools: [weather] }).reply(asked)) {
    heard.push(thought)
    if (typeof thought === 'object' && thought.type === 'tool.input') {
      heardUp.abort()
      signal = new AbortController().signal
    }
  }
  expect(heard).toContainEqual({ type: 'tool.ended', call: 'call_1', outcome: 'skipped' })
  expect(text(heard)).toBe('As you like.')
  expect(told(1)).toEqual([{ role: 'user', content: 'Rome?\n\nno tools' }])
})

test('who steers while a tool is at work is heard after it', async () => {
  const steering: Message[] = []
  model.script({ calls: [{ name: 'weather', input: { city: 'Rome' } }] }, 'Ecco.')
  await thoughts(
    agent({ tools: [weather] }),
    turn('Rome?', {
      use: async () => {
        steering.push(said(alice, 'in Italian'))
        return { call: 'r', outcome: 'ok', text: '21' }
      },
      steering: () => steering.splice(0),
    }),
  )
  expect(told(1).map(({ role, content }) => [role, content])).toEqual([
    ['user', 'Rome?'],
    ['assistant', ''],
    ['tool', '21'],
    ['user', 'in Italian'],
  ])
})

const known = (call: string, more: Partial<ToolCall> = {}): [string, ToolCall] => [
  call,
  { call, run: 'r', message: 'm', by: itself, name: 'weather', input: { city: 'Rome' }, state: 'ok', ...more },
]

test('the conversation before is told with its tools, each call with what came of it', async () => {
  const parts: Message['parts'] = [
    { type: 'reasoning', text: 'secret' },
    { type: 'text', text: 'Looking.' },
    { type: 'tool', call: 'r-1' },
    { type: 'tool', call: 'r-2' },
    { type: 'tool', call: 'r-3' },
    { type: 'text', text: 'Warm.' },
    { type: 'tool', call: 'r-4' },
  ]
  const calls = new Map([
    known('r-1', { output: { celsius: 21 } }),
    known('r-2', { state: 'denied', approval: { until: 0, approved: false, reason: 'too dear' } }),
    known('r-4', { printed: 'sunny' }),
  ])
  const history = [
    said(bob, 'Rome?'),
    { ...said(itself, ''), parts },
    said({ id: 'system', kind: 'system' }, 'x'),
    said(bob, 'Ah.'),
  ]
  await thoughts(agent(), turn('And Oslo?', { history, calls }))
  expect(told(0)).toMatchObject([
    { role: 'user', content: 'Bob: Rome?' },
    { role: 'assistant', content: 'Looking.', tool_calls: [{ id: 'call_1' }, { id: 'call_2' }] },
    { role: 'tool', tool_call_id: 'call_1', content: '{"celsius":21}' },
    { role: 'tool', tool_call_id: 'call_2', content: 'too dear' },
    { role: 'assistant', content: 'Warm.', tool_calls: [{ id: 'call_3' }] },
    { role: 'tool', tool_call_id: 'call_3', content: 'sunny' },
    { role: 'user', content: 'Bob: Ah.\n\nAlice: And Oslo?' },
  ])
})

test('a long conversation is told from where it fits, beginning with a person', async () => {
  const long = 'x'.repeat(60_000)
  const history = Array.from({ length: 6 }, (_, index) => said(index % 2 === 0 ? alice : itself, `${index}${long}`))
  await thoughts(agent(), turn('And now?', { history }))
  expect(told(0).map(({ content }) => String(content)[0])).toEqual(['4', '5', 'A'])
})

test('a run that was interrupted goes on with what its tools have brought, or from where its text broke off', async () => {
  const partial: Message = { ...said(itself, 'Looking.'), state: 'streaming' }
  const withTool: Message = { ...partial, parts: [...partial.parts, { type: 'tool', call: 'r-1' }] }
  await thoughts(agent(), turn('Rome?', { partial: withTool, calls: new Map([known('r-1', { output: 21 })]) }))
  expect(told(0).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
  await thoughts(agent(), turn('Rome?', { partial }))
  expect(told(1)).toEqual([
    { role: 'user', content: 'Rome?' },
    { role: 'assistant', content: 'Looking.' },
    { role: 'user', content: 'You were interrupted. Go on where you stopped, without repeating anything.' },
  ])
})

test('it can be steered, and waits for approvals over a restart', () => {
  expect(openai()).toMatchObject({ id: 'openai', steers: true, onInterrupted: 'wait' })
  expect(openai({ onInterrupted: 'retry' }).onInterrupted).toBe('retry')
})

test('a message without text is not sent to the model', async () => {
  await expect(thoughts(agent(), turn(' '))).rejects.toThrow('There is nothing to answer.')
  expect(model.requests).toHaveLength(0)
})

test('who stops an answer stops the request to the model', async () => {
  const stop = new AbortController()
  model.script({ text: ['One ', 'two '], ending: 'hang' })
  const heard: Thought[] = []
  for await (const thought of agent().reply(turn('count', { signal: stop.signal }))) {
    heard.push(thought)
    if (heard.length === 2) stop.abort('cancelled')
  }
  expect(text(heard)).toBe('One two ')
  expect(await model.requests[0]?.ended).toBe('dropped')
})

test('who leaves an answer in the middle leaves no request behind', async () => {
  model.script({ text: ['One ', 'two '], ending: 'hang' })
  for await (const _ of agent().reply(turn('count'))) break
  expect(await model.requests[0]?.ended).toBe('dropped')
})

test.each([
  [401, 'model.unauthorized'],
  [402, 'model.unpaid'],
  [403, 'model.forbidden'],
  [404, 'model.unknown'],
  [400, 'model.rejected'],
  [413, 'model.large'],
  [429, 'model.busy'],
  [500, 'model.failed'],
  [503, 'model.overloaded'],
])('status %i is told as %s, in words for the user', async (status, code) => {
  const { failure } = await failing({ status, message: `no: ${KEY}` }, { apiKey: KEY })
  expect(failure.failure.code).toBe(code)
  expect(failure.failure.message).toMatch(/^[A-Z].*\.$/)
  expect(failure.failure.message).not.toContain(KEY)
  expect(failure.cause).toBeInstanceOf(Error)
})

test('a key that the model refuses and repeats is not kept anywhere', async () => {
  const careful = await fakeOpenAI({ key: 'another' })
  try {
    const { failure } = await failing('never said', { baseURL: careful.url, apiKey: KEY, model: 'tiny' })
    expect(failure.failure.message).toContain('OPENAI_API_KEY')
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain(KEY)
  } finally {
    await careful.close()
  }
})

test('a model that is not there is told by its name, and where it was looked for', async () => {
  const { failure } = await failing('never said', { model: 'gigantic' })
  expect(failure.failure.code).toBe('model.unknown')
  expect(failure.failure.message).toContain(`no model gigantic at ${new URL(model.url).host}`)
})

test('an account without credit is not told as haste', async () => {
  const { failure } = await failing({ status: 429, code: 'insufficient_quota' })
  expect(failure.failure.code).toBe('model.unpaid')
})

test('a model that wants a long pause is not waited for: the user is told how long', async () => {
  const { failure } = await failing({ status: 429, retryAfter: 30 }, { maxRetries: 2 })
  expect(failure.failure.message).toBe('This server has asked the model too often. Try again in 30 seconds.')
  expect(model.requests).toHaveLength(1)
})

test('a request that fails before the answer began is made again', async () => {
  model.script({ status: 503, retryAfter: 0.01 }, 'Here I am.')
  expect(text(await thoughts(agent({ maxRetries: 1 }), turn('hello')))).toBe('Here I am.')
  expect(model.requests).toHaveLength(2)
})

test.each([
  ['cut', 'model.cut'],
  ['short', 'model.cut'],
  ['garbage', 'model.cut'],
  ['error', 'model.failed'],
] as const)('a stream with the ending "%s" fails the run and keeps what was said', async (ending, code) => {
  const { heard, failure } = await failing({ text: ['Half ', 'of'], ending })
  expect(heard).toBe('Half of')
  expect(failure.failure.code).toBe(code)
})

test.each([{}, { model: 'tiny' }])(
  'a server that is not there is told as that, and found when it is (%o)',
  async (options) => {
    const { url } = model
    await model.close()
    const waiting = openai({ baseURL: url, maxRetries: 0, ...options })
    const failure = await thoughts(waiting, turn('hello')).catch((error: AgentFailure) => error.failure)
    expect(failure).toEqual({ code: 'model.unreachable', message: `No model answers at ${new URL(url).host}.` })
  },
)

test('a server that has no model yet is asked again for the next message', async () => {
  const models: string[] = []
  const empty = await fakeOpenAI({ models })
  try {
    const waiting = agent({ baseURL: empty.url })
    await expect(thoughts(waiting, turn('hello'))).rejects.toThrow('has no model yet')
    models.push('late')
    expect(text(await thoughts(waiting, turn('hello')))).toBe('You said: hello')
  } finally {
    await empty.close()
  }
})

test('a refusal fails the run', async () => {
  const { heard, failure } = await failing({ text: ['I '], finish: 'content_filter' })
  expect(heard).toBe('I ')
  expect(failure.failure).toEqual({ code: 'model.refused', message: 'The model declined to answer this.' })
})

test('an answer that is as long as it may be says so at its end', async () => {
  model.script({ text: ['Once upon'], finish: 'length' })
  expect(text(await thoughts(agent(), turn('a tale')))).toBe(
    'Once upon\n\n*(The answer stops here: it is as long as the model may make it.)*',
  )
})

/** What the agent says in a process with this environment, where these packages cannot be found. */
function alone(options: object, env: Record<string, string>, missing: readonly string[] = []): unknown {
  const source = new URL('../../src/agents/openai.ts', import.meta.url)
  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) {
      if (${JSON.stringify(missing)}.includes(name)) throw new Error('not installed')
      return next(name, context)
    } })
    const { openai } = await import(${JSON.stringify(source.href)})
    const message = { by: { id: 'a', kind: 'user' }, parts: [{ type: 'text', text: 'hi' }] }
    const turn = { message, history: [], calls: new Map(), signal: new AbortController().signal }
    await openai(${JSON.stringify(options)}).reply(turn).next().catch(({ failure }) => console.log(JSON.stringify(failure)))`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=parley-source', '--input-type=module', '--eval', script],
    { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } },
  )
  expect(stdout, stderr).not.toBe('')
  return JSON.parse(stdout)
}

test('without the SDK, a key or a model the agent says what is missing', () => {
  expect(alone({ baseURL: 'http://127.0.0.1:1/v1' }, {}, ['openai'])).toEqual({
    code: 'agent.unready',
    message: 'The openai agent needs the package openai, which is not installed on this server.',
  })
  expect(alone({}, {})).toMatchObject({ code: 'agent.unready', message: expect.stringContaining('OPENAI_API_KEY') })
  expect(alone({}, { OPENAI_API_KEY: KEY })).toMatchObject({ message: expect.stringContaining('PARLEY_MODEL') })
  expect(alone({}, { OPENAI_BASE_URL: 'nowhere' })).toMatchObject({
    message: expect.stringContaining('OPENAI_BASE_URL'),
  })
})
