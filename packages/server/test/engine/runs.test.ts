import { Refusal, type RoomId, textOf } from '@parley/protocol'
import { expect, test } from 'vitest'
import type { Seat } from '../../src/engine/callings.ts'
import { AgentFailure } from '../../src/seams/agent.ts'
import type { Draft } from '../../src/seams/log.ts'
import { Puppet } from './puppet.ts'
import { lobby, type Peer, room, type StageOptions, session, stage } from './stage.ts'

/** A house with one agent, and alice in her session with it. */
async function talk(options: StageOptions = {}, seat: Partial<Seat> = {}) {
  const puppet = new Puppet()
  const here = await stage({ agents: [{ agent: puppet, ...seat }], ...options })
  const alice = await here.connect('alice')
  await alice.join(session)
  return { ...here, puppet, alice }
}

/** How the latest run and its message stand, as a peer sees them. */
function standing(peer: Peer, where: RoomId = session) {
  const { runs, messages } = peer.picture(where)
  const run = [...runs.values()].at(-1)
  const message = messages.findLast((one) => one.run !== undefined)
  return { run: run?.state, message: message?.state, text: textOf(message?.parts ?? []), failure: message?.failure }
}

test('[R1] a run begins in the same append as the message that it answers', async () => {
  const appends: (readonly Draft[])[] = []
  const { alice } = await talk({
    through: (log) => ({
      ...log,
      append(where, drafts, expect) {
        appends.push(drafts)
        return log.append(where, drafts, expect)
      },
    }),
  })
  await alice.post('m1', 'hello', session)
  const [first] = appends
  expect(first?.map(({ fact }) => fact.type)).toEqual(['message.posted', 'run.started', 'message.opened'])
  expect(first?.[1]?.fact).toMatchObject({ cause: 'alice/m1', node: 'n1' })
})

test('[R1] a message that the log did not take has no run, and sent again it has one', async () => {
  let broken = true
  const { alice, puppet, engine } = await talk({
    through: (log) => ({
      ...log,
      append: (...order) => (broken ? Promise.reject(new Error('no space')) : log.append(...order)),
    }),
  })
  await alice.post('m1', 'hello', session)
  expect([puppet.turns.length, engine.counts.runs]).toEqual([0, 0])
  broken = false
  await alice.post('m1', 'hello', session)
  expect(puppet.turns).toHaveLength(1)
})

test('[R1, S2] the same message sent again is not answered again, neither during nor after its run', async () => {
  const { alice, puppet, clock } = await talk()
  await alice.post('m1', 'hello', session)
  await alice.post('m1', 'hello', session)
  puppet.on.end()
  await clock.settle()
  await alice.post('m1', 'hello', session)
  expect(puppet.turns).toHaveLength(1)
  expect(alice.picture(session).runs.size).toBe(1)
})

test('an answer streams: the first piece at once, those that follow gathered, in their order', async () => {
  const { alice, puppet, clock } = await talk()
  await alice.post('m1', 'hello', session)
  puppet.on.say('one ')
  await clock.settle()
  expect(standing(alice)).toMatchObject({ run: 'running', message: 'streaming', text: 'one ' })
  const pages = alice.pages(session).length
  puppet.on.say('two ', 'three ', 'four ')
  await clock.settle()
  await clock.pass(30)
  expect(alice.pages(session)).toHaveLength(pages + 1)
  puppet.on.say('x'.repeat(2_000))
  await clock.settle()
  puppet.on.end()
  await clock.pass(30)
  const text = `one two three four ${'x'.repeat(2_000)}`
  expect(standing(alice)).toEqual({ run: 'completed', message: 'completed', text, failure: undefined })
})

test('what an agent thinks, says and does with tools stands in its message in that order', async () => {
  const { alice, puppet, clock } = await talk()
  await alice.post('m1', 'hello', session)
  const call = { call: 'c1', name: 'look' } as const
  puppet.on.say(
    { type: 'reasoning', text: 'hm' },
    { type: 'tool.called', ...call, title: 'Looking', input: { for: 1 } },
  )
  puppet.on.say({ type: 'tool.ended', call: 'c1', outcome: 'ok', output: [1] }, 'there ', {
    type: 'text',
    text: 'it is',
  })
  puppet.on.end()
  await clock.pass(100)
  const { messages, tools } = alice.picture(session)
  expect(messages[1]?.parts).toEqual([
    { type: 'reasoning', text: 'hm' },
    { type: 'tool', call: `${alice.run(session)}-1` },
    { type: 'text', text: 'there it is' },
  ])
  expect([...tools.values()]).toMatchObject([
    { name: 'look', title: 'Looking', input: { for: 1 }, state: 'ok', output: [1] },
  ])
})

