import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { McpServer as ToolServer } from '@modelcontextprotocol/server'
import { roomId } from '@parley/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type McpOptions, type McpServer, type McpTools, mcpTools } from '../../src/agents/mcp.ts'
import { AgentFailure } from '../../src/seams/agent.ts'
import type { Tool, ToolNews } from '../../src/seams/tool.ts'
import { noticed, toolServer } from './mcp/tools.ts'
import { serve, stateful, stateless, type Web } from './mcp/web.ts'
import { alice, noFiles } from './turn.ts'

const local: McpServer = {
  command: process.execPath,
  args: [fileURLToPath(new URL('mcp/stdio.ts', import.meta.url))],
}

const toClose: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) await one.close()
})

async function open(server: McpServer, options?: McpOptions): Promise<McpTools> {
  const opened = await mcpTools(server, options)
  toClose.push(opened)
  return opened
}

function named({ tools }: McpTools, name: string): Tool {
  const tool = tools.find((one) => one.name === name)
  if (tool === undefined) throw new Error(`there is no tool ${name}`)
  return tool
}

interface Used {
  readonly output: unknown
  readonly news: readonly ToolNews[]
}

/** Uses a tool as an engine does. */
async function use(
  opened: McpTools,
  name: string,
  input: unknown = {},
  abort = new AbortController(),
  heard: (news: ToolNews) => void = () => undefined,
): Promise<Used> {
  const room = roomId('lobby')
  if (room === undefined) throw new Error('lobby is a room id')
  const context = { room, files: noFiles, run: 'run-1', call: 'call-1', user: alice, attempt: 1, signal: abort.signal }
  const doing = named(opened, name).execute(input, context)
  if (typeof doing !== 'object' || doing === null || !('next' in doing) || typeof doing.next !== 'function')
    throw new Error('it tells no news')
  const news: ToolNews[] = []
  for (;;) {
    const next = await doing.next()
    if (next.done === true) return { output: next.value, news }
    news.push(next.value)
    heard(next.value)
  }
}

/** Uses a tool that goes on whenever its progress was heard. */
function inSteps(opened: McpTools): Promise<Used> {
  return use(opened, 'steps', {}, new AbortController(), () => void use(opened, 'go'))
}

