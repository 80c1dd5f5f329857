// What happens when things happen at the same moment, in the wrong order, or after the end.
import { Refusal, textOf } from '@parley/protocol'
import { expect, test } from 'vitest'
import { defineTool } from '../../src/agents/define.ts'
import { type Culprit, culprit } from '../../src/engine/strays.ts'
import { type Agent, AgentFailure, type Thought, type ToolResult, type Turn } from '../../src/seams/agent.ts'
import type { Log } from '../../src/seams/log.ts'
import type { Tool } from '../../src/seams/tool.ts'
import { Puppet } from './puppet.ts'
import { gate, lobby, type Peer, type Stage, type StageOptions, session, stage } from './stage.ts'

const anything = { jsonSchema: { type: 'object' } } as const

function tool(execute: Tool['execute'], more: Partial<Tool> = {}): Tool {
  return defineTool({ name: 'work', title: 'Working', description: 'works', input: anything, execute, ...more })
}

function deaf(more: Partial<Tool> = {}): Tool {
  return tool(() => new Promise(() => undefined), more)
}

function worker(tools: readonly Tool[], reply: (turn: Turn) => AsyncIterable<Thought>, more: object = {}): Agent {
  return { id: 'worker', name: 'worker', tools, reply, ...more }
}

class Steerable extends Puppet implements Agent {
  readonly steers = true
}

async function talk(agent: Agent, options: StageOptions = {}): Promise<Stage & { alice: Peer }> {
  const here = await stage({ agents: [{ agent, answers: 'everything' }], ...options })
  const alice = await here.connect('alice')
  await alice.join(session)
  return { ...here, alice }
}

/** The process of `here` ends without a word; another one finds what it left. */
async function after(here: Stage, agent: Agent, node = 'n2'): Promise<Stage & { alice: Peer }> {
  await here.engine.stop()
  await here.clock.pass(16_000)
  const there = await stage({ beside: here, node, agents: [{ agent, answers: 'everything' }] })
  await there.clock.pass(50)
  const alice = await there.connect('alice')
  await alice.join(session)
  return { ...there, alice }
}

function tools(peer: Peer) {
  return [...peer.picture(session).tools.values()]
}

function states(peer: Peer, where = session): readonly string[] {
  return [...peer.picture(where).runs.values()].map(({ state }) => state)
}

function allow(peer: Peer, number = 1): object {
  const run = peer.run(session)
  return { type: 'approve', room: session, run, call: `${run}-${number}`, approved: true }
}

test('[O2] whose name begins like another’s does not steer the answer to the other’s question', async () => {
  const puppet = new Steerable()
  const { tokens, connect } = await stage({ agents: [{ agent: puppet, answers: 'everything' }] })
  tokens.set('a/b', { id: 'a/b', kind: 'user' }).set('a', { id: 'a', kind: 'user' })
  const [asker, other] = [await connect('a/b'), await connect('a')]
  await asker.join()
  await asker.post('m1', 'first')
  const post = { type: 'post', room: lobby, id: 'm2', parts: [{ type: 'text', text: 'no!' }], steers: asker.run() }
  expect(await other.ask(post)).toMatchObject({ answer: { calls: [{ how: 'waits' }] } })
})

test('[T7] what a tool or an agent does when it is told to stop is done in its name', async () => {
  const whose: (Culprit | undefined)[] = []
  const heeding = (signal: AbortSignal) => signal.addEventListener('abort', () => whose.push(culprit()))
  const work = tool((_, { signal }) => {
    heeding(signal)
    return new Promise(() => undefined)
  })
  const agent = worker([work], async function* (turn) {
    heeding(turn.signal)
    heeding(turn.steered)
    yield (await turn.use('work', {})).text
  })
  const { alice, clock } = await talk({ ...agent, steers: true }, {})
  await alice.post('m1', 'go', session)
  const run = alice.run(session)
  await alice.ask({ type: 'post', room: session, id: 'm2', parts: [{ type: 'text', text: 'no' }], steers: run })
  await alice.ask({ type: 'cancel', room: session, run })
  await clock.pass(50)
  expect(whose).toEqual(expect.arrayContaining([{ tool: 'work' }, { agent: 'worker' }]))
  expect(whose).not.toContain(undefined)
  expect(whose).toHaveLength(3)
})

