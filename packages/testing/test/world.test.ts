// Stories of people and rules, in worlds without sockets or clocks.
import assert from 'node:assert/strict'
import { textOf } from '@parley/protocol'
import { test } from 'vitest'
import { world } from '../src/scene.ts'
import type { Script } from '../src/script.ts'
import { faultsOfLog } from '../src/simulation/log-faults.ts'
import { faultOfPicture } from '../src/simulation/picture.ts'
import { idOf } from '../src/world.ts'

/** Says `count` words, one every `everyMs`. */
function slowly(count: number, everyMs: number): Script {
  return { beats: Array.from({ length: count }, (_, index) => [{ say: `${index} ` }, { pauseMs: everyMs }]).flat() }
}

test('[J3] a reader that was away gets every message once, in order', async () => {
  const { alice, bob, weather, calm } = await world({ seed: 7 })
  await alice.post('one')
  weather.cut(bob)
  await alice.post('two')
  await alice.post('three')
  assert.deepEqual(bob.texts, ['one'])
  weather.mend(bob)
  await calm()
  assert.deepEqual(bob.texts, ['one', 'two', 'three'])
})

test('[S5] what is said without a network waits, and is sent once there is one', async () => {
  const { alice, bob, weather, pass, calm } = await world()
  weather.cut(alice)
  const posted = alice.room().post('hello?')
  await pass(10_000)
  assert.deepEqual(
    alice.picture().pending.map(({ state }) => state),
    ['waiting'],
  )
  weather.mend(alice)
  await calm()
  assert.equal((await posted).position.seq, 1)
  assert.deepEqual([alice.picture().pending, bob.texts], [[], ['hello?']])
})

test('[S2] a message whose answer was lost with the server is there once', async () => {
  const { world: here, alice, bob, weather, until, calm } = await world()
  const [node] = here.nodes
  assert(node)
  weather.disk(node, { answerMs: [1_000, 1_000] })
  const posted = alice.room().post('once')
  await until(() => here.witness.position('lobby').seq === 1)
  node.crash()
  here.addNode()
  await calm()
  assert.equal((await posted).position.seq, 1)
  assert.deepEqual([alice.texts, bob.texts, await here.logged()], [['once'], ['once'], ['once']])
})

test('[S1] what a server had not written when it died is written by the next, and shown to nobody before', async () => {
  const { world: here, alice, bob, weather, pass, calm } = await world()
  const [node] = here.nodes
  assert(node)
  weather.disk(node, { writeMs: [1_000, 1_000] })
  const posted = alice.room().post('late')
  await pass(500)
  node.crash()
  assert.deepEqual([bob.texts, await here.logged()], [[], []])
  here.addNode()
  await calm()
  assert.equal((await posted).position.seq, 1)
  assert.deepEqual([alice.texts, bob.texts], [['late'], ['late']])
})

test('[S6] what was typed before a refresh is sent after it', async () => {
  const { alice, bob, weather, calm } = await world()
  weather.cut(alice)
  alice.room().post('before the refresh')
  alice.refresh()
  alice.room().post('after the refresh')
  await calm()
  assert.deepEqual(alice.texts, ['before the refresh', 'after the refresh'])
  assert.deepEqual(bob.texts, alice.texts)
})

test('[R2] an answer goes on while nobody is there to read it', async () => {
  const { alice, bob, pass, calm } = await world({ script: () => slowly(20, 100) })
  await alice.post('@guide count')
  alice.quit()
  bob.quit()
  await pass(5_000)
  await calm()
  const [, answer] = alice.messages
  assert.equal(answer?.state, 'completed')
  assert.equal(textOf(answer?.parts ?? []), Array.from({ length: 20 }, (_, index) => `${index} `).join(''))
})

test('[R3] one device stops the answer that another asked for, on another server, even where the agent is deaf', async () => {
  const script: Script = { beats: [{ forever: true, everyMs: 50, say: 'on ' }], deaf: true }
  const { world: here, alice, until, calm } = await world({ nodes: 2, seed: 3, script: () => script })
  const phone = here.addDevice('alice', 'phone')
  await alice.post('@guide go on')
  await until(() => phone.messages.length === 2, 'that the phone sees the answer')
  await phone.stop()
  await calm()
  assert.equal(alice.messages[1]?.state, 'cancelled')
  assert.deepEqual(alice.messages, phone.messages)
})

test('[R5] an answer whose server died keeps the text that was shown, and ends', async () => {
  const { world: here, alice, bob, until, calm } = await world({ script: () => slowly(1_000, 20) })
  await alice.post('@guide count')
  await until(() => (bob.texts[1] ?? '').length > 30, 'that bob reads along')
  const shown = bob.texts[1] ?? ''
  here.nodes[0]?.crash()
  here.addNode()
  await calm()
  assert.equal(bob.messages[1]?.state, 'interrupted')
  assert(bob.texts[1]?.startsWith(shown))
})

