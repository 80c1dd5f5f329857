import { timelineOf } from '@parley/protocol'
import { expect, test } from 'vitest'
import { memoryLog } from '../../src/adapters/memory-log.ts'
import type { Log } from '../../src/seams/log.ts'
import { Puppet } from './puppet.ts'
import { lobby, type Peer, room, session, stage } from './stage.ts'

async function chat(peer: Peer, ...texts: readonly string[]): Promise<void> {
  for (const [index, text] of texts.entries()) await peer.post(`${text}-${index}`, text)
}

test('[J1] joining opens a room that does not exist yet, and is answered before the first page', async () => {
  const { connect, log } = await stage()
  const alice = await connect('alice')
  expect(await log.info(lobby)).toBeUndefined()
  const { answer } = await alice.join()
  const { epoch } = (await log.info(lobby)) ?? {}
  expect(answer).toEqual({
    type: 'join',
    room: 'lobby',
    position: { epoch, seq: 0 },
    members: [{ id: 'alice', kind: 'user' }],
  })
  expect(alice.heard.map(({ type }) => type)).toEqual(['welcome', 'reply', 'page', 'signals'])
})

test('[J1] what is not joined, and was never opened, is not there', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  expect(await alice.post('m1', 'hello')).toMatchObject({ problem: { code: 'room.unknown' } })
  expect(await alice.ask({ type: 'older', room: 'lobby', before: 9 })).toMatchObject({
    problem: { code: 'room.unknown' },
  })
  expect(await alice.ask({ type: 'cancel', room: 'lobby', run: 'r' })).toMatchObject({
    problem: { code: 'room.unknown' },
  })
  expect(await alice.ask({ type: 'leave', room: 'lobby' })).toMatchObject({ problem: { code: 'room.unknown' } })
})

test('who joins is told who is there: people once, and the agents that answer', async () => {
  const { connect } = await stage({ agents: [{ agent: new Puppet('guide') }] })
  const phone = await connect('alice')
  const laptop = await connect('alice')
  const bob = await connect('bob')
  await phone.join()
  await laptop.join()
  const { answer } = await bob.join()
  const members = answer?.type === 'join' ? answer.members.map(({ id }) => id) : []
  expect(members.toSorted()).toEqual(['alice', 'bob', 'guide'])
})

test('[J2] the first page of an empty room comes, and begins anew', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  await alice.join()
  expect(alice.pages()).toEqual([
    { room: 'lobby', epoch: expect.any(String), after: 0, upTo: 0, events: [], reset: 'start', earlier: false },
  ])
})

test('[J2] the first page holds the last events that were asked for, and tells whether there are more', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await chat(alice, 'one', 'two', 'three')
  for (const [history, texts, earlier] of [
    [0, [], true],
    [2, ['two', 'three'], true],
    [3, ['one', 'two', 'three'], false],
    [undefined, ['one', 'two', 'three'], false],
  ] as const) {
    const bob = await connect('bob')
    await bob.join(lobby, history === undefined ? {} : { history })
    expect(bob.texts()).toEqual(texts)
    expect(bob.pages()[0]).toMatchObject({ reset: 'start', earlier, upTo: 3 })
  }
})

test('[J2, V2] growth does not count as history', async () => {
  const puppet = new Puppet()
  const { connect, clock } = await stage({ agents: [{ agent: puppet, answers: 'everything' }] })
  const alice = await connect('alice')
  await alice.join()
  await alice.post('m1', 'question')
  for (const piece of ['one ', 'two ', 'three']) {
    puppet.on.say(piece)
    await clock.pass(50)
  }
  const bob = await connect('bob')
  await bob.join(lobby, { history: 3 })
  expect(bob.texts()).toEqual(['question', 'one two three'])
})

test('[J3] with a position only what follows is told, once and in order, and then what happens', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await chat(alice, 'one', 'two')
  const at = alice.picture().position
  await chat(alice, 'three', 'four')
  const bob = await connect('bob')
  await bob.join(lobby, { at })
  await alice.post('five', 'five')
  const events = bob.pages().flatMap((page) => page.events)
  expect(events.map(({ seq }) => seq)).toEqual([3, 4, 5])
  expect(bob.pages()[0]).toMatchObject({ after: 2, upTo: 4 })
  expect(bob.pages().every((page) => page.reset === undefined)).toBe(true)
})

test('[J3, P3] who is up to date hears nothing until something happens', async () => {
  const { connect, clock } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await chat(alice, 'one')
  const bob = await connect('bob')
  await bob.join(lobby, { at: alice.picture().position })
  await clock.pass(60_000)
  expect(bob.pages()).toEqual([])
  await alice.post('two', 'two')
  expect(bob.pages()).toHaveLength(1)
})