test('[T4] a run that has ended uses no tool any more, though its agent left something behind', async () => {
  const { passed, open } = gate()
  let used = 0
  const late: Promise<ToolResult>[] = []
  const work = tool(() => {
    used += 1
  })
  const agent = worker([work], async function* (turn) {
    late.push(passed.then(() => turn.use('work', {})))
    yield 'done'
  })
  const { alice, clock } = await talk(agent)
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(states(alice)).toEqual(['completed'])
  open()
  expect(await late[0]).toMatchObject({ outcome: 'cancelled' })
  expect(used).toBe(0)
})

test('[T4] a run whose end is being written uses no tool any more', async () => {
  const { passed, open } = gate()
  let used = 0
  let late: Promise<ToolResult> | undefined
  const work = tool(() => {
    used += 1
  })
  const agent = worker([work], async function* (turn) {
    late = passed.then(() => turn.use('work', {}))
    yield 'done'
  })
  let away = true
  const outage = (types: readonly string[]) =>
    away && types.includes('run.ended') ? new Refusal('storage.unavailable', 'away') : undefined
  const { alice, clock } = await talk(agent, { through: (log) => refusing(log, outage) })
  await alice.post('m1', 'go', session)
  await clock.pass(1_000)
  open()
  expect(await late).toMatchObject({ outcome: 'cancelled' })
  expect(used).toBe(0)
  away = false
  await clock.pass(1_000)
  expect(states(alice)).toEqual(['completed'])
})

test('[H6] about a call that has ended nobody is asked', async () => {
  const agent = worker([deaf()], async function* (turn) {
    yield { type: 'tool.called', call: 'x', name: 'pay', input: {} }
    yield { type: 'tool.ended', call: 'x', outcome: 'failed' }
    yield `asked: ${await turn.approval('x')}`
  })
  const { alice, clock } = await talk(agent)
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(states(alice)).toEqual(['completed'])
  expect(alice.texts(session).at(-1)).toBe('asked: undefined')
})

test('[H5] a tool that its agent runs by itself, once allowed, is not begun by the next process', async () => {
  let used = 0
  const work = tool(() => {
    used += 1
  })
  const agent = worker(
    [work],
    async function* (turn) {
      if (turn.partial !== undefined) return
      yield { type: 'tool.called', call: 'x', name: 'work', input: {} }
      await turn.approval('x')
      used += 1
      await new Promise(() => undefined)
    },
    { onInterrupted: 'retry' },
  )
  const here = await talk(agent)
  await here.alice.post('m1', 'go', session)
  await here.clock.pass(50)
  await here.alice.ask(allow(here.alice))
  await here.clock.pass(50)
  const { alice } = await after(here, agent)
  expect(tools(alice)).toMatchObject([{ state: 'failed', failure: { code: 'tool.interrupted' } }])
  expect(used).toBe(1)
})

test('[R12] a question is asked anew, not corrected, also where the same message steers', async () => {
  const puppet = new Steerable()
  const { alice, clock } = await talk(puppet)
  await alice.post('m1', 'first', session)
  const run = alice.run(session)
  const post = { type: 'post', room: session, parts: [{ type: 'text', text: 'better' }], steers: run }
  expect(await alice.ask({ ...post, id: 'm2', supersedes: 'm7' })).toMatchObject({
    problem: { code: 'message.unknown' },
  })
  await alice.ask({ ...post, id: 'm3', supersedes: 'm1' })
  await clock.pass(50)
  expect(states(alice)).toEqual(['cancelled', 'running'])
  expect(textOf(puppet.on.turn.message.parts)).toBe('better')
})

