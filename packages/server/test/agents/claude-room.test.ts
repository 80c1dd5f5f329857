// Claude in a room of a real server: with tools of its own and of a tool server, watched and guided by people.
import { fileURLToPath } from 'node:url'
import { connect, type Room } from '@parley/client'
import { textOf } from '@parley/protocol'
import { type FakeAnthropic, fakeAnthropic, type TestServer, testServer } from '@parley/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type ClaudeOptions, claude } from '../../src/agents/claude.ts'
import { defineTool } from '../../src/agents/define.ts'
import { mcpTools } from '../../src/agents/mcp.ts'
import type { ServerOptions } from '../../src/options.ts'
import { spokenIn } from './claude-request.ts'

const toClose: { close(): Promise<void> | void }[] = []
let model: FakeAnthropic
beforeEach(async () => {
  model = await fakeAnthropic()
  toClose.push(model)
})
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) await one.close()
})

interface Entered {
  readonly room: Room
  readonly server: TestServer
}

async function enter(options: ClaudeOptions, more: ServerOptions = { log: 'memory:' }): Promise<Entered> {
  const agent = claude({ apiKey: 'any', baseURL: model.url, maxRetries: 0, ...options })
  const server = await testServer({ agent: [{ agent, answers: 'everything' }], ...more })
  toClose.push(server)
  const client = connect(server.socketUrl, { token: await server.issue('alice') })
  toClose.push(client)
  const room = client.room('lobby')
  const stop = room.subscribe(() => undefined)
  toClose.push({ close: stop })
  return { room, server }
}

function picture(room: Room) {
  const { messages, runs, tools } = room.timeline
  return { messages, runs: [...runs.values()], tools: [...tools.values()] }
}

function answer(room: Room): string {
  return textOf(picture(room).messages.findLast(({ by }) => by.kind === 'agent')?.parts ?? [])
}

const ended = (room: Room) => expect.poll(() => picture(room).runs.at(-1)?.state, { timeout: 10_000 })

test('it uses tools of its own and of a tool server; an input that fails the schema goes back to it', async () => {
  const weather = defineTool({
    name: 'weather',
    title: 'Looking at the sky',
    description: 'Says how the weather is.',
    input: z.object({ city: z.string() }),
    execute: ({ city }) => `${city}: fine`,
  })
  const mcp = await mcpTools({
    command: process.execPath,
    args: [fileURLToPath(new URL('mcp/stdio.ts', import.meta.url))],
  })
  toClose.push(mcp)
  const { room } = await enter({ tools: [weather, ...mcp.tools] })
  model.script(
    {
      blocks: [
        { type: 'thinking', pieces: ['Let me see.'] },
        { type: 'text', pieces: ['Looking. '] },
        { type: 'tool_use', name: 'weather', input: { city: 'Rome' } },
        { type: 'tool_use', name: 'weather', input: { town: 'Oslo' } },
        { type: 'tool_use', name: 'add', input: { a: 2, b: 3 } },
        { type: 'tool_use', name: 'none', input: {} },
        { type: 'tool_use', name: 'weather', input: {}, pieces: ['{"city'] },
      ],
      stop: 'tool_use',
      usage: { input: 10, output: 5 },
    },
    { blocks: [{ type: 'text', pieces: ['Fine.'] }], usage: { input: 20, output: 1 } },
  )
  await room.post('How is it?')
  await ended(room).toBe('completed')
  expect(answer(room)).toBe('Looking. Fine.')
  expect(picture(room).tools).toMatchObject([
    { name: 'weather', title: 'Looking at the sky', input: { city: 'Rome' }, state: 'ok', output: 'Rome: fine' },
    { name: 'weather', input: { town: 'Oslo' }, state: 'failed', failure: { code: 'tool.input' } },
    { name: 'add', title: 'Adding', state: 'ok', output: { sum: 5 } },
    { name: 'none', state: 'failed', failure: { code: 'tool.unknown' } },
    { name: 'weather', input: '{"city', state: 'failed', failure: { code: 'tool.input' } },
  ])
  expect(picture(room).runs.at(-1)?.usage).toMatchObject({ inputTokens: 30, outputTokens: 6 })
  expect(spokenIn(model.requests[1]).at(-1)?.content).toMatchObject([
    { content: 'Rome: fine' },
    { content: expect.stringContaining('city'), is_error: true },
    { content: '{"sum":5}' },
    { is_error: true },
    { content: 'The input is not valid JSON.', is_error: true },
  ])

  await room.post('And now?')
  await expect.poll(() => model.requests.length).toBe(3)
  await expect.poll(() => answer(room)).toBe('You said: And now?')
})

