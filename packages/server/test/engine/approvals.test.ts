import type { Tool as Picture } from '@parley/protocol'
import { expect, test } from 'vitest'
import { defineTool } from '../../src/agents/define.ts'
import type { Actor } from '../../src/seams/access.ts'
import type { Agent, Thought, Turn } from '../../src/seams/agent.ts'
import type { Tool } from '../../src/seams/tool.ts'
import { lobby, type Peer, type Stage, type StageOptions, session, stage } from './stage.ts'

/** A tool that needs approval, and counts how often it was used. */
function dangerous(more: Partial<Tool> = {}): Tool & { readonly used: () => number } {
  let count = 0
  const tool = defineTool({
    name: 'delete',
    title: 'Deleting everything',
    description: 'deletes',
    input: { jsonSchema: { type: 'object' } },
    approval: true,
    execute: () => {
      count += 1
      return 'gone'
    },
    ...more,
  })
  return { ...tool, used: () => count }
}

/** Says something, uses its tool, and says what came of it; taken up again, it only says the latter. */
function deleter(tool: Tool, more: Partial<Agent> = {}): Agent {
  const after = (text: string): Thought => `So: ${text}`
  return {
    id: 'deleter',
    name: 'deleter',
    tools: [tool],
    async *reply(turn: Turn) {
      if (turn.partial !== undefined) {
        const [told] = [...turn.calls.values()].filter(({ run }) => run === turn.run)
        yield after(told?.state === 'ok' ? String(told.output) : (told?.failure?.message ?? `${told?.state}`))
        return
      }
      yield 'One moment. '
      yield after((await turn.use('delete', {})).text)
    },
    ...more,
  }
}

async function talk(agent: Agent, options: StageOptions = {}, where = session): Promise<Stage & { alice: Peer }> {
  const here = await stage({ agents: [{ agent, answers: 'everything' }], ...options })
  const alice = await here.connect('alice')
  await alice.join(where)
  await alice.post('m1', 'go', where)
  await here.clock.pass(50)
  return { ...here, alice }
}

function tools(peer: Peer, where = session): readonly Picture[] {
  return [...peer.picture(where).tools.values()]
}

function decision(peer: Peer, approved: boolean, where = session, reason?: string): object {
  const run = peer.run(where)
  return { type: 'approve', room: where, run, call: `${run}-1`, approved, ...(reason === undefined ? {} : { reason }) }
}

function answer(peer: Peer, where = session): string {
  return peer.texts(where).at(-1) ?? ''
}

test('[H1] a tool that needs approval waits for it, and everybody sees what it wants to do', async () => {
  const tool = dangerous({ approvalMs: 60_000 })
  const { alice, clock } = await talk(deleter(tool))
  await clock.pass(30_000)
  expect(tools(alice)).toMatchObject([{ state: 'asking', title: 'Deleting everything', input: {} }])
  expect(tools(alice)[0]?.approval?.until).toBeGreaterThan(clock.now())
  expect(tool.used()).toBe(0)
})

test('[H1] whether it is needed may depend on the input', async () => {
  const tool = dangerous({ approval: (input) => typeof input === 'object' && input !== null && 'all' in input })
  const { alice } = await talk(deleter(tool))
  expect(tools(alice)).toMatchObject([{ state: 'ok' }])
})

test('[H2] approved, it sets to work, once, and the log tells who allowed it', async () => {
  const tool = dangerous()
  const { alice, clock } = await talk(deleter(tool))
  expect(await alice.ask(decision(alice, true))).toMatchObject({ answer: { type: 'approve', approved: true } })
  await clock.pass(50)
  expect(tools(alice)).toMatchObject([
    { state: 'ok', output: 'gone', approval: { approved: true, user: { id: 'alice' } } },
  ])
  expect(answer(alice)).toBe('One moment. So: gone')
  expect(tool.used()).toBe(1)
})

test('[H2] denied, it is never touched, and the agent hears by whom and why', async () => {
  const tool = dangerous()
  const { alice, clock } = await talk(deleter(tool))
  await alice.ask(decision(alice, false, session, 'not today'))
  await clock.pass(50)
  expect(tools(alice)).toMatchObject([{ state: 'denied', failure: { code: 'tool.denied' } }])
  expect(answer(alice)).toBe('One moment. So: alice denied it: not today')
  expect(tool.used()).toBe(0)
})

