import { textOf } from '@parley/protocol'
import { expect, test } from 'vitest'
import { Puppet } from './puppet.ts'
import { lobby, type Peer, session, stage } from './stage.ts'

/** A node with an answer that is half said, and alice who hears it. */
async function halfSaid() {
  const puppet = new Puppet()
  const here = await stage({ agents: [{ agent: puppet }] })
  const alice = await here.connect('alice')
  await alice.join(session)
  await alice.post('m1', 'hello', session)
  puppet.on.say('one ')
  await here.clock.settle()
  return { ...here, here, puppet, alice }
}

function told(peer: Peer): unknown {
  const { runs, messages } = peer.picture(session)
  const [run] = [...runs.values()]
  const message = messages.at(-1)
  return { run: run?.state, message: message?.state, text: textOf(message?.parts ?? []) }
}

test('[R5] a run whose server is gone is closed as interrupted with all that was shown, within twenty seconds', async () => {
  const { here, engine, alice, clock, puppet } = await halfSaid()
  const other = await stage({ beside: here, node: 'n2', agents: [{ agent: new Puppet() }] })
  const watching = await other.connect('alice')
  await watching.join(session)
  await engine.stop()
  await clock.pass(20_000)
  expect(told(watching)).toEqual({ run: 'interrupted', message: 'interrupted', text: 'one ' })
  // The one that was taken for dead writes nothing after the end.
  puppet.on.say('two')
  puppet.on.end()
  await clock.pass(60_000)
  expect(told(watching)).toEqual({ run: 'interrupted', message: 'interrupted', text: 'one ' })
  expect(watching.texts(session)).toEqual(alice.texts(session).slice(0, 2))
})

test('[R5] a run whose server lives is left alone', async () => {
  const { here, clock, puppet } = await halfSaid()
  const other = await stage({ beside: here, node: 'n2' })
  const watching = await other.connect('alice')
  await watching.join(session)
  await clock.pass(120_000)
  expect(told(watching)).toMatchObject({ run: 'running' })
  puppet.on.say('two')
  puppet.on.end()
  await clock.pass(100)
  expect(told(watching)).toEqual({ run: 'completed', message: 'completed', text: 'one two' })
})

test('[R5, R3] a run that was being cancelled when its server died ends as cancelled', async () => {
  const { here, engine, alice, clock } = await halfSaid()
  await engine.stop()
  const run = alice.run(session)
  const by = { id: 'alice', kind: 'user' } as const
  await here.log.append(session, [{ by, id: 'c', fact: { type: 'run.cancelling', run } }])
  const other = await stage({ beside: here, node: 'n2' })
  await clock.pass(20_000)
  const watching = await other.connect('alice')
  await watching.join(session)
  expect(told(watching)).toEqual({ run: 'cancelled', message: 'cancelled', text: 'one ' })
})

test('[R3] cancelling on one server ends the run on another', async () => {
  const { here, puppet, clock } = await halfSaid()
  const other = await stage({ beside: here, node: 'n2', agents: [{ agent: new Puppet() }] })
  const bob = await other.connect('alice')
  await bob.join(session)
  expect(await bob.ask({ type: 'cancel', room: session, run: bob.run(session) })).toHaveProperty('answer')
  await clock.pass(100)
  expect(puppet.on.turn.signal.aborted).toBe(true)
  expect(told(bob)).toEqual({ run: 'cancelled', message: 'cancelled', text: 'one ' })
})

test('what happens on one server is told on the other, in one order', async () => {
  const here = await stage()
  const there = await stage({ beside: here, node: 'n2' })
  const alice = await here.connect('alice')
  const bob = await there.connect('bob')
  await alice.join()
  await bob.join()
  for (let index = 0; index < 10; index += 1)
    for (const peer of [alice, bob])
      peer.say({ type: 'post', ref: 'p', room: 'lobby', id: `m${index}`, parts: `${index}` })
  await here.clock.pass(100)
  expect(alice.picture().messages).toHaveLength(20)
  expect(alice.picture()).toEqual(bob.picture())
})

test('[L3] a server that stops says so, and lets a running answer end', async () => {
  const { engine, alice, clock, puppet } = await halfSaid()
  const gone = engine.drain(5_000)
  await clock.pass(1_000)
  expect(alice.of('leaving')).toEqual([{ type: 'leaving', retryAfterMs: expect.any(Number) }])
  expect(alice.ended).toBeUndefined()
  puppet.on.say('two')
  puppet.on.end()
  await clock.pass(100)
  await gone
  expect(told(alice)).toEqual({ run: 'completed', message: 'completed', text: 'one two' })
  expect(alice.ended).toMatchObject({ code: 1012, reason: expect.stringContaining('server.leaving') })
  expect(alice.heard.at(-1)).toMatchObject({ type: 'problem', problem: { code: 'server.leaving' } })
})

test('[L3, R5] what does not end in time is interrupted with the text so far, and everybody hears of it', async () => {
  const { engine, alice, clock, puppet } = await halfSaid()
  const gone = engine.drain(5_000)
  await clock.pass(4_000)
  expect(told(alice)).toMatchObject({ run: 'running' })
  await clock.pass(2_000)
  await gone
  expect(puppet.on.turn.signal.aborted).toBe(true)
  expect(told(alice)).toEqual({ run: 'interrupted', message: 'interrupted', text: 'one ' })
  expect(alice.ended?.code).toBe(1012)
})

test('[L3] everybody is given a time of their own to come back', async () => {
  const { connect, engine, clock } = await stage()
  const peers = [await connect('alice'), await connect('bob'), await connect('carol')]
  const gone = engine.drain(0)
  await clock.pass(100)
  await gone
  const times = peers.map((peer) => peer.of('leaving')[0]?.retryAfterMs)
  expect(new Set(times).size).toBe(3)
  for (const time of times) expect(time).toBeLessThanOrEqual(3_000)
  expect(engine.counts.connections).toBe(0)
})

test('[L3] who comes while a server stops is sent to another', async () => {
  const { engine, connect, clock } = await halfSaid()
  const gone = engine.drain(5_000)
  const late = await connect('bob')
  expect(late.ended?.code).toBe(1012)
  expect(late.heard).toMatchObject([
    { type: 'problem', problem: { code: 'server.leaving', retryAfterMs: expect.any(Number) } },
  ])
  await clock.pass(10_000)
  await gone
})

test('[L3, R1] while a server stops, messages that nobody would answer are refused for now, all others are taken', async () => {
  const { engine, alice, clock, puppet } = await halfSaid()
  await alice.join()
  const gone = engine.drain(5_000)
  await clock.settle()
  expect(await alice.post('m2', 'and then?', session)).toMatchObject({ problem: { code: 'server.leaving' } })
  expect(await alice.post('m1', 'to all', lobby)).toHaveProperty('answer')
  await clock.pass(10_000)
  await gone
  expect(puppet.turns).toHaveLength(1)
  expect(alice.texts(session)).toEqual(['hello', 'one '])
})
