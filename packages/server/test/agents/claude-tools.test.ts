import { type FakeAnthropic, type FakeBlock, type FakeReply, fakeAnthropic } from '@parley/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type ClaudeOptions, claude } from '../../src/agents/claude.ts'
import { defineTool } from '../../src/agents/define.ts'
import { type Agent, AgentFailure, type Thought } from '../../src/seams/agent.ts'
import type { Tool } from '../../src/seams/tool.ts'
import { bodyOf, spokenIn } from './claude-request.ts'
import { type Asking, text, thoughts, turn } from './turn.ts'

let model: FakeAnthropic
beforeEach(async () => {
  model = await fakeAnthropic()
})
afterEach(() => model.close())

const weather = defineTool({
  name: 'weather',
  title: 'Looking at the sky',
  description: 'Says how the weather is.',
  input: z.object({ city: z.string() }),
  execute: ({ city }) => `${city}: fine`,
})
const broken = defineTool({
  name: 'broken',
  description: 'Never works.',
  input: { jsonSchema: { type: 'object' } },
  execute: () => {
    throw new AgentFailure('broken', 'It is broken.')
  },
})
const tools: readonly Tool[] = [weather, broken]

function agent(options: ClaudeOptions = {}): Agent {
  return claude({ apiKey: 'any', baseURL: model.url, maxRetries: 0, tools, ...options })
}

function asked(question: string, more: Asking = {}) {
  return turn(question, { tools, ...more })
}

function uses(...blocks: FakeBlock[]): FakeReply {
  return { blocks, stop: 'tool_use' }
}

function sky(city: string, id?: string): FakeBlock {
  return { type: 'tool_use', name: 'weather', input: { city }, ...(id === undefined ? {} : { id }) }
}

function ofTools(heard: readonly Thought[]): Thought[] {
  return heard.filter((thought) => typeof thought === 'object' && thought.type.startsWith('tool.'))
}

test('tools are used, all of a step at once, and what came of them goes into the next step', async () => {
  const open: string[] = []
  const met = Promise.withResolvers<void>()
  const meeting = defineTool({
    ...weather,
    input: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      open.push(city)
      if (open.length === 2) met.resolve()
      await met.promise
      return { city, fine: true }
    },
  })
  model.script(
    uses({ type: 'text', pieces: ['Let me ', 'look.'] }, sky('Rome', 'toolu_a'), sky('Oslo', 'toolu_b')),
    'Both are fine.',
  )
  const heard = await thoughts(agent({ tools: [meeting] }), asked('How is it?', { tools: [meeting] }))
  expect(text(heard)).toBe('Let me look.Both are fine.')
  expect(bodyOf(model.requests[0]).tools).toEqual([
    {
      name: 'weather',
      description: 'Says how the weather is.',
      input_schema: expect.objectContaining({ type: 'object', required: ['city'] }),
    },
  ])
  expect(spokenIn(model.requests[1])).toEqual([
    { role: 'user', content: 'How is it?' },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'toolu_a', name: 'weather', input: { city: 'Rome' } },
        { type: 'tool_use', id: 'toolu_b', name: 'weather', input: { city: 'Oslo' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_a', content: '{"city":"Rome","fine":true}' },
        { type: 'tool_result', tool_use_id: 'toolu_b', content: '{"city":"Oslo","fine":true}' },
      ],
    },
  ])
})

test('a call is shown before its input is whole, by the title of the tool, and used under the same id', async () => {
  const used: unknown[] = []
  const pieces = ['{"ci', 'ty": "Ro', 'me"}']
  model.script(uses({ type: 'tool_use', id: 'toolu_1', name: 'weather', input: {}, pieces }), 'Fine.')
  const heard = await thoughts(
    agent(),
    asked('Rome?', {
      use: async (tool, input, options) => {
        used.push([tool, input, options])
        return { call: 'run-1-1', outcome: 'ok', text: 'fine' }
      },
    }),
  )
  expect(ofTools(heard)).toEqual([
    { type: 'tool.called', call: 'toolu_1', name: 'weather', title: 'Looking at the sky' },
    ...pieces.map((piece) => ({ type: 'tool.input', call: 'toolu_1', text: piece })),
  ])
  expect(used).toEqual([['weather', { city: 'Rome' }, { call: 'toolu_1' }]])
})

