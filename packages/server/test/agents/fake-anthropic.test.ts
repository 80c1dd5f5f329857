import Anthropic from '@anthropic-ai/sdk'
import { type FakeAnthropic, fakeAnthropic } from '@parley/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'

let model: FakeAnthropic
let client: Anthropic
beforeEach(async () => {
  model = await fakeAnthropic()
  client = new Anthropic({ apiKey: 'any', baseURL: model.url, maxRetries: 0 })
})
afterEach(() => model.close())

const ask: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'claude-test',
  max_tokens: 10,
  messages: [{ role: 'user', content: 'How are you?' }],
}

test('the SDK reads a streamed answer with thinking, text and a tool call to its end', async () => {
  const input = { city: 'Paris', days: [1, 2, 3], note: 'long enough for several pieces' }
  model.script({
    blocks: [
      { type: 'thinking', pieces: ['Let me ', 'see.'] },
      { type: 'text', pieces: ['I will ', 'look.'] },
      { type: 'tool_use', name: 'weather', input },
    ],
    stop: 'tool_use',
  })
  const message = await client.messages.stream(ask).finalMessage()
  expect(message.content).toMatchObject([
    { type: 'thinking', thinking: 'Let me see.', signature: expect.stringMatching(/./) },
    { type: 'text', text: 'I will look.' },
    { type: 'tool_use', name: 'weather', input },
  ])
  expect(message.stop_reason).toBe('tool_use')
  expect(message.usage.output_tokens).toBeGreaterThan(0)
})

test('the same answer is given whole to who does not ask for a stream', async () => {
  model.script({
    blocks: [
      { type: 'text', pieces: ['Fine, ', 'thanks.'] },
      { type: 'tool_use', name: 'smile', input: { wide: true } },
    ],
  })
  const message = await client.messages.create(ask)
  expect(message.content).toMatchObject([
    { type: 'text', text: 'Fine, thanks.' },
    { type: 'tool_use', name: 'smile', input: { wide: true } },
  ])
  expect(message.stop_reason).toBe('end_turn')
})

test('without a script it says what it was told', async () => {
  expect(await client.messages.stream(ask).finalText()).toBe('You said: How are you?')
})

test('each request is remembered with its headers and body', async () => {
  await client.messages.create(ask)
  expect(model.requests).toMatchObject([
    { method: 'POST', path: '/v1/messages', headers: { authorization: 'Bearer any' }, body: ask },
  ])
  expect(await model.requests[0]?.ended).toBe('answered')
})

test('a key is needed, as a bearer or in its own header', async () => {
  const post = (headers: Record<string, string>) =>
    fetch(`${model.url}/v1/messages`, {
      method: 'POST',
      headers: { 'anthropic-version': '2023-06-01', ...headers },
      body: JSON.stringify(ask),
    })
  expect((await post({ 'x-api-key': 'any' })).status).toBe(200)
  expect((await post({ authorization: 'Bearer any' })).status).toBe(200)
  const refused = await post({})
  expect(refused.status).toBe(401)
  expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } })
})

test.each([
  ['an assistant who speaks first', [{ role: 'assistant', content: 'Hello.' }, ...ask.messages]],
  ['an assistant who speaks last', [...ask.messages, { role: 'assistant', content: 'I' }]],
  ['an empty message', [{ role: 'user', content: ' ' }]],
  ['no message', []],
] satisfies [string, Anthropic.MessageParam[]][])('what the API refuses is refused: %s', async (_, messages) => {
  await expect(client.messages.create({ ...ask, messages })).rejects.toMatchObject({
    status: 400,
    type: 'invalid_request_error',
  })
})

const tools: Anthropic.Tool[] = [{ name: 'weather', input_schema: { type: 'object' } }]
const use = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} } as const
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'fine' } as const
const after = (
  content: Anthropic.ContentBlockParam[],
  ...then: Anthropic.ContentBlockParam[]
): Anthropic.MessageParam[] => [...ask.messages, { role: 'assistant', content }, { role: 'user', content: then }]

