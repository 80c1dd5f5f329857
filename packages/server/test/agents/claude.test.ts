import { spawnSync } from 'node:child_process'
import { inspect } from 'node:util'
import { type FakeAnthropic, type FakeReply, fakeAnthropic } from '@parley/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ClaudeOptions, claude, DEFAULT_MODEL } from '../../src/agents/claude.ts'
import { type Agent, AgentFailure, type Thought } from '../../src/seams/agent.ts'
import { bodyOf, spokenIn } from './claude-request.ts'
import { alice, bob, said, text, thoughts, turn } from './turn.ts'

const KEY = 'sk-test-very-secret'
const itself = { id: 'claude', kind: 'agent', name: 'claude' } as const

let model: FakeAnthropic
beforeEach(async () => {
  model = await fakeAnthropic()
})
afterEach(() => model.close())

function agent(options: ClaudeOptions = {}): Agent {
  return claude({ apiKey: KEY, baseURL: model.url, maxRetries: 0, ...options })
}

/** How a run ends when the model replies so: what was said by then, and the failure. */
async function failing(
  reply: FakeReply,
  options: ClaudeOptions = {},
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

test('the answer streams as the model writes it, thinking apart from text', async () => {
  model.script({
    blocks: [
      { type: 'thinking', pieces: ['Hm', 'm.'] },
      { type: 'text', pieces: ['Hel', 'lo.'] },
    ],
  })
  const heard = await thoughts(agent(), turn('hi'))
  expect(heard.slice(0, -1)).toEqual([
    { type: 'reasoning', text: 'Hm' },
    { type: 'reasoning', text: 'm.' },
    'Hel',
    'lo.',
  ])
  expect(heard.at(-1)).toMatchObject({ type: 'usage', model: DEFAULT_MODEL })
})

test('each piece is told before the model writes the next', async () => {
  const asked: string[] = []
  async function* pieces() {
    for (const piece of ['one', 'two', 'three']) {
      asked.push(piece)
      yield piece
      await next.promise
      next = Promise.withResolvers<void>()
    }
  }
  let next = Promise.withResolvers<void>()
  model.script({ blocks: [{ type: 'text', pieces: pieces() }] })
  const heard: Thought[] = []
  for await (const thought of agent().reply(turn('count'))) {
    if (typeof thought !== 'string') continue
    heard.push(thought)
    expect(asked).toHaveLength(heard.length)
    next.resolve()
  }
  expect(heard).toEqual(['one', 'two', 'three'])
})

test('the model is told who it is, what to answer, and how long it may become', async () => {
  await thoughts(agent({ system: 'Be kind.', maxTokens: 99 }), turn('hello'))
  expect(bodyOf(model.requests[0])).toMatchObject({
    model: DEFAULT_MODEL,
    system: 'Be kind.',
    max_tokens: 99,
    stream: true,
  })
  expect(spokenIn(model.requests[0])).toEqual([{ role: 'user', content: 'hello' }])
  expect(bodyOf(model.requests[0])).not.toHaveProperty('tools')
  expect(bodyOf(model.requests[0])).not.toHaveProperty('thinking')
  expect(model.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
  await thoughts(agent({ model: 'claude-opus-5-5' }), turn('hello'))
  expect(bodyOf(model.requests[1]).model).toBe('claude-opus-5-5')
})

test('the conversation before is its context: roles in turn, nothing empty, answers cut short as far as they came', async () => {
  const history = [
    said(itself, 'An answer whose question is forgotten.'),
    said(alice, 'First question'),
    said(itself, '', 'failed'),
    said(alice, 'Still there?'),
    said(itself, 'Yes, I was about to', 'interrupted'),
    said({ id: 'system', kind: 'system' }, 'a notice'),
    said(alice, ''),
  ]
  await thoughts(agent(), turn('Go on', { history }))
  expect(spokenIn(model.requests[0])).toEqual([
    { role: 'user', content: 'First question\n\nStill there?' },
    { role: 'assistant', content: 'Yes, I was about to' },
    { role: 'user', content: 'Go on' },
  ])
})

test('where several people speak, it is told who said what', async () => {
  const history = [said(bob, 'Tea?'), said(itself, 'With pleasure.')]
  await thoughts(agent(), turn('For me too', { history }))
  expect(spokenIn(model.requests[0])).toEqual([
    { role: 'user', content: 'Bob: Tea?' },
    { role: 'assistant', content: 'With pleasure.' },
    { role: 'user', content: 'Alice: For me too' },
  ])
})

test('a long conversation is told from where it fits, beginning with a person', async () => {
  const long = 'x'.repeat(60_000)
  const history = Array.from({ length: 6 }, (_, index) => said(index % 2 === 0 ? alice : itself, `${index}${long}`))
  await thoughts(agent(), turn('And now?', { history }))
  const told = spokenIn(model.requests[0])
  expect(told.map(({ content }) => String(content).slice(0, 1))).toEqual(['4', '5', 'A'])

  const many = Array.from({ length: 300 }, (_, index) => said(index % 2 === 0 ? alice : itself, `${index}`))
  await thoughts(agent(), turn('And now?', { history: many }))
  expect(spokenIn(model.requests[1])).toHaveLength(99)
})

test('a message without text is not sent to the model', async () => {
  await expect(thoughts(agent(), turn(' '))).rejects.toThrow('There is nothing to answer.')
  expect(model.requests).toHaveLength(0)
})

test('who stops an answer stops the request to the model', async () => {
  const stop = new AbortController()
  model.script({ blocks: [{ type: 'text', pieces: ['One ', 'two '] }], ending: 'hang' })
  const heard: Thought[] = []
  for await (const thought of agent().reply(turn('count', { signal: stop.signal }))) {
    heard.push(thought)
    if (heard.length === 2) stop.abort('cancelled')
  }
  expect(text(heard)).toBe('One two ')
  expect(await model.requests[0]?.ended).toBe('dropped')
})

test('who leaves an answer in the middle leaves no request behind', async () => {
  model.script({ blocks: [{ type: 'text', pieces: ['One ', 'two '] }], ending: 'hang' })
  for await (const _ of agent().reply(turn('count'))) break
  expect(await model.requests[0]?.ended).toBe('dropped')
})

test('who stops before the model has answered gets nothing, not a failure', async () => {
  const stop = new AbortController()
  model.script({ blocks: [], ending: 'hang' })
  const answer = thoughts(agent(), turn('hello', { signal: stop.signal }))
  await expect.poll(() => model.requests.length).toBe(1)
  stop.abort()
  expect(await answer).toEqual([])
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
  [529, 'model.overloaded'],
])('[R7] status %i is told as %s, in words for the user', async (status, code) => {
  const { failure } = await failing({ status, message: `no: ${KEY}` })
  expect(failure.failure.code).toBe(code)
  expect(failure.failure.message).toMatch(/^[A-Z].*\.$/)
  expect(failure.failure.message).not.toContain(KEY)
  expect(failure.cause).toBeInstanceOf(Error)
})

test('a key that the model refuses and repeats is not kept anywhere', async () => {
  const { failure } = await failing({ status: 401, message: `invalid key ${KEY}` })
  expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain(KEY)
  expect(String(failure.cause)).toContain('authentication_error')
})

test('a server without a key says whose matter that is', async () => {
  const { failure } = await failing('never said', { apiKey: '' })
  expect(failure.failure.code).toBe('model.unauthorized')
  expect(failure.failure.message).toContain('ANTHROPIC_API_KEY')
})

test('a model that wants a long pause is not waited for: the user is told how long', async () => {
  const { failure } = await failing({ status: 429, retryAfter: 30 }, { maxRetries: 2 })
  expect(failure.failure).toEqual({
    code: 'model.busy',
    message: 'This server has asked the model too often. Try again in 30 seconds.',
  })
  expect(model.requests).toHaveLength(1)
})

test('a request that fails before the answer began is made again', async () => {
  model.script({ status: 529, retryAfter: 0.01 }, 'Here I am.')
  expect(text(await thoughts(agent({ maxRetries: 1 }), turn('hello')))).toBe('Here I am.')
  expect(model.requests).toHaveLength(2)
})

test('an error in mid-stream fails the run and keeps what was said', async () => {
  const { heard, failure } = await failing({ blocks: [{ type: 'text', pieces: ['Half ', 'of'] }], ending: 'error' })
  expect(heard).toBe('Half of')
  expect(failure.failure.code).toBe('model.overloaded')
})

test.each(['cut', 'short'] as const)(
  'a line that is %s in mid-stream fails the run and keeps what was said',
  async (ending) => {
    const { heard, failure } = await failing({ blocks: [{ type: 'text', pieces: ['Half ', 'of'] }], ending })
    expect(heard).toBe('Half of')
    expect(failure.failure.code).toBe('model.cut')
  },
)

test('a model that is not there is told as that', async () => {
  await model.close()
  const { failure } = await failing('nobody says this')
  expect(failure.failure.code).toBe('model.unreachable')
})

test.each(['garbled', 'astray'] as const)(
  'a stream that makes no sense (%s) fails the run and keeps what was said',
  async (ending) => {
    const { heard, failure } = await failing({ blocks: [{ type: 'text', pieces: ['Half ', 'of'] }], ending })
    expect(heard).toBe('Half of')
    expect(failure.failure.code).toBe('model.garbled')
  },
)

test('a refusal fails the run', async () => {
  const { heard, failure } = await failing({ blocks: [{ type: 'text', pieces: ['I '] }], stop: 'refusal' })
  expect(heard).toBe('I ')
  expect(failure.failure).toEqual({ code: 'model.refused', message: 'The model declined to answer this.' })
})

test('an answer that is as long as it may be says so at its end', async () => {
  model.script({ blocks: [{ type: 'text', pieces: ['Once upon'] }], stop: 'max_tokens' })
  const answer = text(await thoughts(agent({ maxTokens: 7 }), turn('a tale')))
  expect(answer).toBe('Once upon\n\n*(The answer stops here: it has reached the limit of 7 tokens.)*')
})

test('without the SDK the agent says what is missing', () => {
  const source = new URL('../../src/agents/claude.ts', import.meta.url)
  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) {
      if (name === '@anthropic-ai/sdk') throw new Error('not installed')
      return next(name, context)
    } })
    const { claude } = await import(${JSON.stringify(source.href)})
    const message = { by: { id: 'a', kind: 'user' }, parts: [{ type: 'text', text: 'hi' }] }
    const turn = { message, history: [], signal: new AbortController().signal }
    await claude({ apiKey: 'k' }).reply(turn).next().catch(({ failure }) => console.log(JSON.stringify(failure)))`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=parley-source', '--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  )
  expect(JSON.parse(stdout || '{}'), stderr).toEqual({
    code: 'agent.unready',
    message: 'The claude agent needs the package @anthropic-ai/sdk, which is not installed on this server.',
  })
})
