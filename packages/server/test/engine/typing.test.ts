import { expect, test } from 'vitest'
import { Puppet } from './puppet.ts'
import { lobby, type Peer, session, stage } from './stage.ts'

/** Two who hear the lobby. */
async function two() {
  const here = await stage()
  const [alice, bob] = [await here.connect('alice'), await here.connect('bob')]
  await alice.join()
  await bob.join()
  await here.clock.pass(1_000)
  return { here, alice, bob, clock: here.clock }
}

function type(peer: Peer, on: boolean, where = lobby) {
  return peer.ask({ type: 'typing', room: where, on })
}

/** What a peer was told of who writes, as `+user` and `-user`. */
function told(peer: Peer, where = lobby): string[] {
  return peer.frames('typing', where).flatMap((frame) => frame.map(({ user, on }) => `${on ? '+' : '-'}${user.id}`))
}

test('who writes is shown to all who listen, at once, and so is that they have stopped', async () => {
  const { alice, bob, clock } = await two()
  expect(await type(alice, true)).toMatchObject({ answer: { type: 'typing', room: lobby } })
  expect([told(alice), told(bob)]).toEqual([['+alice'], ['+alice']])
  expect(bob.frames('typing')).toEqual([[{ type: 'typing', user: { id: 'alice', kind: 'user' }, on: true }]])
  await type(alice, false)
  await clock.pass(500)
  expect(told(bob)).toEqual(['+alice', '-alice'])
})

test('what was told is not told again, however often it is said', async () => {
  const { alice, bob, clock } = await two()
  for (let second = 0; second < 20; second += 1) {
    await type(alice, true)
    await clock.pass(1_000)
  }
  expect(told(bob)).toEqual(['+alice'])
})

test('[U4] who says nothing more has stopped after six seconds', async () => {
  const { alice, bob, clock } = await two()
  await type(alice, true)
  await clock.pass(4_000)
  await type(alice, true)
  await clock.pass(5_500)
  expect(told(bob)).toEqual(['+alice'])
  await clock.pass(2_000)
  expect(told(bob)).toEqual(['+alice', '-alice'])
  await clock.pass(60_000)
  expect(told(bob)).toEqual(['+alice', '-alice'])
})

test('[U4] who posts has stopped writing', async () => {
  const { alice, bob, clock } = await two()
  await type(alice, true)
  await alice.post('m1', 'there you are')
  await clock.pass(500)
  expect(told(bob)).toEqual(['+alice', '-alice'])
})

test('who only began and posted at once was never seen writing', async () => {
  const { alice, bob, clock } = await two()
  await type(bob, true)
  await type(alice, true)
  await alice.post('m1', 'there you are')
  await clock.pass(2_000)
  expect(told(bob)).toEqual(['+bob'])
})

test('who comes hears who writes, and not who has stopped', async () => {
  const { here, alice, bob, clock } = await two()
  await type(alice, true)
  await type(bob, true)
  await clock.pass(1_000)
  await type(bob, false)
  await clock.pass(1_000)
  const carol = await here.connect('carol')
  await carol.join()
  await clock.pass(500)
  expect(told(carol)).toEqual(['+alice'])
})

test('who writes is shown on other nodes as long as they go on, and not after their node has died', async () => {
  const here = await stage()
  const there = await stage({ beside: here, node: 'n2' })
  const [alice, bob] = [await here.connect('alice'), await there.connect('bob')]
  await alice.join()
  await bob.join()
  for (let round = 0; round < 5; round += 1) {
    await type(alice, true)
    await here.clock.pass(3_000)
  }
  expect(told(bob)).toEqual(['+alice'])
  await here.engine.stop()
  await here.clock.pass(8_000)
  expect(told(bob)).toEqual(['+alice', '-alice'])
})

test('who may not write in a room is not shown writing there', async () => {
  const { clock, connect } = await stage({
    access: { permit: (actor, action) => action === 'read' || actor.id !== 'alice' },
  })
  const [alice, bob] = [await connect('alice'), await connect('bob')]
  await alice.join()
  await bob.join()
  expect(await type(alice, true)).toMatchObject({ problem: { code: 'access.denied' } })
  await type(bob, true)
  await clock.pass(1_000)
  expect(told(alice)).toEqual(['+bob'])
})

test('what a token grants is told to nobody', async () => {
  const { here, bob, clock } = await two()
  const grants = [{ room: 'lobby', can: ['read', 'write'] }] as const
  here.tokens.set('dora', { id: 'dora', kind: 'user', name: 'Dora', grants })
  const dora = await here.connect('dora')
  await dora.join()
  await type(dora, true)
  await clock.pass(1_000)
  const user = { id: 'dora', kind: 'user', name: 'Dora' }
  expect(bob.frames('typing').at(-1)).toEqual([{ type: 'typing', user, on: true }])
  expect(bob.frames('presence').at(-1)).toEqual([{ type: 'presence', user, here: true }])
})

test('[U4] an agent writes from the question to the end of its answer', async () => {
  const puppet = new Puppet()
  const { connect, clock } = await stage({ agents: [{ agent: puppet }] })
  const alice = await connect('alice')
  await alice.join(session)
  await alice.post('m1', 'hello', session)
  await clock.pass(1_000)
  expect(told(alice, session)).toEqual(['+puppet'])
  puppet.on.say('well')
  await clock.pass(20_000)
  expect(told(alice, session)).toEqual(['+puppet'])
  const late = await connect('alice')
  await late.join(session)
  await clock.pass(500)
  expect(told(late, session)).toEqual(['+puppet'])
  puppet.on.end()
  await clock.pass(1_000)
  expect(told(alice, session)).toEqual(['+puppet', '-puppet'])
})

test('an agent that is stopped, or has more to answer, writes until the last of it', async () => {
  const puppet = new Puppet()
  const { connect, clock } = await stage({ agents: [{ agent: puppet }] })
  const alice = await connect('alice')
  await alice.join(session)
  await alice.post('m1', 'one', session)
  await alice.post('m2', 'two', session)
  await clock.pass(1_000)
  puppet.on.end()
  await clock.pass(2_000)
  expect(told(alice, session)).toEqual(['+puppet'])
  await alice.ask({ type: 'cancel', room: session, run: alice.run(session) })
  await clock.pass(1_000)
  expect(told(alice, session)).toEqual(['+puppet', '-puppet'])
})