test('[R2] leaving, refreshing and losing the network stop no run', async () => {
  const { alice, puppet, clock, connect } = await talk()
  await alice.post('m1', 'hello', session)
  puppet.on.say('one ')
  await clock.settle()
  await alice.ask({ type: 'leave', room: session })
  alice.vanish()
  await clock.pass(120_000)
  expect(puppet.on.turn.signal.aborted).toBe(false)
  puppet.on.say('two')
  puppet.on.end()
  await clock.pass(100)
  const back = await connect('alice')
  await back.join(session)
  expect(standing(back)).toMatchObject({ run: 'completed', text: 'one two' })
})

test('[R3] cancel becomes a fact and ends the run with the text so far, though the agent does not listen', async () => {
  const { alice, puppet, clock } = await talk()
  await alice.post('m1', 'hello', session)
  puppet.on.say('one ', 'two ')
  await clock.pass(50)
  const run = alice.run(session)
  const { answer } = await alice.ask({ type: 'cancel', room: session, run })
  expect(answer).toMatchObject({ type: 'cancel', room: session, run, position: { seq: expect.any(Number) } })
  expect(alice.pages(session).flatMap(({ events }) => events.map(({ fact }) => fact.type))).toContain('run.cancelling')
  expect(puppet.on.turn.signal.aborted).toBe(true)
  puppet.on.say('too late')
  await clock.pass(100)
  expect(standing(alice)).toEqual({ run: 'cancelled', message: 'cancelled', text: 'one two ', failure: undefined })
})

test('[R3] whoever may run may cancel, twice does no harm, and what has ended cannot be cancelled', async () => {
  const { alice, puppet, clock, connect } = await talk({}, { answers: 'everything' })
  const bob = await connect('bob')
  await alice.join()
  await bob.join()
  await alice.post('m1', 'hello')
  const run = alice.run()
  const cancel = { type: 'cancel', room: 'lobby', run }
  const both = [bob.ask(cancel), bob.ask(cancel)]
  for (const reply of await Promise.all(both)) expect(reply).toHaveProperty('answer')
  expect(standing(bob, lobby)).toMatchObject({ run: 'cancelled' })
  expect(await alice.ask(cancel)).toMatchObject({ problem: { code: 'run.over' } })
  expect(await alice.ask({ ...cancel, run: 'no-such-run' })).toMatchObject({ problem: { code: 'run.over' } })
  puppet.on.end()
  await clock.settle()
  expect(standing(bob, lobby)).toMatchObject({ run: 'cancelled' })
})

test('[R3, R8] a run that has not had its turn yet can be cancelled, and the next one follows', async () => {
  const { alice, puppet, clock } = await talk()
  for (const id of ['m1', 'm2', 'm3']) await alice.post(id, id, session)
  const [, second] = [...alice.picture(session).runs.keys()]
  await alice.ask({ type: 'cancel', room: session, run: second })
  const states = () => [...alice.picture(session).runs.values()].map(({ state }) => state)
  expect(states()).toEqual(['running', 'cancelled', 'running'])
  expect(puppet.turns).toHaveLength(1)
  puppet.on.end()
  await clock.settle()
  expect(puppet.turns.map(({ turn }) => turn.message.id)).toEqual(['m1', 'm3'])
})

test('[R4] every run ends in exactly one of the outcomes, and its message with it', async () => {
  const ends: [string, (here: Awaited<ReturnType<typeof talk>>) => unknown][] = [
    ['completed', ({ puppet }) => puppet.on.end()],
    ['failed', ({ puppet }) => puppet.on.fail(new Error('broken'))],
    ['cancelled', ({ alice }) => alice.ask({ type: 'cancel', room: session, run: alice.run(session) })],
    ['timed_out', ({ clock }) => clock.pass(600_000)],
    ['interrupted', ({ engine, clock }) => Promise.all([engine.drain(0), clock.pass(100)])],
  ]
  for (const [outcome, end] of ends) {
    const here = await talk()
    const { alice, clock, puppet, engine } = here
    await alice.post('m1', 'hello', session)
    puppet.on.say('so far')
    await clock.settle()
    await end(here)
    await clock.pass(1_000)
    expect(standing(alice)).toMatchObject({ run: outcome, message: outcome, text: 'so far' })
    const facts = alice.pages(session).flatMap(({ events }) => events.map(({ fact }) => fact.type))
    expect(facts.filter((type) => type === 'run.ended' || type === 'message.closed')).toHaveLength(2)
    expect(engine.counts.runs).toBe(0)
  }
})

test('[R4] tools that are at work when a run ends, end with it', async () => {
  for (const [outcome, tool] of [
    ['cancelled', 'cancelled'],
    ['failed', 'failed'],
  ]) {
    const { alice, clock, puppet } = await talk()
    await alice.post('m1', 'hello', session)
    puppet.on.say({ type: 'tool.called', call: 'c1', name: 'look', input: null })
    await clock.settle()
    if (outcome === 'failed') puppet.on.fail(new Error('broken'))
    else alice.say({ type: 'cancel', ref: 'c', room: session, run: alice.run(session) })
    await clock.pass(100)
    expect(standing(alice).run).toBe(outcome)
    expect([...alice.picture(session).tools.values()][0]?.state).toBe(tool)
  }
})

