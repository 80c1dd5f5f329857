import { type FakeOpenAI, fakeOpenAI } from '@parley/testing'
import OpenAI from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'

let fake: FakeOpenAI
let client: OpenAI
beforeEach(async () => {
  fake = await fakeOpenAI()
  client = new OpenAI({ apiKey: 'any', baseURL: fake.url, maxRetries: 0 })
})
afterEach(() => fake.close())

type Messages = OpenAI.ChatCompletionMessageParam[]

async function answer(messages: Messages): Promise<OpenAI.ChatCompletionChunk[]> {
  return Array.fromAsync(await client.chat.completions.create({ model: 'tiny', messages, stream: true }))
}

function words(chunks: readonly OpenAI.ChatCompletionChunk[]): string {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')
}

const hello: Messages = [{ role: 'user', content: 'hello' }]

test('unscripted it repeats what was said; scripted replies are given one after the other', async () => {
  fake.script('One.', { status: 500 })
  expect(words(await answer(hello))).toBe('One.')
  await expect(answer(hello)).rejects.toMatchObject({ status: 500 })
  expect(words(await answer(hello))).toBe('You said: hello')
  expect(fake.requests.map(({ path }) => path)).toEqual(Array(3).fill('/v1/chat/completions'))
})

test('tool calls stream in pieces', async () => {
  fake.script({ calls: [{ name: 'look', input: { at: 'the sky' } }] })
  const deltas = (await answer(hello)).flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])
  expect(deltas.length).toBeGreaterThan(2)
  expect(deltas[0]).toMatchObject({ index: 0, id: 'call_0', function: { name: 'look' } })
  expect(JSON.parse(deltas.map((delta) => delta.function?.arguments ?? '').join(''))).toEqual({ at: 'the sky' })
})

const call = { id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } } as const

test.each<[string, Messages]>([
  ['nothing', []],
  ['a call without its result', [...hello, { role: 'assistant', content: '', tool_calls: [call] }, ...hello]],
  ['a call without its result at the end', [...hello, { role: 'assistant', content: '', tool_calls: [call] }]],
  ['a result without its call', [...hello, { role: 'tool', tool_call_id: 'a', content: '1' }]],
  ['two calls of one name', [...hello, { role: 'assistant', content: '', tool_calls: [call, call] }]],
])('as a careful server would, it refuses %s', async (_, messages) => {
  await expect(answer(messages)).rejects.toMatchObject({ status: 400 })
})

test('it refuses models that it does not have, and keys that it does not know', async () => {
  await expect(client.chat.completions.create({ model: 'huge', messages: hello })).rejects.toMatchObject({
    status: 404,
  })
  const locked = await fakeOpenAI({ key: 'right' })
  const stranger = new OpenAI({ apiKey: 'wrong', baseURL: locked.url, maxRetries: 0 })
  await expect(stranger.chat.completions.create({ model: 'tiny', messages: hello })).rejects.toMatchObject({
    status: 401,
  })
  await locked.close()
})