test('a tool that fails, and one that does not exist, are told to the model, which goes on', async () => {
  model.script(
    uses(
      { type: 'tool_use', id: 'a', name: 'broken', input: {} },
      { type: 'tool_use', id: 'b', name: 'none', input: {} },
    ),
    'Neither works.',
  )
  expect(text(await thoughts(agent(), asked('Try.')))).toBe('Neither works.')
  expect(spokenIn(model.requests[1]).at(-1)?.content).toEqual([
    { type: 'tool_result', tool_use_id: 'a', content: 'It is broken.', is_error: true },
    { type: 'tool_result', tool_use_id: 'b', content: 'there is no tool none', is_error: true },
  ])
})

test('an input that is no JSON fails the call, not the run, and reaches no tool', async () => {
  const pieces = ['{"city": "Ro']
  model.script(uses({ type: 'tool_use', id: 'a', name: 'weather', input: {}, pieces }, sky('Oslo', 'b')), 'Sorry.')
  const heard = await thoughts(agent(), asked('Rome?'))
  expect(text(heard)).toBe('Sorry.')
  const failure = { code: 'tool.input', message: 'The input is not valid JSON.' }
  expect(ofTools(heard).slice(-2)).toEqual([
    { type: 'tool.ready', call: 'a', input: '{"city": "Ro' },
    { type: 'tool.ended', call: 'a', outcome: 'failed', failure },
  ])
  expect(spokenIn(model.requests[1]).slice(1)).toEqual([
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'a', name: 'weather', input: { unreadable: '{"city": "Ro' } },
        { type: 'tool_use', id: 'b', name: 'weather', input: { city: 'Oslo' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: failure.message, is_error: true },
        { type: 'tool_result', tool_use_id: 'b', content: 'Oslo: fine' },
      ],
    },
  ])
})

test('a tool without input may be called without a word', async () => {
  const now = defineTool({ ...weather, name: 'now', input: { jsonSchema: { type: 'object' } }, execute: () => 'noon' })
  model.script(uses({ type: 'tool_use', name: 'now', input: {}, pieces: [] }), 'It is noon.')
  expect(text(await thoughts(agent({ tools: [now] }), asked('When?', { tools: [now] })))).toBe('It is noon.')
  expect(spokenIn(model.requests[1]).at(-1)?.content).toMatchObject([{ type: 'tool_result', content: 'noon' }])
})

test('what the model thought goes back to it exactly as it came, signed, while its tools are at work', async () => {
  model.script(
    uses(
      { type: 'thinking', pieces: ['Which ', 'city?'], signature: 'sig-1' },
      { type: 'redacted_thinking', data: 'c2VjcmV0' },
      sky('Rome', 'a'),
    ),
    uses({ type: 'thinking', pieces: ['', 'And the other.'], signature: 'sig-2' }, sky('Oslo', 'b')),
    'Fine.',
  )
  const heard = await thoughts(agent({ thinking: 'adaptive' }), asked('How is it?'))
  expect(heard.filter((thought) => typeof thought === 'object' && thought.type === 'reasoning')).toEqual([
    { type: 'reasoning', text: 'Which ' },
    { type: 'reasoning', text: 'city?' },
    { type: 'reasoning', text: 'And the other.' },
  ])
  const assistant = spokenIn(model.requests[2]).filter(({ role }) => role === 'assistant')
  expect(assistant.map(({ content }) => content)).toMatchObject([
    [
      { type: 'thinking', thinking: 'Which city?', signature: 'sig-1' },
      { type: 'redacted_thinking', data: 'c2VjcmV0' },
      { type: 'tool_use', id: 'a' },
    ],
    [
      { type: 'thinking', thinking: 'And the other.', signature: 'sig-2' },
      { type: 'tool_use', id: 'b' },
    ],
  ])
})

test.each([
  ['adaptive', { type: 'adaptive', display: 'summarized' }],
  ['disabled', { type: 'disabled' }],
  ['between_tools', { type: 'between_tools' }],
  [{ budgetTokens: 2000 }, { type: 'enabled', budget_tokens: 2000, display: 'summarized' }],
] as const)('how it thinks can be chosen: %j', async (thinking, told) => {
  await thoughts(agent({ thinking }), asked('Hello'))
  expect(bodyOf(model.requests[0]).thinking).toEqual(told)
})

test('each step tells what it used: counts of a step replace each other, and what was cached counts', async () => {
  model.script(
    { blocks: [sky('Rome')], stop: 'tool_use', usage: { input: 60, cached: 40, output: 20 } },
    { blocks: [{ type: 'text', pieces: ['Fine.'] }], usage: { input: 150, output: 7 } },
  )
  const heard = await thoughts(agent({ model: 'claude-test' }), asked('Rome?'))
  expect(heard.filter((thought) => typeof thought === 'object' && thought.type === 'usage')).toEqual([
    { type: 'usage', model: 'claude-test', inputTokens: 100, outputTokens: 20 },
    { type: 'usage', model: 'claude-test', inputTokens: 150, outputTokens: 7 },
  ])
})

