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

test('a scripted pause travels with the refusal', async () => {
  model.script({ status: 429, retryAfter: 3 })
  const refused = await client.messages.create(ask).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Anthropic.RateLimitError)
  expect(refused).toMatchObject({ type: 'rate_limit_error' })
  expect(refused instanceof Anthropic.APIError && refused.headers?.get('retry-after')).toBe('3')
})
