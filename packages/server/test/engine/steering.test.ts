import { textOf } from '@parley/protocol'
import { expect, test } from 'vitest'
import type { Actor } from '../../src/seams/access.ts'
import type { Agent, Turn } from '../../src/seams/agent.ts'
import { Puppet } from './puppet.ts'
import { lobby, type Peer, type StageOptions, session, stage } from './stage.ts'

/** A puppet that can be steered. */
class Steerable extends Puppet implements Agent {
  readonly steers = true
}

async function talk(
  overlap: 'queue' | 'steer' | 'interrupt' | 'refuse',
  puppet: Puppet = new Steerable(),
  options: StageOptions = {},
) {
  const here = await stage({ agents: [{ agent: puppet, overlap, answers: 'everything' }], ...options })
  const alice = await here.connect('alice')
  await alice.join(session)
  return { ...here, alice, puppet }
}

function states(peer: Peer, where = session): readonly string[] {
  return [...peer.picture(where).runs.values()].map(({ state }) => state)
}

function steeringOf(turn: Turn): readonly string[] {
  return turn.steering().map(({ parts }) => textOf(parts))
}

test('[O1] a message during a run waits for its turn, and its sender learns so', async () => {
  const { alice, puppet } = await talk('queue')
  expect(await alice.post('m1', 'first', session)).toMatchObject({
    answer: { calls: [{ agent: 'puppet', how: 'answers', run: alice.run(session) }] },
  })
  expect(await alice.post('m2', 'second', session)).toMatchObject({ answer: { calls: [{ how: 'waits' }] } })
  expect(puppet.turns).toHaveLength(1)
})

test('[O1] a message that is sent again does not tell again what it set going', async () => {
  const { alice } = await talk('steer')
  await alice.post('m1', 'first', session)
  const { answer } = await alice.post('m1', 'first', session)
  expect(answer).toMatchObject({ repeated: true })
  expect(answer).not.toHaveProperty('calls')
  expect(states(alice)).toEqual(['running'])
})

test('[O2] where the room steers, a message is given to the run at work, and begins none', async () => {
  const { alice, puppet, clock } = await talk('steer')
  await alice.post('m1', 'first', session)
  const run = alice.run(session)
  const { turn } = puppet.on
  expect(turn.steered.aborted).toBe(false)
  expect(await alice.post('m2', 'shorter', session)).toMatchObject({ answer: { calls: [{ how: 'steers', run }] } })
  expect(turn.steered.aborted).toBe(true)
  expect(steeringOf(turn)).toEqual(['shorter'])
  expect([turn.steered.aborted, steeringOf(turn)]).toEqual([false, []])
  puppet.on.end()
  await clock.pass(50)
  expect(states(alice)).toEqual(['completed'])
  expect(alice.picture(session).runs.get(run)?.steeredBy).toEqual(['alice/m2'])
})

test('[O2] an agent that cannot be steered has the message wait', async () => {
  const { alice } = await talk('steer', new Puppet())
  await alice.post('m1', 'first', session)
  expect(await alice.post('m2', 'second', session)).toMatchObject({ answer: { calls: [{ how: 'waits' }] } })
})

test('[O2] a message that came too late to steer is answered like any other', async () => {
  const { alice, puppet, clock } = await talk('steer')
  await alice.post('m1', 'first', session)
  await alice.post('m2', 'shorter', session)
  puppet.on.end()
  await clock.pass(50)
  expect(states(alice)).toEqual(['completed', 'running'])
  expect(puppet.on.turn.message.key).toBe('alice/m2')
})

test('[O2] its sender may steer in a room where messages wait', async () => {
  const { alice, puppet } = await talk('queue')
  await alice.post('m1', 'first', session)
  const run = alice.run(session)
  const post = { type: 'post', room: session, id: 'm2', parts: [{ type: 'text', text: 'shorter' }], steers: run }
  expect(await alice.ask(post)).toMatchObject({ answer: { calls: [{ how: 'steers', run }] } })
  expect(steeringOf(puppet.on.turn)).toEqual(['shorter'])
})

test('[O2] nobody steers the answer to another’s question', async () => {
  const { alice, puppet, connect } = await talk('queue')
  await alice.join(lobby)
  await alice.post('m1', 'first', lobby)
  const bob = await connect('bob')
  await bob.join(lobby)
  const post = { type: 'post', room: lobby, id: 'b1', parts: [{ type: 'text', text: 'no' }], steers: bob.run(lobby) }
  expect(await bob.ask(post)).toMatchObject({ answer: { calls: [{ how: 'waits' }] } })
  expect(steeringOf(puppet.on.turn)).toEqual([])
})

test('[O2] steering a run that is over is a message like any other', async () => {
  const { alice, puppet, clock } = await talk('queue')
  await alice.post('m1', 'first', session)
  const run = alice.run(session)
  puppet.on.end()
  await clock.pass(50)
  const post = { type: 'post', room: session, id: 'm2', parts: [{ type: 'text', text: 'shorter' }], steers: run }
  expect(await alice.ask(post)).toMatchObject({ answer: { calls: [{ how: 'answers' }] } })
  expect(puppet.turns).toHaveLength(2)
})

