import { Refusal } from '@parley/protocol'
import { expect, test } from 'vitest'
import type { Log } from '../../src/seams/log.ts'
import { gate, lobby, room, stage } from './stage.ts'

/** A log that is slow to begin an append. */
function slow(log: Log, passed: Promise<void>): Log {
  return { ...log, append: (...order) => passed.then(() => log.append(...order)) }
}

test('[S1] a post is answered with its place in the room, when it is in the log', async () => {
  const { connect, clock, log } = await stage()
  const alice = await connect('alice')
  await alice.join()
  const { answer } = await alice.post('m1', 'hello')
  const epoch = alice.picture().position?.epoch
  const at = clock.now()
  expect(answer).toEqual({ type: 'post', room: 'lobby', id: 'm1', position: { epoch, seq: 1 }, at, repeated: false })
  expect(await log.info(lobby)).toMatchObject({ head: 1 })
  expect((await alice.post('m2', 'hello')).answer).toMatchObject({ position: { epoch, seq: 2 } })
})

test('[S1] before a message is in the log nobody is answered, and nobody is shown it', async () => {
  const { passed, open } = gate()
  const { connect, clock } = await stage({ through: (log) => slow(log, passed) })
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join()
  await bob.join()
  await clock.pass(1_000)
  const heard = [alice.heard.length, bob.heard.length]
  alice.say({ type: 'post', ref: 'p', room: 'lobby', id: 'm1', parts: 'hello' })
  await clock.pass(5_000)
  expect([alice.heard.length, bob.heard.length]).toEqual(heard)
  open()
  await clock.settle()
  expect(alice.heard.find(({ ref }) => ref === 'p')).toHaveProperty('answer')
  expect([alice.texts(), bob.texts()]).toEqual([['hello'], ['hello']])
})

test('[S1] what the log does not take is refused and shown to nobody; what comes later is taken', async () => {
  let broken = true
  const { connect, journal } = await stage({
    through: (log) => ({
      ...log,
      append: (...order) => (broken ? Promise.reject(new Error('the disk is on fire')) : log.append(...order)),
    }),
  })
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join()
  await bob.join()
  const { problem } = await alice.post('m1', 'hello')
  // What broke is for the journal alone.
  expect(problem).toEqual({ code: 'server.failed', message: 'something failed on the server' })
  expect(journal).toEqual([{ level: 'error', what: 'post failed', cause: new Error('the disk is on fire') }])
  expect(bob.texts()).toEqual([])
  broken = false
  expect(await alice.post('m1', 'hello')).toMatchObject({ answer: { repeated: false } })
  expect(bob.texts()).toEqual(['hello'])
})

test('[S2] the same message sent again is answered like the first time, and is there once', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join()
  await bob.join()
  const first = await alice.post('m1', 'hello')
  const again = await alice.post('m1', 'hello')
  expect(again.answer).toEqual({ ...first.answer, repeated: true })
  expect(bob.texts()).toEqual(['hello'])
})

test('[S2] two copies under way at once are one message', async () => {
  const { passed, open } = gate()
  const { connect, clock } = await stage({ through: (log) => slow(log, passed) })
  const phone = await connect('alice')
  const laptop = await connect('alice')
  await phone.join()
  const post = { type: 'post', ref: 'p', room: 'lobby', id: 'm1', parts: 'hello' }
  for (const peer of [phone, laptop, phone]) peer.say(post)
  open()
  await clock.settle()
  const answers = [...phone.heard, ...laptop.heard].filter(({ ref }) => ref === 'p').map(({ answer }) => answer)
  expect(answers).toMatchObject([{ position: { seq: 1 } }, { position: { seq: 1 } }, { position: { seq: 1 } }])
  expect(answers.filter((answer) => answer?.type === 'post' && !answer.repeated)).toHaveLength(1)
  expect(phone.texts()).toEqual(['hello'])
})

test('[S2] it does not matter in which order a client writes its fields', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  await alice.join()
  const parts = [{ type: 'data', name: 'place', data: { north: 1, east: 2 } }]
  await alice.ask({ type: 'post', room: 'lobby', id: 'm1', parts, meta: { a: 1, b: 2 } })
  const turned = [{ data: { east: 2, north: 1 }, name: 'place', type: 'data' }]
  const again = await alice.ask({ type: 'post', room: 'lobby', id: 'm1', parts: turned, meta: { b: 2, a: 1 } })
  expect(again).toMatchObject({ answer: { repeated: true } })
})