test('[J3] between the past and what happens now there is no gap, however long the past', async () => {
  const { connect, clock } = await stage({ limits: { connectionRate: 0, userRate: 0 } })
  const alice = await connect('alice')
  await alice.join(lobby, { history: 0 })
  for (let count = 0; count < 3_000; count += 1)
    alice.say({ type: 'post', ref: 'p', room: 'lobby', id: `m${count}`, parts: `${count}` })
  await clock.settle()
  const bob = await connect('bob')
  bob.say({ type: 'join', ref: 'j', room: 'lobby', at: { epoch: alice.picture().position?.epoch, seq: 0 } })
  // It goes on while bob is still reading.
  for (let count = 3_000; count < 3_100; count += 1)
    alice.say({ type: 'post', ref: 'p', room: 'lobby', id: `m${count}`, parts: `${count}` })
  await clock.settle()
  const seqs = bob.pages().flatMap((page) => page.events.map(({ seq }) => seq))
  expect(seqs).toEqual(Array.from({ length: 3_100 }, (_, index) => index + 1))
  let from = 0
  for (const page of bob.pages()) {
    expect(page.after).toBe(from)
    from = page.upTo
  }
})

test('[J4] a position of another log, or beyond this one, is answered with a page that begins anew and says why', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await chat(alice, 'one', 'two')
  const epoch = alice.picture().position?.epoch
  const strays = [
    { at: { epoch: 'another', seq: 1 }, reset: 'epoch', peer: await connect('bob') },
    { at: { epoch, seq: 3 }, reset: 'future', peer: await connect('bob') },
    { at: { epoch, seq: 2 ** 40 }, reset: 'future', peer: await connect('bob') },
  ]
  for (const { at, reset, peer } of strays) {
    expect(await peer.join(lobby, { at })).toHaveProperty('answer')
    expect(peer.pages()).toMatchObject([{ reset, after: 0, upTo: 2 }])
  }
  await alice.post('three', 'three')
  for (const { peer } of strays) expect(peer.picture()).toEqual(alice.picture())
})

test('[J4] events that are forgotten are told of as such', async () => {
  const { connect, log, clock } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await chat(alice, 'one', 'two', 'three')
  const epoch = alice.picture().position?.epoch
  // Nobody is there for a while, so what was said last is not at hand any more.
  alice.vanish()
  await clock.pass(120_000)
  await log.trim(lobby, 2)
  const bob = await connect('bob')
  await bob.join(lobby, { at: { epoch, seq: 1 } })
  expect(bob.pages()).toMatchObject([{ reset: 'retention', after: 2, upTo: 3, earlier: false }])
  expect(bob.texts()).toEqual(['three'])
})

test('[J4, E4] a log that is replaced under its readers is told anew to each of them, and whole', async () => {
  const guide = { id: 'guide', kind: 'agent' } as const
  const opened = { by: guide, id: 'o', fact: { type: 'message.opened', message: 'm' } } as const
  const grew = (text: string) =>
    ({ by: guide, fact: { type: 'message.grew', message: 'm', part: 0, kind: 'text', from: 0, text } }) as const
  const parts = [{ type: 'text', text: 'new and whole' }] as const
  const closed = {
    by: guide,
    id: 'c',
    fact: { type: 'message.closed', message: 'm', parts, outcome: 'completed' },
  } as const
  for (const ends of ['before', 'after']) {
    let present: Log | undefined
    const { connect, clock, log } = await stage({
      through: (log) => new Proxy(log, { get: (_, name) => Reflect.get(present ?? log, name) }),
    })
    const native = await connect('alice')
    const envelope = await connect('alice', { dialect: 'envelope' })
    await native.join()
    envelope.say({ type: 'joinRoom', payload: { roomId: 'lobby' } })
    await log.append(lobby, [opened, grew('the old words, ')])
    await clock.pass(10_000)
    expect(native.texts()).toEqual(['the old words, '])
    const other = memoryLog({ now: () => clock.now(), uuid: () => 'another-epoch' })
    await other.open(lobby)
    await other.append(lobby, [opened, grew('new')])
    if (ends === 'before') await other.append(lobby, [closed])
    present = other
    await clock.pass(10_000)
    if (ends === 'after') await other.append(lobby, [closed])
    await clock.pass(10_000)
    expect(native.pages().find(({ reset }) => reset === 'epoch')).toMatchObject({ epoch: 'another-epoch', after: 0 })
    expect(native.texts()).toEqual(['new and whole'])
    const since = envelope.heard.slice(envelope.heard.findIndex(({ type }) => type === 'roomReset'))
    expect(since[0]?.payload).toEqual({ roomId: 'lobby', reason: 'epoch' })
    const pieces = since.filter(({ type }) => type === 'streamChunk').map(({ payload }) => payload?.content)
    expect(pieces.join('')).toBe('new and whole')
  }
})