test('[R12, O2] a question that is asked anew in a room that steers begins anew', async () => {
  const puppet = new Steerable()
  const { alice, clock } = await talk(puppet, { agents: [{ agent: puppet, overlap: 'steer', answers: 'everything' }] })
  await alice.post('m1', 'first', session)
  const post = { type: 'post', room: session, id: 'm2', parts: [{ type: 'text', text: 'better' }], supersedes: 'm1' }
  expect(await alice.ask(post)).toMatchObject({ answer: { calls: [{ how: 'waits' }] } })
  await clock.pass(50)
  expect(states(alice)).toEqual(['cancelled', 'running'])
})

test('[T4, R5] a run that was taken up and is cancelled before its turn takes its tools with it', async () => {
  const agent = worker(
    [deaf({ approval: true })],
    async function* (turn) {
      if (textOf(turn.message.parts) === 'ask') yield (await turn.use('work', {})).text
      await new Promise(() => undefined)
    },
    { onInterrupted: 'wait' },
  )
  const here = await talk(agent)
  await here.alice.post('m1', 'ask', session)
  await here.clock.pass(50)
  const asked = here.alice.run(session)
  const there = await stage({ beside: here, node: 'n2', agents: [{ agent, answers: 'everything' }] })
  const alice = await there.connect('alice')
  await alice.join(session)
  await here.engine.stop()
  // This process is at work in the room already when it takes up what the other one left.
  await alice.post('m2', 'chat', session)
  await there.clock.pass(25_000)
  await alice.ask({ type: 'cancel', room: session, run: asked })
  await there.clock.pass(50)
  expect(alice.picture(session).runs.get(asked)).toMatchObject({ state: 'cancelled' })
  expect(tools(alice)).toMatchObject([{ state: 'cancelled' }])
  expect((await here.log.spans('tool/')).length).toBe(0)
})

test('[R3] a run that was taken up and is cancelled while it waits does not call its agent', async () => {
  let replies = 0
  const agent = worker(
    [deaf({ approval: true })],
    (turn) => {
      replies += 1
      return (async function* () {
        yield (await turn.use('work', {})).text
      })()
    },
    { onInterrupted: 'wait' },
  )
  const here = await talk(agent)
  await here.alice.post('m1', 'go', session)
  await here.clock.pass(50)
  const { alice, clock } = await after(here, agent)
  await alice.ask({ type: 'cancel', room: session, run: alice.run(session) })
  await clock.pass(50)
  expect(states(alice)).toEqual(['cancelled'])
  expect(replies).toBe(1)
})

test('[T3] an agent that never tires of its tools fills no log with them', async () => {
  const agent = worker([tool(() => 1)], async function* (turn) {
    for (let count = 0; count < 100; count += 1) await turn.use('work', {})
    yield 'done'
  })
  const { alice, clock } = await talk(agent, { limits: { toolCalls: 3 } })
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(tools(alice).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'failed'])
  expect(states(alice)).toEqual(['completed'])
})

test('[T3] an agent that runs its tools by itself may not make more calls either', async () => {
  const agent = worker([], async function* () {
    for (let call = 0; call < 100; call += 1) yield { type: 'tool.called', call: `c${call}`, name: 'own', input: {} }
  })
  const { alice, clock } = await talk(agent, { limits: { toolCalls: 3 } })
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(tools(alice).length).toBeLessThanOrEqual(6)
  expect(states(alice)).toEqual(['failed'])
})

test('[T6] an input that is written without end is cut like an answer', async () => {
  const agent = worker([], async function* () {
    yield { type: 'tool.called', call: 'x', name: 'own' }
    for (let count = 0; count < 100; count += 1) yield { type: 'tool.input', call: 'x', text: 'x'.repeat(100) }
  })
  const { alice, clock } = await talk(agent, { limits: { answerLength: 1_000 } })
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(alice.picture(session).runs.values().next().value?.failure).toMatchObject({ code: 'answer.long' })
})