test('[S3] the same id with other content is refused, and the first stays', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await alice.post('m1', 'hello')
  expect(await alice.post('m1', 'goodbye')).toMatchObject({ problem: { code: 'id.conflict' } })
  const loud = { type: 'post', room: 'lobby', id: 'm1', parts: 'hello', priority: 0 }
  expect(await alice.ask(loud)).toMatchObject({ problem: { code: 'id.conflict' } })
  expect(alice.texts()).toEqual(['hello'])
})

test('[S2, V3] an id belongs to its author and its room', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  const bob = await connect('bob')
  const other = room('other')
  await alice.join()
  await alice.join(other)
  await alice.post('m1', 'one')
  expect(await bob.post('m1', 'two')).toMatchObject({ answer: { repeated: false } })
  expect(await alice.post('m1', 'three', other)).toMatchObject({ answer: { repeated: false } })
  expect(alice.texts()).toEqual(['one', 'two'])
  expect(alice.picture().messages.map(({ key }) => key)).toEqual(['alice/m1', 'bob/m1'])
})

test('[S4] what one connection posts takes its places in the order in which it was sent', async () => {
  const { passed, open } = gate()
  const { connect, clock } = await stage({ through: (log) => slow(log, passed) })
  const alice = await connect('alice')
  await alice.join()
  const words = Array.from({ length: 50 }, (_, index) => `${index}`)
  for (const word of words) alice.say({ type: 'post', ref: word, room: 'lobby', id: `m${word}`, parts: word })
  open()
  await clock.settle()
  expect(alice.texts()).toEqual(words)
})

test('[S4] also while it takes time to find out what is allowed, longer for some than for others', async () => {
  let asked = 0
  const { connect, clock } = await stage({
    access: {
      permit: async () => {
        asked += 1
        for (let wait = asked % 5; wait > 0; wait -= 1) await new Promise((resolve) => setImmediate(resolve))
        return true
      },
    },
  })
  const alice = await connect('alice')
  const words = Array.from({ length: 20 }, (_, index) => `${index}`)
  alice.say({ type: 'join', ref: 'j', room: 'lobby' })
  for (const word of words) alice.say({ type: 'post', ref: word, room: 'lobby', id: `m${word}`, parts: word })
  while (!alice.heard.some(({ ref }) => ref === words.at(-1))) await clock.settle()
  expect(alice.texts()).toEqual(words)
})

test('[S4] who names the last in the next loses no place by sending many at once', async () => {
  const { connect, clock } = await stage()
  const alice = await connect('alice')
  await alice.join()
  const ids = Array.from({ length: 200 }, (_, index) => `m${index}`)
  for (const [index, id] of ids.entries())
    alice.say({
      type: 'post',
      ref: id,
      room: 'lobby',
      id,
      parts: id,
      ...(index === 0 ? {} : { after: ids[index - 1] }),
    })
  await clock.settle()
  expect(alice.of('reply').filter(({ problem }) => problem !== undefined)).toEqual([])
  expect(alice.texts()).toEqual(ids)
})

test('[S4] where a message is refused for now, nothing that names it overtakes it, and all go in order later', async () => {
  let full = false
  const { connect, clock } = await stage({
    through: (log) => ({
      ...log,
      async append(...order) {
        if (full) throw new Refusal('storage.unavailable', 'the disk is full')
        return log.append(...order)
      },
    }),
  })
  const alice = await connect('alice')
  await alice.join()
  const post = (id: string, after?: string) => ({ type: 'post', ref: id, room: 'lobby', id, parts: id, after })
  alice.say(post('m1'))
  await clock.settle()
  full = true
  alice.say(post('m2', 'm1'))
  alice.say(post('m3', 'm2'))
  await clock.settle()
  full = false
  // Sent before its sender knew.
  alice.say(post('m4', 'm3'))
  await clock.settle()
  const refused = alice.of('reply').filter(({ problem }) => problem !== undefined)
  expect(refused.map(({ ref }) => ref)).toEqual(['m2', 'm3', 'm4'])
  expect(refused.at(-1)).toMatchObject({ problem: { code: 'message.early' } })
  alice.say(post('m2'))
  alice.say(post('m3', 'm2'))
  alice.say(post('m4', 'm3'))
  await clock.settle()
  expect(alice.texts()).toEqual(['m1', 'm2', 'm3', 'm4'])
})