test('[R5] a server that was taken for dead and comes back takes no text back that was shown, nor writes after the end', async () => {
  const script: Script = { beats: [{ forever: true, everyMs: 10, say: 'on ' }] }
  // It comes back at every moment of the time in which the other server ends its run.
  for (let stallMs = 14_500; stallMs < 17_500; stallMs += 30) {
    const { world: here, alice, weather, pass, calm } = await world({ nodes: 2, seed: stallMs, script: () => script })
    await alice.post('@guide go on')
    await pass(100)
    const busy = here.nodes.find(({ engine }) => engine.counts.runs === 1)
    const other = here.nodes.find((node) => node !== busy)
    assert(busy && other)
    weather.disk(other, { writeMs: [100, 300] })
    busy.stall(stallMs)
    await pass(20_000)
    await calm()
    assert.deepEqual(faultsOfLog(here.witness, idOf('lobby')), [])
    assert.equal(faultOfPicture(here.witness, alice.picture()), undefined)
  }
})

test('[J3] a half-open line is noticed by both ends, and nothing is lost or told twice', async () => {
  const { alice, bob, weather, pass, calm } = await world()
  weather.freeze(bob)
  await alice.post('while you were frozen')
  const posted = bob.room().post('into the ice')
  await pass(120_000)
  assert.equal(bob.client.status, 'reconnecting')
  weather.mend(bob)
  await calm()
  await posted
  assert.deepEqual(bob.texts, ['while you were frozen', 'into the ice'])
  assert.deepEqual(alice.texts, bob.texts)
})

test('[J6] somebody on a slow line holds nobody up, and hears everything in the end', async () => {
  const { alice, bob, weather, pass, calm } = await world({ limits: { softBytes: 500 } })
  weather.slow(bob, 0.2)
  for (let count = 1; count <= 50; count += 1) await alice.post(`number ${count}`)
  await pass(100)
  assert.equal(alice.texts.length, 50)
  assert(bob.texts.length < 50)
  weather.mend(bob)
  await calm()
  assert.deepEqual(bob.texts, alice.texts)
})

test('[J3] readers on another server hear everything although every rumour was lost', async () => {
  const { alice, bob, weather, pass } = await world({ nodes: 3, seed: 5 })
  weather.gossip({ lost: 1 })
  await alice.post('one')
  await bob.post('two')
  await alice.post('three')
  await pass(10_000)
  assert.deepEqual(alice.texts, ['one', 'two', 'three'])
  assert.deepEqual(bob.texts, alice.texts)
})

test('[J4] who comes back after the past was forgotten is told so, and begins anew', async () => {
  const { world: here, alice, bob, weather, calm } = await world()
  await alice.post('one')
  weather.cut(bob)
  await alice.post('two')
  await alice.post('three')
  await here.log.trim(idOf('lobby'), 2)
  // The next server knows no more than what the log keeps.
  here.nodes[0]?.crash()
  here.addNode()
  weather.mend(bob)
  await calm()
  assert.deepEqual(bob.texts, ['three'])
  assert.deepEqual(alice.texts, ['one', 'two', 'three'])
  assert.equal(bob.client.diagnostics.resets, 1)
})

test('[J4] after the log was lost everybody begins anew, and what had not arrived is said in the new one', async () => {
  const { world: here, alice, bob, weather, calm } = await world()
  await alice.post('one')
  weather.cut(bob)
  const posted = bob.room().post('two')
  here.loseLog()
  await calm()
  assert.equal((await posted).position.epoch, here.witness.position('lobby').epoch)
  assert.deepEqual([alice.texts, bob.texts], [['two'], ['two']])
})

test('[L3] when a server is drained its readers go on with another, and nothing is missed', async () => {
  const { world: here, alice, bob, calm } = await world({ nodes: 2, seed: 2 })
  await alice.post('one')
  const [leaving] = here.nodes
  assert(leaving)
  const drained = leaving.drain(1_000)
  const posted = alice.room().post('two')
  await calm()
  await drained
  await posted
  assert.deepEqual([leaving.state, bob.texts], ['dead', ['one', 'two']])
})

test('[A2] nobody hears a private conversation of somebody else', async () => {
  const heard: string[] = []
  const session = 'session:0a0a0a0a-0000-4000-8000-000000000001'
  const {
    world: here,
    alice,
    bob,
    pass,
  } = await world({
    overheard: (device, frame) => {
      if (device.name === 'bob' && frame.includes('"events"') && frame.includes(session)) heard.push(frame)
    },
  })
  alice.watch(session)
  await alice.post('only for you', { room: session })
  bob.watch(session)
  await pass(5_000)
  assert.deepEqual([heard, bob.picture(session).messages], [[], []])
  assert.equal(bob.picture(session).problem?.code, 'access.denied')
  await assert.rejects(bob.post('let me in', { room: session }), /not allowed to write/)
  assert.deepEqual((await here.logged(session)).slice(0, 1), ['only for you'])
})

test('[S2] two tabs that share an outbox send a post once', async () => {
  const { world: here, alice, bob, weather, calm } = await world()
  const tab = here.addDevice('alice', 'tab', { outbox: alice.outbox })
  await calm()
  weather.cut(alice)
  alice.room().post('from the first tab')
  tab.refresh()
  await calm()
  assert.deepEqual([alice.texts, bob.texts, tab.texts], Array(3).fill(['from the first tab']))
  assert.deepEqual([...alice.picture().pending, ...tab.picture().pending], [])
})