test.each([
  ['a use without its result', after([use], { type: 'text', text: 'Well?' })],
  ['a result after something else', after([use], { type: 'text', text: 'Well?' }, result)],
  ['a result without a use', after([{ type: 'text', text: 'No.' }], result)],
  ['an id that is none', after([{ ...use, id: 'a.b' }], { ...result, tool_use_id: 'a.b' })],
  ['an id twice', after([use, use], result, result)],
  ['an input that is no object', after([{ ...use, input: 'x' }], result)],
  ['an error without a word', after([use], { ...result, content: '', is_error: true })],
  ['thinking that it never thought', after([{ type: 'thinking', thinking: 'hm', signature: 'x' }, use], result)],
] satisfies [string, Anthropic.MessageParam[]][])(
  'what the API refuses of tools is refused: %s',
  async (_, messages) => {
    await expect(client.messages.create({ ...ask, tools, messages })).rejects.toMatchObject({ status: 400 })
  },
)

test('uses with their results are taken, if tools are there', async () => {
  const messages = after([use], result, { type: 'text', text: 'Well?' })
  await expect(client.messages.create({ ...ask, messages })).rejects.toMatchObject({ status: 400 })
  expect(await client.messages.create({ ...ask, tools, messages })).toMatchObject({
    content: [{ type: 'text', text: 'You said: Well?' }],
  })
})

test('thinking is signed, each piece by itself, and taken back as it was', async () => {
  model.script({
    blocks: [
      { type: 'thinking', pieces: ['Hm', 'm.'] },
      { type: 'redacted_thinking', data: 'x' },
    ],
  })
  model.script({ blocks: [{ type: 'thinking', pieces: ['Hm'], signature: 'mine' }] })
  const first = (await client.messages.stream(ask).finalMessage()).content
  const second = (await client.messages.stream(ask).finalMessage()).content
  expect(first).toMatchObject([
    { type: 'thinking', thinking: 'Hmm.' },
    { type: 'redacted_thinking', data: 'x' },
  ])
  expect(second).toMatchObject([{ type: 'thinking', thinking: 'Hm', signature: 'mine' }])
  const [thought] = first
  if (thought?.type !== 'thinking') throw new Error('it did not think')
  const again = (content: Anthropic.ContentBlockParam): Promise<unknown> =>
    client.messages.create({ ...ask, messages: after([content], { type: 'text', text: 'Go on' }) })
  await again(thought)
  await expect(again({ ...thought, thinking: 'Aha.' })).rejects.toMatchObject({ status: 400 })
})

test('the input of a tool is written as scripted, be it JSON or not, and each use has an id of its own', async () => {
  model.script({ blocks: [{ type: 'tool_use', name: 'weather', input: {}, pieces: ['{"ci', 'ty'] }], stop: 'tool_use' })
  model.script({ blocks: [{ type: 'tool_use', name: 'weather', input: {} }], stop: 'tool_use' })
  const ids = new Set<string>()
  let json = ''
  for (const _ of [1, 2])
    for await (const event of await client.messages.create({ ...ask, stream: true })) {
      if (event.type === 'content_block_start' && event.content_block.type === 'tool_use')
        ids.add(event.content_block.id)
      if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta')
        json += event.delta.partial_json
    }
  expect(json).toBe('{"city{}')
  expect(ids.size).toBe(2)
})

test('tokens are counted as scripted', async () => {
  model.script({ blocks: [{ type: 'text', pieces: ['Hi'] }], usage: { input: 60, cached: 40, output: 5 } })
  expect((await client.messages.stream(ask).finalMessage()).usage).toMatchObject({
    input_tokens: 60,
    cache_read_input_tokens: 40,
    output_tokens: 5,
  })
})

test.each([
  ['error', { type: 'overloaded_error' }],
  ['garbled', {}],
  ['cut', {}],
] as const)('a stream can end in the middle: %s', async (ending, why) => {
  const quiet = new Anthropic({ apiKey: 'any', baseURL: model.url, maxRetries: 0, logLevel: 'off' })
  model.script({ blocks: [{ type: 'text', pieces: ['Half'] }], ending })
  let heard = ''
  const stream = quiet.messages.stream(ask).on('text', (piece) => {
    heard += piece
  })
  await expect(stream.finalMessage()).rejects.toMatchObject(why)
  expect(heard).toBe('Half')
})

test('a scripted pause travels with the refusal', async () => {
  model.script({ status: 429, retryAfter: 3 })
  const refused = await client.messages.create(ask).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Anthropic.RateLimitError)
  expect(refused).toMatchObject({ type: 'rate_limit_error' })
  expect(refused instanceof Anthropic.APIError && refused.headers?.get('retry-after')).toBe('3')
})