test('[S4] who names a message that did not come just before is refused, who names none is not', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await alice.join(room('other'))
  await alice.post('m1', 'one')
  await alice.post('m2', 'two')
  await alice.post('elsewhere', 'three', room('other'))
  const post = { type: 'post', room: 'lobby', id: 'm3', parts: 'three' }
  for (const after of ['m1', 'never', 'elsewhere'])
    expect(await alice.ask({ ...post, after })).toMatchObject({ problem: { code: 'message.early' } })
  expect(await alice.ask({ ...post, after: 'm2' })).toMatchObject({ answer: { repeated: false } })
  expect(await (await connect('alice')).ask({ ...post, after: 'm2' })).toMatchObject({
    problem: { code: 'message.early' },
  })
  expect(alice.texts()).toEqual(['one', 'two', 'three'])
})

test('[S5] whose answer was lost sends the same id again, and learns what became of it', async () => {
  const { connect, clock } = await stage()
  const alice = await connect('alice')
  await alice.join()
  alice.say({ type: 'post', ref: 'p', room: 'lobby', id: 'm1', parts: 'hello' })
  alice.vanish()
  await clock.settle()
  const back = await connect('alice')
  expect(await back.post('m1', 'hello')).toMatchObject({ answer: { repeated: true, position: { seq: 1 } } })
  // What never arrived is simply sent.
  expect(await back.post('m2', 'and you?')).toMatchObject({ answer: { repeated: false, position: { seq: 2 } } })
})

test('[F2] every command gets exactly one reply, with its ref', async () => {
  const { connect, clock } = await stage()
  const alice = await connect('alice')
  await alice.join()
  const commands = [
    { type: 'join', room: 'lobby' },
    { type: 'post', room: 'lobby', id: 'm1', parts: 'hello' },
    { type: 'post', room: 'nowhere', id: 'm1', parts: 'hello' },
    { type: 'older', room: 'lobby', before: 9 },
    { type: 'cancel', room: 'lobby', run: 'r1' },
    { type: 'rooms' },
    { type: 'authenticate', token: 'alice' },
    { type: 'authenticate', token: 'bob' },
    { type: 'ping' },
    { type: 'leave', room: 'lobby' },
  ]
  for (const [index, command] of commands.entries()) alice.say({ ref: `${index}`, ...command })
  await clock.settle()
  const replies = alice.of('reply').filter(({ ref }) => !ref?.startsWith('ref-'))
  expect(replies.map(({ ref }) => Number(ref)).toSorted((a, b) => a - b)).toEqual([...commands.keys()])
  for (const { answer, problem } of replies)
    expect([answer, problem].filter((one) => one !== undefined)).toHaveLength(1)
})

test('[F3, F5] what cannot be read is told, and what cannot be known is ignored; everything goes on', async () => {
  const { connect } = await stage()
  const alice = await connect('alice')
  const bob = await connect('bob')
  await alice.join()
  await bob.join()
  const told = bob.heard.length
  for (const garbage of [
    '',
    '{',
    'null',
    '[]',
    '"post"',
    '{"type":"nonsense","ref":"1"}',
    '{"type":"__proto__","ref":"1"}',
  ])
    alice.say(garbage)
  expect(alice.of('problem')).toHaveLength(7)
  expect(alice.of('problem').every(({ problem }) => problem?.code === 'message.invalid')).toBe(true)
  expect(bob.heard).toHaveLength(told)
  expect(await alice.ask({ type: 'ping', colour: 'blue' })).toHaveProperty('answer')
  await alice.post('m1', 'hello')
  expect(bob.texts()).toEqual(['hello'])
})

test('[V1] who and when is the server’s word, whatever a client claims', async () => {
  const { connect, clock } = await stage()
  const mallory = await connect('bob')
  await mallory.join()
  const claims = { by: { id: 'alice', kind: 'system' }, senderId: 'alice', at: 0, seq: 99, name: 'Alice' }
  await mallory.ask({ type: 'post', room: 'lobby', id: 'm1', parts: 'hello', ...claims })
  const [message] = mallory.picture().messages
  expect(message).toMatchObject({ by: { id: 'bob', kind: 'user' }, at: clock.now(), seq: 1 })
})

test('[S4] a clock that is set back changes nothing about the order', async () => {
  const { connect, clock } = await stage()
  const alice = await connect('alice')
  await alice.join()
  await alice.post('m1', 'one')
  const before = clock.now
  clock.now = () => before.call(clock) - 3_600_000
  await alice.post('m2', 'two')
  expect(alice.texts()).toEqual(['one', 'two'])
  const [one, two] = alice.picture().messages
  expect(two?.at).toBeLessThan(one?.at ?? 0)
})