test('after its last step it says so, and what it wanted to use then is not used', async () => {
  model.script(uses(sky('Rome', 'a')), uses({ type: 'text', pieces: ['And'] }, sky('Oslo', 'b')))
  const used: unknown[] = []
  const counting = asked('All cities?', {
    use: async (_, input) => {
      used.push(input)
      return { call: 'c', outcome: 'ok', text: 'fine' }
    },
  })
  const heard = await thoughts(agent({ maxSteps: 2 }), counting)
  expect(text(heard)).toBe('And\n\n*(The answer stops here: it has taken 2 steps, as many as it may.)*')
  expect(used).toEqual([{ city: 'Rome' }])
  expect(ofTools(heard).at(-1)).toEqual({ type: 'tool.ended', call: 'b', outcome: 'skipped' })
  expect(model.requests).toHaveLength(2)
})

test('a call that the limit of tokens cut off is not made', async () => {
  const pieces = ['{"city": "R']
  model.script({ blocks: [{ type: 'tool_use', id: 'a', name: 'weather', input: {}, pieces }], stop: 'max_tokens' })
  const heard = await thoughts(agent({ maxTokens: 9 }), asked('Rome?'))
  expect(ofTools(heard).at(-1)).toEqual({ type: 'tool.ended', call: 'a', outcome: 'skipped' })
  expect(text(heard)).toContain('it has reached the limit of 9 tokens')
  expect(model.requests).toHaveLength(1)
})

test.each([
  ['error', 'model.overloaded'],
  ['cut', 'model.cut'],
  ['short', 'model.cut'],
  ['garbled', 'model.garbled'],
] as const)('a stream that ends in %s while a call is written fails the run; no tool is used', async (ending, code) => {
  model.script(uses(sky('Rome')), { blocks: [{ type: 'text', pieces: ['Now '] }, sky('Oslo', 'b')], ending })
  const heard: Thought[] = []
  const used: unknown[] = []
  const counting = asked('Both?', {
    use: async (_, input) => {
      used.push(input)
      return { call: 'c', outcome: 'ok', text: 'fine' }
    },
  })
  const failing = async (): Promise<void> => {
    for await (const thought of agent().reply(counting)) heard.push(thought)
  }
  await expect(failing()).rejects.toMatchObject({ failure: { code } })
  expect(text(heard)).toBe('Now ')
  expect(used).toEqual([{ city: 'Rome' }])
})

test('a model that is overloaded between two steps is asked again', async () => {
  model.script(uses(sky('Rome')), { status: 529, retryAfter: 0.01 }, 'Fine.')
  expect(text(await thoughts(agent({ maxRetries: 1 }), asked('Rome?')))).toBe('Fine.')
  expect(model.requests).toHaveLength(3)
})

test('a model that stays overloaded between two steps fails the run in words for the user', async () => {
  model.script(uses(sky('Rome')), { status: 529 })
  await expect(thoughts(agent(), asked('Rome?'))).rejects.toMatchObject({ failure: { code: 'model.overloaded' } })
})

test('who stops an answer while its tools are at work hears no more, and the model is not asked again', async () => {
  const stop = new AbortController()
  model.script(uses(sky('Rome')), 'never said')
  const stopping = asked('Rome?', {
    signal: stop.signal,
    use: async () => {
      stop.abort('cancelled')
      return { call: 'c', outcome: 'cancelled', text: 'The run is over.' }
    },
  })
  expect(text(await thoughts(agent(), stopping))).toBe('')
  expect(model.requests).toHaveLength(1)
})

test('what could not work is refused at once', () => {
  expect(() => agent({ tools: [weather, weather] })).toThrow('two tools called weather')
  expect(() => agent({ tools: [{ ...weather, input: z.string() }] })).toThrow('models give tools an object')
  expect(() => agent({ maxSteps: 0 })).toThrow(TypeError)
  expect(() => agent({ thinking: { budgetTokens: 100 } })).toThrow(TypeError)
  expect(() => agent({ thinking: { budgetTokens: 8192 } })).toThrow(TypeError)
})

test('it can be steered, and goes on after an approval that outlived its process, unless told otherwise', () => {
  expect(agent()).toMatchObject({ tools, steers: true, onInterrupted: 'wait' })
  expect(agent({ onInterrupted: 'retry' }).onInterrupted).toBe('retry')
})