test('[T1] what is told of a failure is bounded', async () => {
  const work = tool(() => Promise.reject(new AgentFailure('line.noisy', 'x'.repeat(1_000_000))))
  const agent = worker([work], async function* (turn) {
    yield (await turn.use('work', {})).outcome
  })
  const { alice, clock } = await talk(agent)
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(tools(alice)[0]?.failure?.message.length).toBeLessThan(70_000)
})

test('[T4] a call of a tool that was only handed over can be cancelled by itself', async () => {
  const agent = worker([], async function* (turn) {
    yield { type: 'tool.called', call: 'x', name: 'work', input: {} }
    yield (await turn.use(deaf(), {}, { call: 'x' })).outcome
  })
  const { alice, clock } = await talk(agent)
  await alice.post('m1', 'go', session)
  const run = alice.run(session)
  await alice.ask({ type: 'cancel', room: session, run, call: `${run}-1` })
  await clock.pass(50)
  expect(tools(alice)).toMatchObject([{ state: 'cancelled' }])
  expect(states(alice)).toEqual(['completed'])
})

/** A log that refuses some appends. */
function refusing(log: Log, refuse: (types: readonly string[]) => Error | undefined): Log {
  return {
    ...log,
    append: async (room, drafts, expect) => {
      const why = refuse(drafts.map(({ fact }) => fact.type))
      if (why !== undefined) throw why
      return log.append(room, drafts, expect)
    },
  }
}

test('[H4] what could not be denied in the log is denied all the same', async () => {
  const agent = worker([tool(() => 1, { approval: true, approvalMs: 1_000 })], async function* (turn) {
    yield (await turn.use('work', {})).outcome
  })
  const broken = (types: readonly string[]) =>
    types.length === 1 && types[0] === 'approval.given' ? new Error('out of order') : undefined
  const { alice, clock } = await talk(agent, { through: (log) => refusing(log, broken) })
  await alice.post('m1', 'go', session)
  await clock.pass(2_000)
  expect(tools(alice)).toMatchObject([{ state: 'denied' }])
  expect(states(alice)).toEqual(['completed'])
})

test('[O2] what came too late to steer is answered also where the log is away for a moment', async () => {
  const puppet = new Steerable()
  let away = false
  const outage = (types: readonly string[]) =>
    away && types.includes('run.started') ? new Refusal('storage.unavailable', 'away') : undefined
  const { alice, clock } = await talk(puppet, {
    agents: [{ agent: puppet, overlap: 'steer', answers: 'everything' }],
    through: (log) => refusing(log, outage),
  })
  await alice.post('m1', 'first', session)
  await alice.post('m2', 'second', session)
  away = true
  puppet.on.end()
  await clock.pass(1_000)
  away = false
  await clock.pass(1_000)
  expect(states(alice)).toEqual(['completed', 'running'])
})

test('[R10] a process that hears that its run goes on elsewhere lets go of it', async () => {
  const puppet = Object.assign(new Puppet(), { onInterrupted: 'retry' as const })
  const here = await talk(puppet)
  await here.alice.post('m1', 'go', session)
  const mine = puppet.on
  await here.log.lease('node/n1', 'n1', 0)
  const there = await stage({ beside: here, node: 'n2', agents: [{ agent: puppet, answers: 'everything' }] })
  await there.clock.pass(50)
  expect(puppet.turns).toHaveLength(2)
  expect(mine.turn.signal.aborted).toBe(true)
  expect(here.engine.counts.runs).toBe(0)
  expect(there.engine.counts.runs).toBe(1)
})

