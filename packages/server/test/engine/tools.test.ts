import type { Tool as Picture } from '@parley/protocol'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../src/agents/define.ts'
import { type Agent, AgentFailure, type Thought, type ToolResult, type Turn } from '../../src/seams/agent.ts'
import type { Tool, ToolContext } from '../../src/seams/tool.ts'
import { gate, lobby, type Peer, type Stage, type StageOptions, session, stage } from './stage.ts'

/** An agent that does what a test says with its turn. */
function worker(tools: readonly Tool[], act: (turn: Turn) => AsyncIterable<Thought>, more: Partial<Agent> = {}): Agent {
  return { id: 'worker', name: 'worker', tools, reply: act, ...more }
}

/** An agent that uses its first tool once and says what came of it. */
function using(tool: Tool, input: unknown = {}, results: ToolResult[] = []): Agent {
  return worker([tool], async function* (turn) {
    const result = await turn.use(tool, input)
    results.push(result)
    yield `${result.outcome}: ${result.text}`
  })
}

async function talk(agent: Agent, options: StageOptions = {}): Promise<Stage & { alice: Peer }> {
  const here = await stage({ agents: [{ agent }], ...options })
  const alice = await here.connect('alice')
  await alice.join(session)
  return { ...here, alice }
}

function toolsOf(peer: Peer): readonly Picture[] {
  return [...peer.picture(session).tools.values()]
}

function answer(peer: Peer): string {
  return peer.texts(session).at(-1) ?? ''
}

const anything = { jsonSchema: { type: 'object' } } as const

function tool(execute: Tool['execute'], more: Partial<Tool> = {}): Tool {
  return defineTool({ name: 'work', title: 'Working', description: 'works', input: anything, execute, ...more })
}

/** A tool that never ends by itself, and pays no attention to its signal. */
function deaf(more: Partial<Tool> = {}): Tool {
  return tool(() => new Promise(() => undefined), more)
}

test('[T1] a call is told with its input, and ends once with what the tool returned', async () => {
  const results: ToolResult[] = []
  const { alice } = await talk(
    using(
      tool(async () => ({ sum: 3 })),
      { a: 1 },
      results,
    ),
  )
  await alice.post('m1', 'go', session)
  const run = alice.run(session)
  expect(toolsOf(alice)).toMatchObject([
    { call: `${run}-1`, run, name: 'work', title: 'Working', input: { a: 1 }, state: 'ok', output: { sum: 3 } },
  ])
  expect(results).toEqual([{ call: `${run}-1`, outcome: 'ok', output: { sum: 3 }, text: '{"sum":3}' }])
  expect(answer(alice)).toBe('ok: {"sum":3}')
})

test('[T1] what a tool prints is told while it works, and kept when it has ended', async () => {
  const { passed, open } = gate()
  const printing = tool(async function* () {
    yield 'one\n'
    await passed
    yield 'two\n'
  })
  const { alice, clock } = await talk(using(printing))
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(toolsOf(alice)).toMatchObject([{ state: 'running', printed: 'one\n' }])
  open()
  await clock.pass(50)
  expect(toolsOf(alice)).toMatchObject([{ state: 'ok', printed: 'one\ntwo\n' }])
  expect(answer(alice)).toBe('ok: one\ntwo\n')
})

test('[T1] what a tool prints beyond the bound is counted, not kept', async () => {
  const loud = tool(async function* () {
    for (let count = 0; count < 10; count += 1) yield 'x'.repeat(10_000)
  })
  const { alice, clock } = await talk(using(loud))
  await alice.post('m1', 'go', session)
  await clock.pass(100)
  const [told] = toolsOf(alice)
  expect(told?.printed).toHaveLength(64 * 1024 + '\n… and 34464 more characters'.length)
})

test('[T2] an input that does not fit its schema fails the call in words for the model, and the tool is not touched', async () => {
  let touched = false
  const strict = defineTool({
    name: 'add',
    description: 'adds',
    input: z.object({ a: z.number(), b: z.number() }),
    execute: ({ a, b }) => {
      touched = true
      return a + b
    },
  })
  const { alice } = await talk(using(strict, { a: 1, b: 'two' }))
  await alice.post('m1', 'go', session)
  expect(toolsOf(alice)).toMatchObject([{ state: 'failed', failure: { code: 'tool.input' } }])
  expect(answer(alice)).toContain('b: ')
  expect(touched).toBe(false)
})