test('[R6] a run may take as long as is configured, then it ends as timed out and says so', async () => {
  const { alice, puppet, clock } = await talk({ limits: { runMs: 30_000 } })
  await alice.post('m1', 'hello', session)
  puppet.on.say('one ')
  await clock.pass(29_000)
  expect(standing(alice).run).toBe('running')
  await clock.pass(2_000)
  const failure = { code: 'run.timed_out', message: expect.stringContaining('30 seconds') }
  expect(standing(alice)).toEqual({ run: 'timed_out', message: 'timed_out', text: 'one ', failure })
  expect(puppet.on.turn.signal.aborted).toBe(true)
})

test('[R7] what an agent’s failure says is written for users; any other cause is only logged', async () => {
  const { alice, puppet, clock, journal } = await talk()
  await alice.post('m1', 'hello', session)
  puppet.on.say('one ')
  const cause = new Error('password=hunter2 at db.internal:5432')
  puppet.on.fail(cause)
  await clock.pass(100)
  expect(standing(alice)).toMatchObject({ run: 'failed', text: 'one ', failure: { code: 'agent.failed' } })
  expect(JSON.stringify(alice.heard)).not.toContain('hunter2')
  expect(journal).toContainEqual({ level: 'error', what: 'an agent broke', cause })
  await alice.post('m2', 'hello', session)
  puppet.on.fail(new AgentFailure('model.busy', 'The model is busy.'))
  await clock.pass(100)
  expect(standing(alice).failure).toEqual({ code: 'model.busy', message: 'The model is busy.' })
})

test('[R7] an agent that breaks before its first word, or does not stream at all, fails its run', async () => {
  const { alice, clock } = await talk({
    agents: [
      {
        agent: {
          id: 'clumsy',
          name: 'clumsy',
          reply() {
            throw new Error('not even a stream')
          },
        },
      },
    ],
  })
  await alice.post('m1', 'hello', session)
  await clock.pass(100)
  expect(standing(alice)).toMatchObject({ run: 'failed', failure: { code: 'agent.failed' } })
})

test('[R4] an agent that ends a tool which it never called fails', async () => {
  const { alice, puppet, clock } = await talk()
  await alice.post('m1', 'hello', session)
  puppet.on.say('so far', { type: 'tool.ended', call: 'c1', outcome: 'ok' })
  await clock.pass(100)
  expect(standing(alice)).toMatchObject({ run: 'failed', text: 'so far', failure: { code: 'agent.broken' } })
  expect(alice.picture(session).tools.size).toBe(0)
})

test('an answer that becomes too long is cut there, and its agent let go', async () => {
  const { alice, puppet, clock } = await talk({ limits: { answerLength: 10 } })
  await alice.post('m1', 'hello', session)
  puppet.on.say('0123456789')
  await clock.settle()
  puppet.on.say('x')
  await clock.pass(100)
  expect(standing(alice)).toMatchObject({ run: 'failed', text: '0123456789', failure: { code: 'answer.long' } })
  expect(puppet.on.dismissed).toBe(true)
})

test('an agent whose iterator says nothing that could be understood fails like any other', async () => {
  const agent = {
    id: 'odd',
    name: 'odd',
    reply: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => undefined as never }) }),
  }
  const { connect, clock } = await stage({ agents: [{ agent }] })
  const alice = await connect('alice')
  await alice.join(session)
  await alice.post('m1', 'one', session)
  await clock.pass(100)
  expect(standing(alice)).toMatchObject({ run: 'failed', message: 'failed' })
})

test('an agent that declares how much it wants to know is given the latest of it', async () => {
  const puppet = Object.assign(new Puppet(), { history: 2 })
  const { connect, clock } = await stage({ agents: [{ agent: puppet }] })
  const alice = await connect('alice')
  await alice.join(session)
  for (const id of ['one', 'two', 'three']) {
    await alice.post(id, id, session)
    puppet.on.say(`re: ${id}`)
    puppet.on.end()
    await clock.pass(100)
  }
  expect(puppet.on.turn.history.map(({ parts }) => textOf(parts))).toEqual(['two', 're: two'])
})

test('[R8] an agent answers one message of a room after the other, and knows what it said before', async () => {
  const { alice, puppet, clock } = await talk()
  await alice.post('m1', 'one', session)
  await alice.post('m2', 'two', session)
  await alice.post('m3', 'three', session)
  expect(puppet.turns).toHaveLength(1)
  puppet.on.say('first')
  puppet.on.end()
  await clock.pass(100)
  expect(puppet.turns).toHaveLength(2)
  expect(puppet.on.turn.message.id).toBe('m2')
  puppet.on.end()
  await clock.pass(100)
  const { message, history } = puppet.on.turn
  expect(message.id).toBe('m3')
  expect(history.map(({ parts }) => textOf(parts))).toEqual(['one', 'first', 'two', ''])
})