test('a tool that needs approval waits for it, and who denies it is heard', async () => {
  const wipe = defineTool({
    name: 'wipe',
    description: 'Wipes the disk.',
    input: z.object({}),
    approval: true,
    execute: () => 'wiped',
  })
  const { room } = await enter({ tools: [wipe] })
  const use = { blocks: [{ type: 'tool_use', name: 'wipe', input: {} }], stop: 'tool_use' } as const
  model.script(use, use, 'So be it.')
  await room.post('Wipe it')
  const asking = () => picture(room).tools.find(({ state }) => state === 'asking')?.call
  await expect.poll(asking).toBeDefined()
  await room.approve(asking() ?? '', false, 'Not today.')
  await expect.poll(() => picture(room).tools.length).toBe(2)
  await expect.poll(asking).toBeDefined()
  await room.approve(asking() ?? '', true)
  await ended(room).toBe('completed')
  expect(picture(room).tools.map(({ state }) => state)).toEqual(['denied', 'ok'])
  expect(spokenIn(model.requests[1]).at(-1)?.content).toMatchObject([
    { content: expect.stringContaining('Not today.'), is_error: true },
  ])
})

test('who speaks to it in mid-sentence changes its mind', async () => {
  const { room } = await enter({})
  model.script({ blocks: [{ type: 'text', pieces: ['Cats ', 'are '] }], ending: 'hang' }, 'Dogs bark.')
  await room.post('Cats?')
  await expect.poll(() => answer(room)).toBe('Cats are ')
  const run = picture(room).runs.at(-1)?.id ?? ''
  await room.steer(run, 'Dogs, I mean')
  await ended(room).toBe('completed')
  expect(answer(room)).toBe('Cats are \n\nDogs bark.')
  expect(picture(room).runs).toHaveLength(1)
  expect(spokenIn(model.requests[1])).toEqual([
    { role: 'user', content: 'Cats?' },
    { role: 'assistant', content: 'Cats are ' },
    { role: 'user', content: 'Dogs, I mean' },
  ])
})

test('who cancels the run stops the tool and the model', async () => {
  const stopped = Promise.withResolvers<void>()
  const slow = defineTool({
    name: 'slow',
    description: 'Never ends.',
    input: z.object({}),
    execute: (_, { signal }) =>
      new Promise(() => {
        signal.addEventListener('abort', () => stopped.resolve())
      }),
  })
  const { room } = await enter({ tools: [slow] })
  model.script({ blocks: [{ type: 'tool_use', name: 'slow', input: {} }], stop: 'tool_use' })
  await room.post('Go')
  await expect.poll(() => picture(room).tools.at(-1)?.state).toBe('running')
  await room.cancel(picture(room).runs.at(-1)?.id ?? '')
  await stopped.promise
  await ended(room).toBe('cancelled')
  expect(picture(room).tools.at(-1)?.state).toBe('cancelled')
  expect(model.requests).toHaveLength(1)
})

test('an approval outlives the server: what was decided afterwards is done, and the answer goes on', async () => {
  const wipe = defineTool({
    name: 'wipe',
    description: 'Wipes the disk.',
    input: z.object({ disk: z.string() }),
    approval: true,
    execute: ({ disk }) => `${disk} is wiped`,
  })
  const { room, server } = await enter({ tools: [wipe] }, {})
  model.script(
    {
      blocks: [
        { type: 'text', pieces: ['I would. '] },
        { type: 'tool_use', name: 'wipe', input: { disk: 'C:' } },
      ],
      stop: 'tool_use',
    },
    'It is done.',
  )
  await room.post('Wipe it')
  const asking = () => picture(room).tools.find(({ state }) => state === 'asking')?.call
  await expect.poll(asking).toBeDefined()
  await server.restart()
  await room.approve(asking() ?? '', true)
  await ended(room).toBe('completed')
  expect(answer(room)).toBe('I would. It is done.')
  expect(picture(room).tools).toMatchObject([{ state: 'ok', output: 'C: is wiped' }])
  expect(spokenIn(model.requests[1])).toMatchObject([
    { role: 'user', content: 'Wipe it' },
    { role: 'assistant', content: [{ text: 'I would. ' }, { type: 'tool_use', input: { disk: 'C:' } }] },
    { role: 'user', content: [{ type: 'tool_result', content: 'C: is wiped' }] },
  ])
})