test('[H2] the first decision stands; whoever comes later hears so, and sending the first again does no harm', async () => {
  const { alice, clock, connect } = await talk(deleter(dangerous()), {}, lobby)
  const bob = await connect('bob')
  await bob.join()
  const no = decision(bob, false, lobby)
  const yes = decision(alice, true, lobby)
  expect(await alice.ask(yes)).toMatchObject({ answer: { approved: true } })
  expect(await bob.ask(no)).toMatchObject({ problem: { code: 'approval.over' } })
  expect(await alice.ask(yes)).toMatchObject({ answer: { approved: true } })
  await clock.pass(50)
  expect(tools(bob, lobby)).toMatchObject([{ state: 'ok', approval: { user: { id: 'alice' } } }])
  expect(await bob.ask({ ...yes })).toMatchObject({ problem: { code: 'approval.over' } })
})

test('[H3] what nobody asked for cannot be allowed, and who may not run agents cannot allow', async () => {
  const { alice, tokens, connect } = await talk(deleter(dangerous()), {}, lobby)
  const reader: Actor = { id: 'carl', kind: 'user', grants: [{ room: 'lobby', can: ['read', 'write'] }] }
  tokens.set('carl', reader)
  const carl = await connect('carl')
  await carl.join()
  expect(await carl.ask(decision(alice, true, lobby))).toMatchObject({ problem: { code: 'access.denied' } })
  const run = alice.run(lobby)
  for (const call of ['forged', `${run}-2`])
    expect(await alice.ask({ type: 'approve', room: 'lobby', run, call, approved: true })).toMatchObject({
      problem: { code: 'approval.over' },
    })
  expect(tools(alice, lobby)).toMatchObject([{ state: 'asking' }])
})

test('[H4] what nobody decides in time is denied', async () => {
  const tool = dangerous({ approvalMs: 1_000 })
  const { alice, clock } = await talk(deleter(tool))
  await clock.pass(1_000)
  expect(tools(alice)).toMatchObject([
    { state: 'denied', failure: { code: 'approval.expired' }, approval: { approved: false } },
  ])
  expect(tools(alice)[0]?.approval).not.toHaveProperty('user')
  expect(answer(alice)).toBe('One moment. So: Nobody decided in time.')
})

test('[H4] time in which people think is not the run’s', async () => {
  const { alice, clock } = await talk(deleter(dangerous()), { limits: { runMs: 1_000 } })
  await clock.pass(600_000)
  await alice.ask(decision(alice, true))
  await clock.pass(50)
  expect([...alice.picture(session).runs.values()]).toMatchObject([{ state: 'completed' }])
})

test('[H4] a run that is cancelled while it waits asks for nothing any more', async () => {
  const tool = dangerous()
  const { alice, clock } = await talk(deleter(tool))
  const yes = decision(alice, true)
  await alice.ask({ type: 'cancel', room: session, run: alice.run(session) })
  await clock.pass(50)
  expect(tools(alice)).toMatchObject([{ state: 'cancelled', approval: { approved: false } }])
  expect(await alice.ask(yes)).toMatchObject({ problem: { code: 'approval.over' } })
  expect(tool.used()).toBe(0)
})

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

test('[H5] an approval survives the end of the process that asked: the next one goes on', async () => {
  const tool = dangerous()
  const agent = deleter(tool, { onInterrupted: 'wait' })
  const { alice, clock } = await after(await talk(agent), agent)
  expect(tools(alice)).toMatchObject([{ state: 'asking' }])
  expect(await alice.ask(decision(alice, true))).toMatchObject({ answer: { approved: true } })
  await clock.pass(50)
  expect(tools(alice)).toMatchObject([{ state: 'ok', output: 'gone' }])
  expect(answer(alice)).toBe('One moment. So: gone')
  expect([...alice.picture(session).runs.values()]).toMatchObject([{ state: 'completed' }])
  expect(tool.used()).toBe(1)
})

test('[H5] a decision that came while no process held the run is taken up by the next', async () => {
  const tool = dangerous()
  const agent = deleter(tool, { onInterrupted: 'wait' })
  const here = await talk(agent)
  const beside = await stage({ beside: here, node: 'n3', agents: [{ agent, answers: 'everything' }] })
  const bob = await beside.connect('alice')
  await bob.join(session)
  await here.engine.stop()
  expect(await bob.ask(decision(bob, true))).toMatchObject({ answer: { approved: true } })
  const { alice } = await after(here, agent)
  expect(tools(alice)).toMatchObject([{ state: 'ok', approval: { approved: true } }])
  expect(tool.used()).toBe(1)
})

