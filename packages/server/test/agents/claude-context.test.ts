import type { Json, Message, Part, Tool } from '@parley/protocol'
import { type FakeAnthropic, fakeAnthropic } from '@parley/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claude } from '../../src/agents/claude.ts'
import type { Agent } from '../../src/seams/agent.ts'
import { spokenIn } from './claude-request.ts'
import { type Asking, alice, bob, said, text, thoughts, turn } from './turn.ts'

const itself = { id: 'claude', kind: 'agent', name: 'claude' } as const
const find = { name: 'find', description: 'Finds.', input: { jsonSchema: {} }, execute: () => 'found' }

let model: FakeAnthropic
beforeEach(async () => {
  model = await fakeAnthropic()
})
afterEach(() => model.close())

function agent(tools = [find]): Agent {
  return claude({ apiKey: 'any', baseURL: model.url, maxRetries: 0, tools })
}

/** What the model is told when this is asked. */
async function told(question: string, asking: Asking, tools = [find]) {
  await thoughts(agent(tools), turn(question, asking))
  return spokenIn(model.requests[0])
}

function wrote(...parts: Part[]): Message {
  return { ...said(itself, ''), parts }
}

function words(text: string): Part {
  return { type: 'text', text }
}

function uses(call: string): Part {
  return { type: 'tool', call }
}

function tool(call: string, more: Partial<Tool> = {}): [string, Tool] {
  return [call, { call, run: 'run.0', message: 'm', by: itself, name: 'find', input: { call }, state: 'ok', ...more }]
}

function picture(data: Json): Part {
  return { type: 'data', name: 'image', data }
}

test('what was done before is told: each use of a tool is followed by what came of it', async () => {
  const history = [
    said(alice, 'Find it'),
    wrote(words('Looking.'), uses('run.0:1'), uses('run.0:2'), words('Once more.'), uses('run.0:3'), words('Here.')),
  ]
  const calls = new Map([
    tool('run.0:1', { output: { at: 1 } }),
    tool('run.0:2', { state: 'failed', failure: { code: 'x', message: 'Not there.' } }),
    tool('run.0:3', { printed: 'line 1' }),
  ])
  expect(await told('And now?', { history, calls })).toEqual([
    { role: 'user', content: 'Find it' },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'run_0_1', name: 'find', input: { call: 'run.0:1' } },
        { type: 'tool_use', id: 'run_0_2', name: 'find', input: { call: 'run.0:2' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'run_0_1', content: '{"at":1}' },
        { type: 'tool_result', tool_use_id: 'run_0_2', content: 'Not there.', is_error: true },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Once more.' },
        { type: 'tool_use', id: 'run_0_3', name: 'find', input: { call: 'run.0:3' } },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'run_0_3', content: 'line 1' }] },
    { role: 'assistant', content: 'Here.' },
    { role: 'user', content: 'And now?' },
  ])
})

test('an answer that ended in a tool is followed by what came of it and what was asked then', async () => {
  const history = [said(alice, 'Find it'), wrote(uses('a'), uses('gone'))]
  const calls = new Map([tool('a', { state: 'cancelled', input: 'no object' })])
  expect((await told('Never mind', { history, calls })).slice(1)).toEqual([
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'find', input: { input: 'no object' } }] },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: 'The call was cancelled.', is_error: true },
        { type: 'text', text: 'Never mind' },
      ],
    },
  ])
})

test('who has no tools is not told of tools', async () => {
  const history = [said(alice, 'Find it'), wrote(words('Looking.'), uses('a'))]
  expect(await told('Well?', { history, calls: new Map([tool('a')]) }, [])).toEqual([
    { role: 'user', content: 'Find it' },
    { role: 'assistant', content: 'Looking.' },
    { role: 'user', content: 'Well?' },
  ])
})

test('what tools were given and gave is told in part where it is much, and counts', async () => {
  const much = 'x'.repeat(50_000)
  const all = Array.from({ length: 40 }, (_, index) => tool(`c${index}`, { input: { much }, output: much }))
  const history = all.flatMap(([call]) => [said(alice, call), wrote(uses(call))])
  const spoken = await told('And now?', { history, calls: new Map(all) })
  const length = JSON.stringify(spoken).length
  expect(length).toBeGreaterThan(100_000)
  expect(length).toBeLessThan(250_000)
  expect(JSON.stringify(spoken)).toContain('and 40000 more characters')
  expect(spoken[0]?.content).toMatch(/^c\d+$/)
})

test('an answer whose process ended goes on where it stopped, in the same message', async () => {
  model.script('lazy dog.')
  const partial = { ...wrote(words('The quick brown fox jumps over the ')), state: 'streaming' as const }
  expect(text(await thoughts(agent(), turn('Say it', { partial })))).toBe('lazy dog.')
  expect(spokenIn(model.requests[0])).toEqual([
    { role: 'user', content: 'Say it' },
    { role: 'assistant', content: 'The quick brown fox jumps over the ' },
    { role: 'user', content: expect.stringContaining('Go on exactly where it stopped') },
  ])
})

test('an answer whose process ended at its tools goes on with what came of them', async () => {
  const partial = { ...wrote(words('Let me look.'), uses('run.1-1')), state: 'streaming' as const }
  const calls = new Map([tool('run.1-1', { output: 'found' })])
  expect(await told('Find it', { partial, calls })).toEqual([
    { role: 'user', content: 'Find it' },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'run_1-1', name: 'find', input: { call: 'run.1-1' } },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'run_1-1', content: 'found' }] },
  ])
})

test('an answer whose process ended before it had begun begins', async () => {
  const partial = { ...wrote({ type: 'reasoning', text: 'hm' }), state: 'streaming' as const }
  expect(await told('Say it', { partial })).toEqual([{ role: 'user', content: 'Say it' }])
})

test('pictures that people show are shown to the model', async () => {
  const shown = { ...said(bob, ''), parts: [picture({ url: 'https://example.com/cat.png' })] }
  const message = {
    ...said(alice, ''),
    parts: [words('What '), words('is this?'), picture({ mediaType: 'image/png', base64: 'iVBORw0KGgo=' })],
  }
  expect(await told('', { message, history: [shown] })).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Bob:' },
        { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
        { type: 'text', text: 'Alice: What is this?' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
      ],
    },
  ])
})

test.each([
  ['of another kind', { mediaType: 'image/svg+xml', base64: 'PHN2Zy8+' }, 'of a kind that cannot be shown'],
  ['too large', { mediaType: 'image/png', base64: 'A'.repeat(5 * 1024 * 1024 + 4) }, 'too large'],
  ['not base64', { mediaType: 'image/png', base64: 'https://x' }, 'cannot be read'],
  ['elsewhere than on the web', { url: 'file:///etc/passwd' }, 'cannot be read'],
  ['nothing', null, 'cannot be read'],
])('a picture that is %s is told as that', async (_, data, why) => {
  const [spoken] = await told('', { message: { ...said(alice, ''), parts: [picture(data)] } })
  expect(spoken?.content).toContain(why)
})

test('old pictures are forgotten before the request becomes too large', async () => {
  const base64 = 'A'.repeat(5 * 1024 * 1024)
  const history = Array.from({ length: 8 }, () => ({
    ...said(alice, ''),
    parts: [picture({ mediaType: 'image/jpeg', base64 })],
  }))
  const [spoken] = await told('Which is best?', { history })
  expect(spoken?.content).toHaveLength(4)
})