test('[O3] where the room interrupts, the run at work is stopped and the message is answered', async () => {
  const { alice, puppet, clock } = await talk('interrupt')
  await alice.post('m1', 'first', session)
  expect(await alice.post('m2', 'second', session)).toMatchObject({ answer: { calls: [{ how: 'interrupts' }] } })
  await clock.pass(50)
  expect(states(alice)).toEqual(['cancelled', 'running'])
  expect(puppet.on.turn.message.key).toBe('alice/m2')
})

test('[O4] where the room refuses, what was typed is not taken, and a message that was taken is no news', async () => {
  const { alice, puppet, clock } = await talk('refuse')
  await alice.post('m1', 'first', session)
  expect(await alice.post('m2', 'second', session)).toMatchObject({ problem: { code: 'run.busy' } })
  expect(await alice.post('m1', 'first', session)).toMatchObject({ answer: { repeated: true } })
  expect(alice.texts(session)).toEqual(['first', ''])
  puppet.on.end()
  await clock.pass(50)
  await alice.post('m3', 'third', session)
  expect(await alice.post('m1', 'first', session)).toMatchObject({ answer: { repeated: true } })
  expect(states(alice)).toEqual(['completed', 'running'])
})

test('[R11] an answer can be made anew: the newer supersedes, and both stay in the log', async () => {
  const { alice, puppet, clock } = await talk('queue')
  await alice.post('m1', 'first', session)
  puppet.on.say('one')
  puppet.on.end()
  await clock.pass(50)
  const old = alice.run(session)
  const again = { type: 'regenerate', room: session, run: old, id: 'again' }
  const { answer } = await alice.ask(again)
  const run = alice.run(session)
  expect(run).not.toBe(old)
  expect(answer).toMatchObject({ type: 'regenerate', run })
  expect(await alice.ask(again)).toMatchObject({ answer: { run } })
  expect(puppet.turns).toHaveLength(2)
  expect(puppet.on.turn.message.key).toBe('alice/m1')
  expect(puppet.on.turn.history).toEqual([])
  puppet.on.say('two')
  puppet.on.end()
  await clock.pass(50)
  const { messages } = alice.picture(session)
  expect(messages.map(({ parts, supersededBy }) => [textOf(parts), supersededBy])).toEqual([
    ['first', undefined],
    ['one', run],
    ['two', undefined],
  ])
  await alice.post('m2', 'and now?', session)
  expect(puppet.on.turn.history.map(({ parts }) => textOf(parts))).toEqual(['first', 'two'])
})

test('[R11] to make an answer anew that is still being written stops it first', async () => {
  const { alice, clock } = await talk('queue')
  await alice.post('m1', 'first', session)
  await alice.ask({ type: 'regenerate', room: session, run: alice.run(session), id: 'again' })
  await clock.pass(50)
  expect(states(alice)).toEqual(['cancelled', 'running'])
})

test('[R11] what no agent here ever did cannot be done anew', async () => {
  const { alice } = await talk('queue')
  await alice.post('m1', 'first', session)
  expect(await alice.ask({ type: 'regenerate', room: session, run: 'run-nobody', id: 'again' })).toMatchObject({
    problem: { code: 'run.over' },
  })
})

test('[R12] a question can be asked anew: it and its answers are superseded, and an answer under way is stopped', async () => {
  const { alice, puppet, clock } = await talk('queue')
  await alice.post('m1', 'frist', session)
  puppet.on.say('what?')
  await clock.pass(50)
  const post = { type: 'post', room: session, id: 'm2', parts: [{ type: 'text', text: 'first' }], supersedes: 'm1' }
  await alice.ask(post)
  await clock.pass(50)
  expect(states(alice)).toEqual(['cancelled', 'running'])
  expect(alice.picture(session).messages.map(({ supersededBy }) => supersededBy)).toEqual([
    'alice/m2',
    'alice/m2',
    undefined,
    undefined,
  ])
  expect(puppet.on.turn.history).toEqual([])
  expect(await alice.ask(post)).toMatchObject({ answer: { repeated: true } })
})

test('[R12] only a message of one’s own can be said better', async () => {
  const { alice, connect } = await talk('queue')
  await alice.join(lobby)
  await alice.post('m1', 'hello', lobby)
  const bob = await connect('bob')
  await bob.join(lobby)
  const parts = [{ type: 'text', text: 'bye' }]
  for (const supersedes of ['m1', 'none'])
    expect(await bob.ask({ type: 'post', room: lobby, id: 'b1', parts, supersedes })).toMatchObject({
      problem: { code: 'message.unknown' },
    })
  expect(bob.texts(lobby)).not.toContain('bye')
})

test('[R3] another’s run is stopped and made anew only by those who manage the room', async () => {
  const { alice, tokens, connect } = await talk('queue')
  const runner: Actor = { id: 'rob', kind: 'user', grants: [{ room: 'lobby', can: ['read', 'write', 'run'] }] }
  tokens.set('rob', runner)
  await alice.join(lobby)
  await alice.post('m1', 'hello', lobby)
  const rob = await connect('rob')
  await rob.join(lobby)
  const run = rob.run(lobby)
  const cancel = { type: 'cancel', room: 'lobby', run }
  expect(await rob.ask(cancel)).toMatchObject({ problem: { code: 'access.denied' } })
  expect(await rob.ask({ type: 'regenerate', room: 'lobby', run, id: 'x' })).toMatchObject({
    problem: { code: 'access.denied' },
  })
  expect(await alice.ask(cancel)).toMatchObject({ answer: { type: 'cancel' } })
})
