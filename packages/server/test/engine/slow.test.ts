import { textOf } from '@parley/protocol'
import { expect, test } from 'vitest'
import { memoryBroker } from '../../src/adapters/memory-broker.ts'
import { Puppet } from './puppet.ts'
import { type Heard, lobby, type Peer, session, stage } from './stage.ts'

const everything = (agent: Puppet) => [{ agent, answers: 'everything' }] as const
const small = { softBytes: 1_000, hardBytes: 100_000 }

/** A house in which an answer is streaming, with somebody quick who hears it. */
async function streaming() {
  const puppet = new Puppet()
  const here = await stage({ agents: everything(puppet), limits: small })
  const alice = await here.connect('alice')
  await alice.join(session)
  return {
    ...here,
    puppet,
    alice,
    async say(...pieces: readonly string[]) {
      for (const piece of pieces) {
        puppet.on.say(piece)
        await here.clock.pass(30)
      }
    },
  }
}

const words = Array.from({ length: 60 }, (_, index) => `word-${index} `)
const answer = words.join('')

function payloads(peer: Peer, type: string): NonNullable<Heard['payload']>[] {
  return peer.of(type).map(({ payload = {} }) => payload)
}

test('[J6] who takes bytes too slowly keeps the connection, hears the rest later, in fewer and larger pieces', async () => {
  const { alice, connect, clock, puppet, say } = await streaming()
  const slow = await connect('alice')
  await slow.join(session)
  await alice.post('m1', 'question', session)
  await say(...words.slice(0, 5))
  slow.stuck = true
  await say(...words.slice(5))
  const meanwhile = slow.pages(session).length
  expect(slow.buffered).toBeLessThan(3_000)
  expect(slow.texts(session).at(-1)?.length).toBeLessThan(answer.length)
  expect(alice.texts(session).at(-1)).toBe(answer)
  slow.drain()
  await clock.settle()
  expect(slow.texts(session).at(-1)).toBe(answer)
  expect(slow.pages(session).length).toBe(meanwhile + 1)
  expect(slow.ended).toBeUndefined()
  puppet.on.say('and live again')
  await clock.pass(30)
  puppet.on.end()
  await clock.pass(30)
  expect(slow.picture(session)).toEqual(alice.picture(session))
})

test('[J6, V2] who was away until an answer had ended hears only its end', async () => {
  const { alice, connect, clock, puppet, say } = await streaming()
  const slow = await connect('alice')
  await slow.join(session)
  await alice.post('m1', 'question', session)
  slow.stuck = true
  slow.buffered = 2_000
  await say(...words)
  puppet.on.end()
  await clock.pass(30)
  const before = slow.pages(session).length
  slow.drain()
  await clock.settle()
  const facts = slow
    .pages(session)
    .slice(before)
    .flatMap((page) => page.events.map(({ fact }) => fact.type))
  expect(facts).not.toContain('message.grew')
  expect(slow.picture(session)).toEqual(alice.picture(session))
})

test('[J6] a slow reader slows nobody else down', async () => {
  const { connect, engine, clock } = await stage({ limits: small })
  const alice = await connect('alice')
  const bob = await connect('bob')
  const slow = await connect('carol')
  for (const peer of [alice, bob, slow]) await peer.join()
  slow.stuck = true
  slow.buffered = 2_000
  for (let index = 0; index < 100; index += 1) await alice.post(`m${index}`, `${index}`)
  expect(bob.texts()).toHaveLength(100)
  expect(slow.texts()).toHaveLength(0)
  expect(engine.counts.connections).toBe(3)
  slow.drain()
  await clock.settle()
  expect(slow.texts()).toEqual(bob.texts())
})

test('[J6] a connection that nobody tells of its draining is looked after all the same', async () => {
  const { connect, clock } = await stage({ limits: small })
  const alice = await connect('alice')
  const slow = await connect('carol')
  await alice.join()
  await slow.join()
  slow.buffered = 2_000
  await alice.post('m1', 'hello')
  slow.buffered = 0
  await clock.pass(2_000)
  expect(slow.texts()).toEqual(['hello'])
})

test('[E4] the pieces of a stream put together are the text of its end, also for a connection that was slow', async () => {
  for (const drains of ['in mid-stream', 'after its end'] as const) {
    const { alice, connect, clock, puppet, say } = await streaming()
    const slow = await connect('alice', { dialect: 'envelope' })
    slow.say({ type: 'joinRoom', payload: { roomId: session } })
    await clock.settle()
    await alice.post('m1', 'question', session)
    await say(...words.slice(0, 10))
    slow.stuck = true
    await say(...words.slice(10, 40))
    if (drains === 'in mid-stream') {
      slow.drain()
      await clock.settle()
    }
    await say(...words.slice(40))
    puppet.on.end()
    await clock.pass(30)
    slow.drain()
    await clock.settle()
    const pieces = payloads(slow, 'streamChunk').map(({ content }) => content)
    expect(pieces.join('')).toBe(answer)
    expect(payloads(slow, 'streamEnd')).toMatchObject([{ content: answer, status: 'completed' }])
    expect(payloads(slow, 'streamStart')).toHaveLength(1)
  }
})