describe('a server that is a process', () => {
  let mcp: McpTools
  beforeEach(async () => {
    mcp = await open(local)
  })

  test('its tools are listed by names that models can use, each once, with what people read', () => {
    expect(mcp.tools.slice(0, 3)).toMatchObject([
      { name: 'say_it', title: 'Saying it', description: 'Says it.' },
      { name: 'say_it_2', description: 'Says it too.' },
      { name: 'add', title: 'Adding', description: 'Adds.' },
    ])
    expect(mcp.tools.every(({ name }) => /^[A-Za-z0-9_-]{1,64}$/.test(name))).toBe(true)
    expect(named(mcp, 'add').input).toMatchObject({
      jsonSchema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a', 'b'] },
    })
  })

  test('what could destroy something needs approval, and so does what says nothing of itself', () => {
    const asks = Object.fromEntries(mcp.tools.map(({ name, approval }) => [name, approval]))
    expect(asks).toMatchObject({ say_it: false, add: false, wipe: true, fail: true })
  })

  test('a tool is called by the name that the server knows, and gives what it says', async () => {
    expect((await use(mcp, 'say_it', { text: 'hello' })).output).toBe('said: hello')
    expect((await use(mcp, 'say_it_2', { text: 'hello' })).output).toBe('hello')
  })

  test('data is given as data', async () => {
    expect((await use(mcp, 'add', { a: 2, b: 3 })).output).toEqual({ sum: 5 })
  })

  test('what cannot be said in words is named', async () => {
    expect((await use(mcp, 'show')).output).toBe(
      [
        'Look:',
        '[image, image/png, 8 bytes]',
        '[audio, audio/wav, 4 bytes]',
        '[notes](file:///notes.txt)',
        'file:///a.txt:\ninside',
        '[file file:///b.bin, application/zip, 3 bytes]',
      ].join('\n'),
    )
  })

  test('who says too much is heard in part', async () => {
    const { output } = await use(mcp, 'long')
    expect(String(output)).toHaveLength(50_000 + '\n… and 250000 more characters'.length)
  })

  test('its progress is told', async () => {
    expect(await inSteps(mcp)).toEqual({
      output: 'done',
      news: [
        { type: 'progress', fraction: 0.25, text: 'step 1' },
        { type: 'progress', fraction: 0.5, text: 'step 2' },
      ],
    })
  })

  test('a tool that fails says why, in its own words', async () => {
    const failing = use(mcp, 'fail')
    await expect(failing).rejects.toBeInstanceOf(AgentFailure)
    await expect(failing).rejects.toMatchObject({ failure: { code: 'tool.failed', message: 'The disk is full.' } })
  })

  test('an input that the server does not take fails the call, with what is wrong', async () => {
    await expect(use(mcp, 'add', { a: 'two' })).rejects.toThrow(/expected number, received string/)
    await expect(use(mcp, 'add', 'two')).rejects.toThrow('The input must be an object.')
  })

  test('who cancels a call cancels it at the server', async () => {
    const abort = new AbortController()
    await expect(use(mcp, 'wait', {}, abort, () => abort.abort('cancelled'))).rejects.toBe('cancelled')
    await expect.poll(async () => (await use(mcp, 'noticed')).output).toBe('wait')
  })

  test('a process that dies fails the call, and the next call has a new one', async () => {
    const before = (await use(mcp, 'pid')).output
    const dying = use(mcp, 'die')
    await expect(dying).rejects.toBeInstanceOf(AgentFailure)
    await expect(dying).rejects.toMatchObject({ failure: { code: 'tool.unreachable' } })
    const after = (await use(mcp, 'pid')).output
    expect(after).toMatch(/^\d+$/)
    expect(after).not.toBe(before)
    expect((await use(mcp, 'add', { a: 2, b: 3 })).output).toEqual({ sum: 5 })
  })

  test('calls at the same moment after its death share one new process', async () => {
    await expect(use(mcp, 'die')).rejects.toThrow(AgentFailure)
    const pids = await Promise.all([use(mcp, 'pid'), use(mcp, 'pid'), use(mcp, 'pid')])
    expect(new Set(pids.map(({ output }) => output)).size).toBe(1)
  })

  test('who closes the connection ends the process, and calls fail', async () => {
    const pid = Number((await use(mcp, 'pid')).output)
    await mcp.close()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    await expect(use(mcp, 'pid')).rejects.toMatchObject({ failure: { code: 'tool.unreachable' } })
  })
})

test('the names of a server can be told apart by a prefix, and its risks be judged by who knows it', async () => {
  const judged: unknown[] = []
  const approval: McpOptions['approval'] = (name, annotations) => {
    judged.push([name, annotations])
    return name === 'add'
  }
  const mcp = await open(local, { prefix: 'my.', approval, timeoutMs: 5_000 })
  expect(mcp.tools.slice(0, 3)).toMatchObject([
    { name: 'my_say_it', approval: false, timeoutMs: 5_000 },
    { name: 'my_say_it_2', approval: false },
    { name: 'my_add', approval: true },
  ])
  expect(judged.slice(0, 2)).toEqual([
    ['say.it', { title: 'Saying it', readOnlyHint: true }],
    ['say_it', {}],
  ])
})

test('a process is told what it is to know, and nothing else of this one', async () => {
  process.env.PARLEY_TEST_SECRET = 'secret'
  try {
    const mcp = await open({ ...local, env: { COLOUR: 'red' }, cwd: tmpdir() })
    expect((await use(mcp, 'env', { text: 'COLOUR' })).output).toMatch(/^red in .*tmp/)
    expect((await use(mcp, 'env', { text: 'PARLEY_TEST_SECRET' })).output).toMatch(/^nothing/)
  } finally {
    delete process.env.PARLEY_TEST_SECRET
  }
})