test('[R4] an agent that breaks while it tidies up ends as it ended', async () => {
  const agent: Agent = {
    id: 'messy',
    name: 'messy',
    reply: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new AgentFailure('messy.end', 'It is a mess.')),
        return: () => {
          throw new Error('no')
        },
      }),
    }),
  }
  const { alice, clock, journal } = await talk(agent)
  await alice.post('m1', 'go', session)
  await clock.pass(50)
  expect(alice.picture(session).runs.values().next().value).toMatchObject({ failure: { code: 'messy.end' } })
  expect(journal.map(({ what }) => what)).not.toContain('a run could not be ended')
})

test('[J3, T5] progress that is told while a room catches up leaves out nothing of what it catches up with', async () => {
  let hold: Promise<void> | undefined
  const { passed, open } = gate()
  const agent = worker(
    [
      tool(async function* () {
        yield { type: 'progress', text: 'half way' } as const
        await new Promise(() => undefined)
      }),
    ],
    async function* (turn) {
      await turn.use('work', {})
      yield 'never'
    },
  )
  const through = (log: Log): Log => ({
    ...log,
    append: async (room, drafts, expect) => {
      const calls = drafts.some(({ fact }) => fact.type === 'tool.called')
      const appended = await log.append(room, drafts, expect)
      // Its own word is heard of late: the room finds it in the log, among that of others.
      if (calls) await hold
      return appended
    },
  })
  const { alice, clock, log } = await talk(agent, { through })
  hold = passed
  const bob = { id: 'bob', kind: 'user' } as const
  const post = (id: string) =>
    log.append(session, [{ by: bob, id, fact: { type: 'message.posted', parts: [{ type: 'text', text: id }] } }])
  await alice.post('m1', 'go', session)
  await post('b1')
  await post('b2')
  await clock.pass(10_000)
  open()
  await clock.pass(100)
  expect(alice.texts(session)).toEqual(['go', '', 'b1', 'b2'])
})

test('[H5] a decision that becomes known in the moment of taking over is heard', async () => {
  const work = tool(() => 'gone', { approval: true })
  const agent = worker(
    [work],
    async function* (turn) {
      if (turn.partial === undefined) yield (await turn.use('work', {})).text
      else yield [...turn.calls.values()].map(({ state }) => state).join()
    },
    { onInterrupted: 'wait', steers: true },
  )
  const here = await talk(agent)
  await here.alice.post('m1', 'go', session)
  await here.clock.pass(50)
  await here.engine.stop()
  await here.clock.pass(16_000)
  const steering: string[] = []
  const heard: Agent = {
    ...agent,
    async *reply(turn) {
      steering.push(...turn.steering().map(({ id }) => id))
      yield* agent.reply(turn)
    },
  }
  // Both drafts become durable in one breath, the second right after the first.
  const run = here.alice.run(session)
  const user = { id: 'alice', kind: 'user' } as const
  const through = (log: Log): Log => ({
    ...log,
    append: async (room, drafts, expect) => {
      const appended = await log.append(room, drafts, expect)
      if (drafts.some(({ fact }) => fact.type === 'run.resumed')) {
        const post = { by: user, id: 'm2', fact: { type: 'message.posted', parts: [] } } as const
        const steered = { type: 'run.steered', run, cause: 'alice/m2' } as const
        const both = await log.append(room, [post, { by: { id: 'worker', kind: 'agent' }, id: 's', fact: steered }])
        const events = both.map(({ event }) => event)
        other.announce(session, {
          epoch: appended[0] === undefined ? '' : ((await log.info(room))?.epoch ?? ''),
          events,
        })
      }
      return appended
    },
  })
  const other = here.broker()
  const there = await stage({
    beside: here,
    node: 'n2',
    through,
    agents: [{ agent: heard, answers: 'everything' }],
  })
  await there.clock.pass(50)
  const alice = await there.connect('alice')
  await alice.join(session)
  await alice.ask({ type: 'approve', room: session, run, call: `${run}-1`, approved: true })
  await there.clock.pass(6_000)
  expect(tools(alice)).toMatchObject([{ state: 'ok' }])
  expect(steering).toEqual(['m2'])
})

