// The agents that are made by libraries, in a room of a real server, with people who decide and steer.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect, type Room, type RoomPicture } from '@parley/client'
import { textOf } from '@parley/protocol'
import { fakeOpenAI, testServer } from '@parley/testing'
import { convertToModelMessages, ToolLoopAgent, tool } from 'ai'
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fromAGUI } from '../../src/agents/ag-ui.ts'
import { defineTool } from '../../src/agents/define.ts'
import { openai } from '../../src/agents/openai.ts'
import { fromUIMessageStream } from '../../src/agents/ui-message-stream.ts'
import type { Agent } from '../../src/seams/agent.ts'

interface Visit {
  readonly room: Room
  /** Resolves with the picture as soon as it is so. */
  until(so: (picture: RoomPicture) => boolean): Promise<RoomPicture>
}

/** Alice, alone in a session with the agent. */
async function visit(agent: Agent, stay: (visit: Visit) => Promise<void>): Promise<void> {
  const server = await testServer({ agent, log: 'memory:' })
  const client = connect(server.socketUrl, { token: () => server.issue('alice') })
  try {
    const room = client.room('session:00000000-0000-4000-8000-000000000000')
    const until: Visit['until'] = (so) =>
      new Promise((resolve) => {
        room.subscribe((picture) => {
          if (so(picture)) resolve(picture)
        })
        if (so(room.timeline)) resolve(room.timeline)
      })
    await stay({ room, until })
  } finally {
    client.close()
    await server.close()
  }
}

const isOver = ({ runs }: RoomPicture): boolean =>
  runs.size > 0 && [...runs.values()].every(({ state }) => state !== 'running' && state !== 'cancelling')

const isAsked = ({ tools }: RoomPicture): boolean => [...tools.values()].some(({ state }) => state === 'asking')

/** Says something, decides about the tool that it asks for, and sees what became of it. */
async function deciding({ room, until }: Visit, approved: boolean): Promise<{ answer: string; tools: unknown[] }> {
  await room.post('delete a.txt')
  const [asked] = (await until(isAsked)).tools.keys()
  await room.approve(asked ?? '', approved, 'we talked about it')
  const { messages, tools, runs } = await until(isOver)
  expect([...runs.values()].map(({ state }) => state)).toEqual(['completed'])
  return { answer: textOf(messages.at(-1)?.parts ?? []), tools: [...tools.values()] }
}

type ModelPart =
  Awaited<ReturnType<MockLanguageModelV4['doStream']>>['stream'] extends ReadableStream<infer Part> ? Part : never

function finish(unified: 'stop' | 'tool-calls'): ModelPart {
  const inputTokens = { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined }
  const outputTokens = { total: 5, text: 5, reasoning: undefined }
  return { type: 'finish', usage: { inputTokens, outputTokens }, finishReason: { unified, raw: unified } }
}

function sdkAgent(): Agent {
  const steps: ModelPart[][] = [
    [{ type: 'tool-call', toolCallId: 'c1', toolName: 'delete', input: '{"file":"a.txt"}' }, finish('tool-calls')],
    [
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'So be it.' },
      { type: 'text-end', id: 't' },
      finish('stop'),
    ],
  ]
  const assistant = new ToolLoopAgent({
    model: new MockLanguageModelV4({
      doStream: steps.map((parts) => ({ stream: convertArrayToReadableStream(parts) })),
    }),
    tools: {
      delete: tool({
        inputSchema: z.object({ file: z.string() }),
        needsApproval: true,
        execute: async ({ file }) => `${file} is gone`,
      }),
    },
  })
  return fromUIMessageStream({
    id: 'assistant',
    name: 'assistant',
    async stream({ messages, signal }) {
      const result = await assistant.stream({
        messages: await convertToModelMessages(messages),
        abortSignal: signal,
      })
      return result.toUIMessageStream({ originalMessages: messages })
    },
  })
}

test.each([
  [true, { state: 'ok', output: 'a.txt is gone' }],
  [false, { state: 'denied' }],
])('people decide about the tools of an AI SDK agent (%s)', async (approved, tool) => {
  await visit(sdkAgent(), async (alice) => {
    const { answer, tools } = await deciding(alice, approved)
    expect(answer).toBe('So be it.')
    expect(tools).toMatchObject([
      { name: 'delete', input: { file: 'a.txt' }, approval: { approved, reason: 'we talked about it' }, ...tool },
    ])
  })
})