test('a program that does not exist, or speaks no such protocol, is told as that', async () => {
  for (const command of ['/nowhere/secret-path/server', 'true'])
    await expect(mcpTools({ command })).rejects.toMatchObject({
      failure: {
        code: 'tool.unreachable',
        message: expect.stringMatching(/^The tool server (server|true) cannot be reached/),
      },
    })
})

describe.each([
  ['remembers nobody', stateless],
  ['knows its clients by a session', stateful],
])('a server on the web that %s', (_, handler) => {
  let web: Web
  let mcp: McpTools
  beforeEach(async () => {
    web = await serve(handler(toolServer))
    toClose.push(web)
    mcp = await open({ url: web.url, headers: { 'x-team': 'blue' } })
  })

  test('its tools are listed and called, each time with the headers that were given', async () => {
    expect(mcp.tools.map(({ name }) => name)).toContain('say_it_2')
    expect((await use(mcp, 'add', { a: 2, b: 3 })).output).toEqual({ sum: 5 })
    expect(web.headers.every((headers) => headers['x-team'] === 'blue')).toBe(true)
  })

  test('its progress is told, its failures are in its own words', async () => {
    expect(await inSteps(mcp)).toEqual({
      output: 'done',
      news: [
        { type: 'progress', fraction: 0.25, text: 'step 1' },
        { type: 'progress', fraction: 0.5, text: 'step 2' },
      ],
    })
    await expect(use(mcp, 'fail')).rejects.toMatchObject({ failure: { message: 'The disk is full.' } })
  })

  test('who cancels a call cancels it at the server', async () => {
    noticed.length = 0
    const abort = new AbortController()
    await expect(use(mcp, 'wait', {}, abort, () => abort.abort('cancelled'))).rejects.toBe('cancelled')
    await expect.poll(() => noticed).toEqual(['wait'])
  })

  test('a server that was started anew is found again by the next call or the one after it', async () => {
    web.replace(handler(toolServer))
    await use(mcp, 'noticed').catch((error: unknown) =>
      expect(error).toMatchObject({ failure: { code: 'tool.unreachable' } }),
    )
    expect((await use(mcp, 'say_it', { text: 'back' })).output).toBe('said: back')
  })

  test('a server that is away fails the call', async () => {
    await web.close()
    await expect(use(mcp, 'noticed')).rejects.toMatchObject({
      failure: {
        code: 'tool.unreachable',
        message: `The tool server ${new URL(web.url).host} cannot be reached at the moment.`,
      },
    })
  })
})

test('a list of many pages is read to its end', async () => {
  const paged = (): ToolServer => {
    const server = new ToolServer({ name: 'paged', version: '1.0.0' }, { capabilities: { tools: {} } })
    server.server.setRequestHandler('tools/list', ({ params }) => {
      const page = Number(params?.cursor ?? 0)
      const tools = [{ name: `tool-${page}`, inputSchema: { type: 'object' as const } }]
      return page < 4 ? { tools, nextCursor: `${page + 1}` } : { tools }
    })
    return server
  }
  const web = await serve(stateless(paged))
  toClose.push(web)
  const { tools } = await open({ url: web.url })
  expect(tools.map(({ name }) => name)).toEqual(['tool-0', 'tool-1', 'tool-2', 'tool-3', 'tool-4'])
  expect(tools[0]).toMatchObject({ description: 'tool-0', approval: true })
})

test('without the package it is said what is missing', () => {
  const source = new URL('../../src/agents/mcp.ts', import.meta.url)
  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) {
      if (name.startsWith('@modelcontextprotocol/')) throw new Error('not installed')
      return next(name, context)
    } })
    const { mcpTools } = await import(${JSON.stringify(source.href)})
    await mcpTools({ command: 'true' }).catch(({ failure }) => console.log(JSON.stringify(failure)))`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=parley-source', '--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  )
  expect(JSON.parse(stdout || '{}'), stderr).toEqual({
    code: 'agent.unready',
    message:
      'Tools of MCP servers need the package @modelcontextprotocol/client, which is not installed on this server.',
  })
})