test('[T2] a tool that does not exist is a failed call, not a failed run', async () => {
  const agent = worker([], async function* (turn) {
    yield (await turn.use('nothing', {})).text
  })
  const { alice } = await talk(agent)
  await alice.post('m1', 'go', session)
  expect(toolsOf(alice)).toMatchObject([{ name: 'nothing', state: 'failed', failure: { code: 'tool.unknown' } }])
  expect([...alice.picture(session).runs.values()]).toMatchObject([{ state: 'completed' }])
})

test.each<[string, Tool['execute'], string, string]>([
  [
    'throws at once',
    () => {
      throw new Error('a secret')
    },
    'tool.failed',
    'Working failed. The cause is in the server log.',
  ],
  ['rejects', () => Promise.reject(new AgentFailure('city.unknown', 'No such city.')), 'city.unknown', 'No such city.'],
  ['returns what is not JSON', () => ({ big: 1n }), 'tool.output', 'Working returned what is not JSON.'],
])('[T3] a tool that %s fails its call, and the run goes on', async (_, execute, code, message) => {
  const { alice } = await talk(using(tool(execute)))
  await alice.post('m1', 'go', session)
  expect(toolsOf(alice)).toMatchObject([{ state: 'failed', failure: { code, message } }])
  expect(answer(alice)).toBe(`failed: ${message}`)
})

test('[T3] a tool that takes too long is stopped, and its lateness is not waited for', async () => {
  let signal: AbortSignal | undefined
  const slow = tool(
    (_, context) => {
      signal = context.signal
      return new Promise(() => undefined)
    },
    { timeoutMs: 1_000 },
  )
  const { alice, clock } = await talk(using(slow))
  await alice.post('m1', 'go', session)
  await clock.pass(999)
  expect(toolsOf(alice)).toMatchObject([{ state: 'running' }])
  await clock.pass(1)
  expect(toolsOf(alice)).toMatchObject([{ state: 'timed_out', failure: { code: 'tool.timed_out' } }])
  expect(signal?.aborted).toBe(true)
})

test('[T3] a tool is tried again as often as it says, and the room is told why', async () => {
  const attempts: number[] = []
  const shaky = tool(
    (_, { attempt }: ToolContext) => {
      attempts.push(attempt)
      if (attempt < 3) throw new AgentFailure('line.busy', 'The line is busy.')
      return 'through'
    },
    { retries: 2 },
  )
  const { alice } = await talk(using(shaky))
  await alice.post('m1', 'go', session)
  expect(attempts).toEqual([1, 2, 3])
  expect(toolsOf(alice)).toMatchObject([{ state: 'ok', output: 'through' }])
})

test('[T3] where a tool fails for good its fallback is used, and the first call is told as skipped', async () => {
  const spare = tool(() => 'from the spare', { name: 'spare', title: 'Spare' })
  const { alice } = await talk(using(tool(() => Promise.reject(new Error('broken')), { fallback: spare })))
  await alice.post('m1', 'go', session)
  expect(toolsOf(alice)).toMatchObject([
    { name: 'work', state: 'skipped', failure: { code: 'tool.failed' } },
    { name: 'spare', state: 'ok', output: 'from the spare' },
  ])
  expect(answer(alice)).toBe('ok: from the spare')
})

test('[T3] one answer uses only so many tools', async () => {
  const agent = worker([tool(() => 1)], async function* (turn) {
    for (let count = 0; count < 4; count += 1) yield `${(await turn.use('work', {})).outcome} `
  })
  const { alice } = await talk(agent, { limits: { toolCalls: 3 } })
  await alice.post('m1', 'go', session)
  expect(answer(alice)).toBe('ok ok ok failed ')
})

test('[T4] one call can be cancelled: it ends at once, though the tool does not listen, and the run goes on', async () => {
  const { alice, clock } = await talk(using(deaf()))
  await alice.post('m1', 'go', session)
  const run = alice.run(session)
  const { answer: told } = await alice.ask({ type: 'cancel', room: session, run, call: `${run}-1` })
  expect(told).toMatchObject({ type: 'cancel', run, call: `${run}-1` })
  await clock.pass(50)
  expect(toolsOf(alice)).toMatchObject([{ state: 'cancelled' }])
  expect([...alice.picture(session).runs.values()]).toMatchObject([{ state: 'completed' }])
  expect(answer(alice)).toContain('cancelled')
})