test('[R8] in different rooms an agent answers at the same time', async () => {
  const { alice, puppet } = await talk()
  const other = room('session:5f0d7a52-3c1b-4ad2-8a8e-2f6f0c9b1d33')
  await alice.join(other)
  await alice.post('m1', 'one', session)
  await alice.post('m1', 'two', other)
  expect(puppet.turns.map(({ turn }) => turn.room)).toEqual([session, other])
})

test('[R8] a run that failed or was cancelled does not hold up the next', async () => {
  const { alice, puppet, clock } = await talk()
  for (const id of ['m1', 'm2', 'm3']) await alice.post(id, id, session)
  puppet.on.fail(new Error('broken'))
  await clock.pass(100)
  expect(puppet.on.turn.message.id).toBe('m2')
  alice.say({ type: 'cancel', ref: 'c', room: session, run: [...alice.picture(session).runs.keys()][1] })
  await clock.pass(100)
  expect(puppet.on.turn.message.id).toBe('m3')
})

test('[R6, R8] the time that a run may take begins with its turn', async () => {
  const { alice, puppet, clock } = await talk({ limits: { runMs: 30_000 } })
  await alice.post('m1', 'one', session)
  await alice.post('m2', 'two', session)
  await clock.pass(20_000)
  puppet.on.end()
  await clock.pass(20_000)
  expect(standing(alice).run).toBe('running')
  puppet.on.end()
  await clock.settle()
  expect(standing(alice).run).toBe('completed')
})

test('[R9] an agent answers everything in sessions, and elsewhere what mentions it as a word of its own', async () => {
  const { alice, puppet } = await talk()
  await alice.join()
  const answered: string[] = []
  const sayings = [
    'hello',
    'ask @puppet',
    '@puppet?',
    '(@Puppet)',
    'Hi @PUPPET, go',
    '@puppets',
    'me@puppet',
    '@puppet-show',
    '@ puppet',
    'puppet',
  ]
  for (const [index, saying] of sayings.entries()) {
    const before = alice.picture().runs.size
    await alice.post(`m${index}`, saying)
    if (alice.picture().runs.size > before) answered.push(saying)
  }
  expect(answered).toEqual(['ask @puppet', '@puppet?', '(@Puppet)', 'Hi @PUPPET, go'])
  await alice.post('s1', 'hello', session)
  expect(alice.picture(session).runs.size).toBe(1)
  expect(puppet.turns.map(({ turn }) => turn.room)).toEqual([lobby, session])
})

test('[R9] several agents have seats of their own, and each answers by itself', async () => {
  const [talker, helper] = [new Puppet('talker'), new Puppet('helper')]
  const { alice } = await talk({
    agents: [
      { agent: talker, answers: 'everything' },
      { agent: helper, answers: 'mentions' },
    ],
  })
  await alice.join()
  await alice.post('m1', 'hello')
  await alice.post('m1', 'hello', session)
  expect([talker.turns.length, helper.turns.length]).toEqual([2, 0])
  await alice.post('m2', 'hello @helper', room('session:0b6f3c1e-6a55-4b0c-9d7e-1f1f8f0e2a11'))
  expect(helper.turns).toHaveLength(1)
})

test('[V1] an agent’s words are its own, and nobody who writes gets an agent’s id', async () => {
  const { alice, puppet, clock } = await talk()
  await alice.post('m1', 'hello', session)
  puppet.on.say('hi')
  puppet.on.end()
  await clock.pass(100)
  const [question, answer] = alice.picture(session).messages
  expect(question?.by).toEqual({ id: 'alice', kind: 'user' })
  expect(answer?.by).toEqual({ id: 'puppet', kind: 'agent', name: 'puppet' })
})

test('a log that is away for a moment ends no answer', async () => {
  let away = false
  const unavailable = async () => {
    throw new Refusal('storage.unavailable', 'the disk is full')
  }
  const { alice, puppet, clock } = await talk({
    through: (log) => ({ ...log, append: (...order) => (away ? unavailable() : log.append(...order)) }),
  })
  await alice.post('m1', 'hello', session)
  away = true
  puppet.on.say('one ')
  await clock.pass(1_000)
  puppet.on.say('two')
  puppet.on.end()
  await clock.pass(1_000)
  expect(standing(alice)).toMatchObject({ run: 'running', text: '' })
  away = false
  await clock.pass(1_000)
  expect(standing(alice)).toMatchObject({ run: 'completed', text: 'one two' })
})