test('[R4, O2] a run that can be steered ends also in a room where much is said at every moment', async () => {
  const puppet = new Steerable()
  const bob = { id: 'bob', kind: 'user' } as const
  let said = 0
  const busy = (log: Log): Log => ({
    ...log,
    append: async (room, drafts, expect) => {
      said += 1
      const fact = { type: 'message.posted', parts: [{ type: 'text', text: 'and' }] } as const
      if (drafts.some((draft) => draft.fact.type === 'run.ended'))
        await log.append(room, [{ by: bob, id: `b${said}`, fact }])
      return log.append(room, drafts, expect)
    },
  })
  const { alice, clock } = await talk(puppet, { through: busy })
  await alice.post('m1', 'first', session)
  puppet.on.end()
  await clock.pass(10_000)
  expect(states(alice)).toEqual(['completed'])
})

test('[H5] a server that leaves takes no word with it that a waiting run has said', async () => {
  const agent = worker(
    [deaf({ approval: true })],
    async function* (turn) {
      yield 'before '
      const used = turn.use('work', {})
      // By then what was said before is on its way into the log.
      await new Promise((resolve) => setImmediate(resolve))
      yield 'meanwhile'
      await used
    },
    { onInterrupted: 'wait' },
  )
  let away = true
  const outage = (types: readonly string[]) =>
    away && types.includes('approval.asked') ? new Refusal('storage.unavailable', 'away') : undefined
  const here = await talk(agent, { through: (log) => refusing(log, outage) })
  await here.alice.post('m1', 'go', session)
  const drained = here.engine.drain(5_000)
  await here.clock.pass(500)
  away = false
  await here.clock.pass(1_000)
  await drained
  const there = await stage({ beside: here, node: 'n2', agents: [{ agent, answers: 'everything' }] })
  await there.clock.pass(50)
  const alice = await there.connect('alice')
  await alice.join(session)
  expect(tools(alice)).toMatchObject([{ state: 'asking' }])
  expect(alice.texts(session).at(-1)).toBe('before meanwhile')
})

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
  '[H5, O2] who steers in the moment of taking over is heard, once (%i)',
  async (breaths) => {
    const heard: string[] = []
    const agent: Agent = {
      id: 'worker',
      name: 'worker',
      onInterrupted: 'retry',
      steers: true,
      async *reply(turn) {
        if (turn.partial === undefined) await new Promise(() => undefined)
        await Promise.race([
          new Promise((resolve) => turn.steered.addEventListener('abort', resolve)),
          turn.steered.aborted,
        ])
        yield 'so'
        heard.push(...turn.steering().map(({ id }) => id))
      },
    }
    const here = await talk(agent)
    await here.alice.post('m1', 'go', session)
    const run = here.alice.run(session)
    const { passed, open } = gate()
    const resumed = gate()
    const through = (log: Log): Log => ({
      ...log,
      append: async (room, drafts, expect) => {
        const types = drafts.map(({ fact }) => fact.type)
        const appended = await log.append(room, drafts, expect)
        if (types.includes('run.resumed')) {
          resumed.open()
          await passed
        }
        if (types.includes('run.steered')) {
          open()
          for (let breath = 0; breath < breaths; breath += 1) await undefined
        }
        return appended
      },
    })
    const there = await stage({ beside: here, node: 'n2', through, agents: [{ agent, answers: 'everything' }] })
    const alice = await there.connect('alice')
    await alice.join(session)
    await here.engine.stop()
    const passing = there.clock.pass(25_000)
    await resumed.passed
    const post = { type: 'post', ref: 's', room: session, id: 'm2', parts: [{ type: 'text', text: 'no' }], steers: run }
    alice.say(post)
    await passing
    await there.clock.pass(6_000)
    expect(heard.length + states(alice).length).toBeGreaterThan(1)
    expect([...heard, ...(states(alice).length > 1 ? ['answered'] : [])]).toHaveLength(1)
  },
)