test('[T4] a call that has ended, or never was, cannot be cancelled', async () => {
  const { alice } = await talk(using(tool(() => 1)))
  await alice.post('m1', 'go', session)
  const run = alice.run(session)
  for (const call of [`${run}-1`, `${run}-7`])
    expect(await alice.ask({ type: 'cancel', room: session, run, call })).toMatchObject({
      problem: { code: 'run.over' },
    })
})

test('[T4] a run that is cancelled takes its tools with it, each with one end', async () => {
  const agent = worker([deaf()], async function* (turn) {
    await Promise.all([turn.use('work', { n: 1 }), turn.use('work', { n: 2 })])
    yield 'never'
  })
  const { alice, clock } = await talk(agent)
  await alice.post('m1', 'go', session)
  await alice.ask({ type: 'cancel', room: session, run: alice.run(session) })
  await clock.pass(50)
  expect(toolsOf(alice)).toMatchObject([{ state: 'cancelled' }, { state: 'cancelled' }])
  const ends = alice.pages(session).flatMap(({ events }) => events.filter(({ fact }) => fact.type === 'tool.ended'))
  expect(ends).toHaveLength(2)
})

test('[T4] a tool that its agent runs by itself can only be stopped with the run', async () => {
  const agent = worker([], async function* () {
    yield { type: 'tool.called', call: 'own', name: 'foreign', input: {} }
    await new Promise(() => undefined)
  })
  const { alice, clock } = await talk(agent)
  await alice.post('m1', 'go', session)
  const run = alice.run(session)
  await alice.ask({ type: 'cancel', room: session, run, call: `${run}-1` })
  await clock.pass(50)
  expect(toolsOf(alice)).toMatchObject([{ state: 'cancelled' }])
  expect([...alice.picture(session).runs.values()]).toMatchObject([{ state: 'cancelled' }])
})

test('[T5] progress is told to all who listen, at most ten times a second, and the latest to newcomers at once', async () => {
  const { passed, open } = gate()
  const long = tool(async function* () {
    for (let step = 1; step <= 50; step += 1) yield { type: 'progress', step, steps: 50, fraction: step / 50 } as const
    await passed
  })
  const { alice, clock, connect } = await talk(using(long))
  await alice.post('m1', 'go', session)
  await clock.pass(1_000)
  const told = alice.frames('tool.progress', session)
  expect(told.length).toBeLessThanOrEqual(2)
  expect(told.at(-1)).toMatchObject([{ step: 50, fraction: 1 }])
  const other = await connect('alice')
  await other.join(session)
  expect(other.frames('tool.progress', session)).toMatchObject([[{ step: 50 }]])
  open()
  await clock.pass(50)
  const late = await connect('alice')
  await late.join(session)
  expect(late.frames('tool.progress', session)).toEqual([])
})

test('[T5] progress reaches those who listen at another process', async () => {
  const { passed } = gate()
  const long = tool(async function* () {
    yield { type: 'progress', text: 'half way', fraction: 0.5 } as const
    await passed
  })
  const here = await talk(using(long))
  const there = await stage({ beside: here, node: 'n2' })
  const other = await there.connect('alice')
  await other.join(session)
  await here.alice.post('m1', 'go', session)
  await here.clock.pass(500)
  expect(other.frames('tool.progress', session).at(-1)).toMatchObject([{ text: 'half way', fraction: 0.5 }])
})

test('[T6] the input of a call may be told while it is being written', async () => {
  const { passed, open } = gate()
  const agent = worker([tool((input) => input)], async function* (turn) {
    yield { type: 'tool.called', call: 'x', name: 'work' }
    yield { type: 'tool.input', call: 'x', text: '{"a":' }
    await passed
    yield { type: 'tool.input', call: 'x', text: '1}' }
    yield (await turn.use('work', { a: 1 }, { call: 'x' })).text
  })
  const { alice, clock } = await talk(agent)
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(toolsOf(alice)).toMatchObject([{ state: 'writing', inputText: '{"a":' }])
  open()
  await clock.pass(50)
  expect(toolsOf(alice)).toMatchObject([{ state: 'ok', input: { a: 1 }, output: { a: 1 } }])
  expect(toolsOf(alice)[0]).not.toHaveProperty('inputText')
})

test('[T7] the error of a tool whose stray promise fails later is nobody else’s', async () => {
  const { alice, clock } = await talk(using(deaf({ timeoutMs: 10 })))
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(toolsOf(alice)).toMatchObject([{ state: 'timed_out' }])
  await alice.join(lobby)
  expect(alice.ended).toBeUndefined()
})