test('[J5] who joins in mid-stream begins where no message or run is open, and hears the rest', async () => {
  const puppet = new Puppet()
  const { connect, clock } = await stage({ agents: [{ agent: puppet, answers: 'everything' }] })
  const alice = await connect('alice')
  await alice.join()
  await alice.post('m1', 'question')
  puppet.on.say('one ')
  await clock.settle()
  await alice.post('m2', 'late')
  const bob = await connect('bob')
  await bob.join(lobby, { history: 1 })
  expect(bob.texts()).toEqual(['one ', 'late', ''])
  puppet.on.say('two')
  puppet.on.end()
  await clock.pass(100)
  expect(bob.texts()).toEqual(['one two', 'late', ''])
  expect(bob.picture().messages).toEqual(alice.picture().messages.slice(1))
  expect(bob.picture().runs).toEqual(alice.picture().runs)
})

test('[J7] joining again replaces the place, and nothing is told twice', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await chat(alice, 'one', 'two')
  const heard = alice.pages().length
  await alice.join(lobby, { at: { epoch: alice.picture().position?.epoch, seq: 1 } })
  expect(alice.pages().slice(heard)).toMatchObject([{ after: 1, upTo: 2 }])
  await alice.post('three', 'three')
  expect(alice.pages().slice(heard + 1)).toMatchObject([{ after: 2, upTo: 3 }])
})

test('[J7] of joins sent together the newest counts', async () => {
  const { connect, clock } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await chat(alice, 'one', 'two', 'three')
  const bob = await connect('bob')
  for (const history of [3, 2, 1]) bob.say({ type: 'join', ref: `${history}`, room: 'lobby', history })
  await clock.settle()
  const [last] = bob.heard.slice(bob.heard.findIndex(({ ref }) => ref === '1') + 1)
  expect(last?.page?.events).toHaveLength(1)
  expect(bob.heard.at(-1)).toBe(last)
  await alice.post('four', 'four')
  expect(bob.texts()).toEqual(['three', 'four'])
})

test('[J7] after leaving a room nothing more is told of it', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join()
  await bob.join()
  await alice.join(room('other'))
  expect(await alice.ask({ type: 'leave', room: 'lobby' })).toMatchObject({ answer: { type: 'leave', room: 'lobby' } })
  const heard = alice.heard.length
  await bob.post('m1', 'hello')
  expect(alice.heard).toHaveLength(heard)
  expect(bob.texts()).toEqual(['hello'])
})

test('[P5] history is read backwards, page by page, each joining exactly to the next', async () => {
  const puppet = new Puppet()
  const { connect, clock } = await stage({ agents: [{ agent: puppet }] })
  const alice = await connect('alice')
  await alice.join(session)
  for (let count = 0; count < 6; count += 1) {
    await alice.post(`m${count}`, `question ${count}`, session)
    puppet.on.say('one ')
    await clock.pass(50)
    puppet.on.say('two')
    puppet.on.end()
    await clock.pass(50)
  }
  const whole = alice.picture(session)
  let before = (whole.position?.seq ?? 0) + 1
  const seen: number[] = []
  for (let earlier = true; earlier; ) {
    const { answer } = await alice.ask({ type: 'older', room: session, before, limit: 4 })
    if (answer?.type !== 'older') throw new Error('no page')
    const { page } = answer
    expect(page.upTo).toBe(before - 1)
    const { runs } = timelineOf({ ...page, reset: 'start' })
    expect([...runs.values()].map(({ state }) => state)).toEqual(Array(runs.size).fill('completed'))
    seen.unshift(...page.events.map(({ seq }) => seq))
    before = page.after + 1
    earlier = page.earlier === true
  }
  expect(before).toBe(1)
  expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b))
  expect(seen).toHaveLength(6 * 5)
})

test('a connection hears no more rooms than the limit, and may leave one for another', async () => {
  const { connect } = await stage({ limits: { rooms: 2 } })
  const alice = await connect('alice')
  await alice.join(room('a'))
  await alice.join(room('b'))
  expect(await alice.join(room('c'))).toMatchObject({ problem: { code: 'limit.exceeded' } })
  expect(await alice.join(room('b'))).toHaveProperty('answer')
  await alice.ask({ type: 'leave', room: 'a' })
  expect(await alice.join(room('c'))).toHaveProperty('answer')
})