test.each([
  [true, { state: 'ok', output: 'a.txt is gone' }],
  [false, { state: 'denied' }],
])('people decide about the tools of a model behind an OpenAI-compatible address (%s)', async (approved, tool) => {
  const model = await fakeOpenAI()
  model.script({ calls: [{ name: 'delete', input: { file: 'a.txt' } }] }, 'So be it.')
  const deletion = defineTool({
    name: 'delete',
    description: 'Deletes a file',
    input: z.object({ file: z.string() }),
    approval: true,
    execute: ({ file }) => `${file} is gone`,
  })
  try {
    await visit(openai({ baseURL: model.url, tools: [deletion] }), async (alice) => {
      const { answer, tools } = await deciding(alice, approved)
      expect(answer).toBe('So be it.')
      expect(tools).toMatchObject([{ name: 'delete', input: { file: 'a.txt' }, approval: { approved }, ...tool }])
      const { messages } = Object(model.requests[1]?.body)
      expect(messages.at(-1).content).toContain(approved ? 'a.txt is gone' : 'we talked about it')
    })
  } finally {
    await model.close()
  }
})

test('who steers a model in the middle of its text is heard in the same answer', async () => {
  const model = await fakeOpenAI()
  model.script({ text: ['One ', 'two '], ending: 'hang' }, 'tre.')
  try {
    await visit(openai({ baseURL: model.url }), async ({ room, until }) => {
      await room.post('count')
      const { runs } = await until(({ messages }) => textOf(messages.at(-1)?.parts ?? []).includes('two'))
      const [run = ''] = runs.keys()
      await room.steer(run, 'in Italian')
      const after = await until(isOver)
      expect(after.runs.size).toBe(1)
      expect(after.messages.map(({ parts }) => textOf(parts))).toContain('One two tre.')
      expect(after.runs.get(run)).toMatchObject({ state: 'completed', usage: { model: 'tiny', inputTokens: 7 } })
    })
  } finally {
    await model.close()
  }
})

test.each([
  [true, { state: 'ok', output: 'a.txt is gone' }],
  [false, { state: 'denied' }],
])('people decide about the tools of an AG-UI agent (%s)', async (approved, tool) => {
  const resumed: unknown[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    const { threadId, runId, resume } = JSON.parse(body)
    if (resume !== undefined) resumed.push(resume)
    const interrupts = [{ id: 'i1', reason: 'tool_call', toolCallId: 'c1' }]
    const events =
      resume === undefined
        ? [
            { type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'delete' },
            { type: 'TOOL_CALL_ARGS', toolCallId: 'c1', delta: '{"file":"a.txt"}' },
            { type: 'TOOL_CALL_END', toolCallId: 'c1' },
            { type: 'RUN_FINISHED', threadId, runId, outcome: { type: 'interrupt', interrupts } },
          ]
        : [
            { type: 'TOOL_CALL_RESULT', messageId: 'm2', toolCallId: 'c1', content: 'a.txt is gone' },
            { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm3', delta: 'So be it.' },
            { type: 'RUN_FINISHED', threadId, runId },
          ]
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of [{ type: 'RUN_STARTED', threadId, runId }, ...events])
      response.write(`data: ${JSON.stringify(event)}\n\n`)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await visit(fromAGUI({ id: 'ag', name: 'ag', url }), async (alice) => {
      const { answer, tools } = await deciding(alice, approved)
      expect(answer).toBe('So be it.')
      expect(tools).toMatchObject([{ name: 'delete', input: { file: 'a.txt' }, approval: { approved }, ...tool }])
      expect(resumed).toEqual([
        [{ interruptId: 'i1', status: 'resolved', payload: { approved, reason: 'we talked about it' } }],
      ])
    })
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

test('a server is told by its options which model answers', async () => {
  const model = await fakeOpenAI()
  const server = await testServer({ agent: 'openai', openai: { baseURL: model.url }, log: 'memory:' })
  const client = connect(server.socketUrl, { token: () => server.issue('alice') })
  try {
    const room = client.room('lobby')
    const answered = new Promise<RoomPicture>((resolve) => {
      room.subscribe((picture) => {
        if (isOver(picture)) resolve(picture)
      })
    })
    await room.post('@openai hello')
    expect(textOf((await answered).messages.at(-1)?.parts ?? [])).toBe('You said: @openai hello')
  } finally {
    client.close()
    await server.close()
    await model.close()
  }
})