test('[E4] the pieces are whole also where the news of an answer got lost between servers', async () => {
  const { alice, clock, puppet, say, ...here } = await streaming()
  // The second server has a broker that nobody else speaks to: it learns everything from the log, in the end.
  const alone = memoryBroker({ soon: (run) => clock.soon(run) })
  const there = await stage({ beside: { ...here, clock, broker: () => alone.node() }, node: 'n2' })
  const far = await there.connect('alice', { dialect: 'envelope' })
  far.say({ type: 'joinRoom', payload: { roomId: session } })
  await alice.post('m1', 'question', session)
  await say(...words.slice(0, 10))
  await clock.pass(6_000)
  expect(payloads(far, 'streamChunk').length).toBeGreaterThan(0)
  await say(...words.slice(10))
  puppet.on.end()
  await alice.post('m2', 'and then?', session)
  await clock.pass(6_000)
  const pieces = payloads(far, 'streamChunk').map(({ content }) => content)
  expect(pieces.join('')).toBe(answer)
  expect(payloads(far, 'streamEnd')).toMatchObject([{ content: answer }])
})

test('[E4, J5] who joins in mid-stream hears the stream from its start', async () => {
  const { alice, connect, clock, puppet, say } = await streaming()
  await alice.post('m1', 'question', session)
  await say(...words.slice(0, 20))
  const late = await connect('alice', { dialect: 'envelope' })
  late.say({ type: 'joinRoom', payload: { roomId: session } })
  await clock.settle()
  await say(...words.slice(20))
  puppet.on.end()
  await clock.pass(30)
  expect(payloads(late, 'streamStart')).toHaveLength(1)
  expect(
    payloads(late, 'streamChunk')
      .map(({ content }) => content)
      .join(''),
  ).toBe(answer)
  expect(payloads(late, 'streamEnd')).toMatchObject([{ content: answer }])
})

test('[W2] the chunks put together are the answer, also for a connection that was slow', async () => {
  const { alice, connect, clock, puppet, say } = await streaming()
  const params = new Map([['session', session.slice('session:'.length)]])
  const slow = await connect('alice', { dialect: 'flat', params })
  slow.say({ type: 'user_message', content: 'question' })
  await clock.settle()
  await say(...words.slice(0, 10))
  slow.stuck = true
  await say(...words.slice(10))
  puppet.on.end()
  await clock.pass(30)
  slow.drain()
  await clock.settle()
  expect(
    slow
      .of('stream_chunk')
      .map(({ content }) => content)
      .join(''),
  ).toBe(answer)
  expect(slow.heard.map(({ type }) => type).filter((type) => type !== 'stream_chunk')).toEqual([
    'connection_established',
    'stream_start',
    'stream_end',
  ])
  expect(alice.picture(session).messages.map(({ parts }) => textOf(parts))).toEqual(['question', answer])
})

test('[L2] a connection for which too much waits is closed with 4007, and resumes from its position without loss', async () => {
  const { connect, clock } = await stage({ limits: { softBytes: 1_000, hardBytes: 20_000 } })
  const alice = await connect('alice')
  const slow = await connect('carol')
  await alice.join()
  await slow.join()
  await alice.post('m1', 'one')
  slow.stuck = true
  for (let index = 0; index < 400; index += 1) slow.say({ type: 'ping', ref: 'x'.repeat(100) })
  await clock.settle()
  expect(slow.ended).toMatchObject({ code: 4007, reason: expect.stringContaining('reader.slow') })
  await alice.post('m2', 'two')
  const back = await connect('carol')
  await back.join(lobby, { at: slow.picture().position })
  expect([...slow.texts(), ...back.pages().flatMap(({ events }) => events.map(({ id }) => id))]).toEqual(['one', 'm2'])
})

test('[L2] a connection that takes nothing for ten seconds while bytes wait is closed with 4007', async () => {
  const { connect, clock } = await stage()
  const alice = await connect('alice')
  const slow = await connect('carol')
  await alice.join()
  await slow.join()
  slow.stuck = true
  await alice.post('m1', 'hello')
  await clock.pass(8_000)
  expect(slow.ended).toBeUndefined()
  await clock.pass(5_000)
  expect(slow.ended).toMatchObject({ code: 4007 })
  expect(alice.ended).toBeUndefined()
})

test('[L2] who takes little, but something, is slow and not gone', async () => {
  const { connect, clock } = await stage()
  const alice = await connect('alice')
  const slow = await connect('carol')
  await alice.join()
  await slow.join()
  slow.stuck = true
  await alice.post('m1', 'x'.repeat(1_000))
  for (let second = 0; second < 60; second += 1) {
    slow.buffered -= 10
    await clock.pass(1_000)
  }
  expect(slow.ended).toBeUndefined()
})