test('[H5] a tool that was begun is never begun again: after a crash it has failed', async () => {
  let used = 0
  const tool = dangerous({
    execute: () => {
      used += 1
      return new Promise(() => undefined)
    },
  })
  const agent = deleter(tool, { onInterrupted: 'retry' })
  const here = await talk(agent)
  await here.alice.ask(decision(here.alice, true))
  await here.clock.pass(50)
  const { alice } = await after(here, agent)
  expect(tools(alice)).toMatchObject([{ state: 'failed', failure: { code: 'tool.interrupted' } }])
  expect(answer(alice)).toBe('One moment. So: The server stopped while this was being done.')
  expect(used).toBe(1)
})

test('[R5] an agent that wants it is called again after a crash, with what it had written; but not for ever', async () => {
  const partials: (string | undefined)[] = []
  const agent: Agent = {
    id: 'stubborn',
    name: 'stubborn',
    onInterrupted: 'retry',
    async *reply({ partial }) {
      partials.push(partial?.parts.map((part) => ('text' in part ? part.text : '')).join(''))
      yield `${partials.length} `
      await new Promise(() => undefined)
    },
  }
  let here: Stage & { alice: Peer } = await talk(agent)
  for (const node of ['n2', 'n3', 'n4', 'n5']) here = await after(here, agent, node)
  expect(partials).toEqual([undefined, '1 ', '1 2 ', '1 2 3 '])
  expect([...here.alice.picture(session).runs.values()]).toMatchObject([{ state: 'interrupted' }])
  expect(answer(here.alice)).toBe('1 2 3 4 ')
})

test('[H5] an agent that does not go on elsewhere is interrupted, and nothing waits any more', async () => {
  const agent = deleter(dangerous())
  const { alice } = await after(await talk(agent), agent)
  expect(tools(alice)).toMatchObject([{ state: 'failed', approval: { approved: false } }])
  expect([...alice.picture(session).runs.values()]).toMatchObject([{ state: 'interrupted' }])
})

test('[H5] a server that is asked to stop leaves a waiting run to the next one', async () => {
  const tool = dangerous()
  const agent = deleter(tool, { onInterrupted: 'wait' })
  const here = await talk(agent)
  const drained = here.engine.drain(5_000)
  await here.clock.pass(1_000)
  await drained
  await here.engine.stop()
  const there = await stage({ beside: here, node: 'n2', agents: [{ agent, answers: 'everything' }] })
  await there.clock.pass(50)
  const alice = await there.connect('alice')
  await alice.join(session)
  expect(tools(alice)).toMatchObject([{ state: 'asking' }])
  await alice.ask(decision(alice, true))
  await there.clock.pass(50)
  expect(answer(alice)).toBe('One moment. So: gone')
})

test('[R10] a process that lost a run to another writes nothing in it any more', async () => {
  const tool = dangerous()
  const agent = deleter(tool, { onInterrupted: 'wait' })
  const here = await talk(agent)
  // Its clock stands still for the others, but it goes on: they took its lease.
  await here.log.lease('node/n1', 'n1', 0)
  const there = await stage({ beside: here, node: 'n2', agents: [{ agent, answers: 'everything' }] })
  await there.clock.pass(50)
  const other = await there.connect('alice')
  await other.join(session)
  expect(other.pages(session).flatMap(({ events }) => events.map(({ fact }) => fact.type))).toContain('run.resumed')
  await other.ask(decision(other, true))
  await there.clock.pass(500)
  expect(answer(other)).toBe('One moment. So: gone')
  expect(tools(other)).toMatchObject([{ state: 'ok' }])
  expect(tool.used()).toBe(1)
})

test('[H6] an agent may ask for a tool that it runs by itself', async () => {
  const agent: Agent = {
    id: 'foreign',
    name: 'foreign',
    async *reply(turn) {
      yield { type: 'tool.called', call: 'x', name: 'pay', input: { euro: 5 } }
      const decided = await turn.approval('x', 60_000)
      yield { type: 'tool.ended', call: 'x', outcome: decided?.approved === true ? 'ok' : 'denied' }
      yield `${decided?.approved} by ${decided?.user?.id}`
    },
  }
  const { alice, clock } = await talk(agent)
  expect(tools(alice)).toMatchObject([{ state: 'asking' }])
  await alice.ask(decision(alice, true))
  await clock.pass(50)
  expect(answer(alice)).toBe('true by alice')
  expect(tools(alice)).toMatchObject([{ state: 'ok' }])
})
