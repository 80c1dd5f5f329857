import { createHmac } from 'node:crypto'
import { type Event, type RoomId, textOf } from '@parley/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { SettingError } from '../../src/options.ts'
import { startWebhooks, type Webhooks } from '../../src/webhooks.ts'
import { hooksOf, type Webhook } from '../../src/webhooks-hook.ts'
import { deliver, type Request, type Send, verdictOf } from '../../src/webhooks-request.ts'
import { pauseMs } from '../../src/webhooks-troubles.ts'
import { HandClock } from './hand-clock.ts'
import { Puppet } from './puppet.ts'
import { gate, lobby, room, type Stage, type StageOptions, session, stage } from './stage.ts'

const secret = 'a secret of some length'
const url = 'https://hooks.example/in'
const kitchen = room('kitchen')

interface Delivered {
  readonly room: RoomId
  readonly epoch: string
  readonly events: readonly Event[]
}

type Answer = { readonly status: number; readonly retryAfter?: string }

/** Somebody who is told, and answers as the test says. */
class Receiver {
  readonly got: Delivered[] = []
  readonly requests: Request[] = []
  answer: (delivered: Delivered) => Answer | Promise<Answer> = () => ({ status: 200 })

  send: Send = async (_, request) => {
    const delivered: Delivered = JSON.parse(request.body)
    this.got.push(delivered)
    this.requests.push(request)
    const aborted = new Promise<never>((_resolve, reject) =>
      request.signal.addEventListener('abort', () => reject(request.signal.reason)),
    )
    const { status, retryAfter = null } = await Promise.race([this.answer(delivered), aborted])
    return { status, retryAfter }
  }

  texts(where: RoomId = lobby): string[] {
    return this.got
      .filter((one) => one.room === where)
      .flatMap(({ events }) => events.map(({ fact }) => ('parts' in fact ? textOf(fact.parts) : fact.type)))
  }
}

function hook({ engine, log, clock, journal }: Stage, receiver: Receiver, more: Partial<Webhook> = {}): Webhooks {
  const webhooks = startWebhooks(hooksOf([{ url, secret, ...more }]), {
    engine,
    log,
    clock,
    chance: { float: () => 0, uuid: () => 'unused' },
    journal: {
      info: (what, more) => journal.push({ level: 'info', what, cause: more }),
      warn: (what, more) => journal.push({ level: 'warn', what, cause: more }),
      error: (what, cause, more) => journal.push({ level: 'error', what, cause: [String(cause), more] }),
    },
    send: receiver.send,
  })
  onTestFinished(() => webhooks.stop())
  return webhooks
}

/** A house where the app itself speaks, and somebody who is told of it. */
async function scene(options: StageOptions = {}, more: Partial<Webhook> = {}) {
  const here = await stage(options)
  const receiver = new Receiver()
  const webhooks = hook(here, receiver, more)
  await here.clock.settle()
  const alice = here.engine.as({ id: 'alice' })
  const say = async (text: string, where: RoomId = lobby): Promise<void> => {
    await alice.post(where, text)
    await here.clock.settle()
  }
  return { ...here, receiver, webhooks, alice, say }
}

test('a hook is told of whole messages, ends of runs and tasks, in their order and in no other room’s request', async () => {
  const puppet = new Puppet()
  const { clock, receiver, alice, say } = await scene({ agents: [{ agent: puppet }] })
  await say('hello', kitchen)
  await say('@puppet what is up?')
  puppet.on.say('a ', 'lot')
  await clock.pass(100)
  puppet.on.end()
  await clock.pass(100)
  await alice.task(lobby, 't1', { title: 'Rest' })
  await clock.settle()
  expect(receiver.texts()).toEqual(['@puppet what is up?', 'a lot', 'run.ended', 'task.set'])
  expect(receiver.texts(kitchen)).toEqual(['hello'])
  const seqs = receiver.got.filter((one) => one.room === lobby).flatMap(({ events }) => events.map(({ seq }) => seq))
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
})

test('a hook is told of the kinds and rooms that it names, and of nothing else', async () => {
  const { clock, receiver, alice, say } = await scene({}, { events: ['message.reacted'], rooms: ['kit*', 'hall'] })
  for (const where of [lobby, kitchen, room('hall'), room('hallway')]) {
    const { id } = await alice.post(where, 'hello')
    await alice.react(where, `alice/${id}`, '👍')
  }
  await say('bye', kitchen)
  await clock.settle()
  expect(receiver.got.map((one) => [one.room, one.events.map(({ fact }) => fact.type)])).toEqual([
    [kitchen, ['message.reacted']],
    ['hall', ['message.reacted']],
  ])
})

test('what is sent is signed over its time and its body, and names the place that it ends at', async () => {
  const { clock, receiver, say } = await scene()
  await say('hello')
  const [request] = receiver.requests
  const { room: where, epoch, events } = receiver.got[0] ?? { events: [] }
  const at = Math.floor(clock.now() / 1000)
  const signature = createHmac('sha256', secret).update(`${at}.${request?.body}`).digest('hex')
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'parley-signature': `t=${at},v1=${signature}`,
    'parley-delivery': `${where}:${epoch}:${events.at(-1)?.seq}`,
  })
})

test('a room that fails keeps its order and waits longer each time, while other rooms are told', async () => {
  const { clock, receiver, say } = await scene()
  let broken = true
  receiver.answer = (delivered) => ({ status: broken && delivered.room === lobby ? 503 : 200 })
  await say('one')
  await say('two')
  await say('other', kitchen)
  expect([receiver.texts(), receiver.texts(kitchen)]).toEqual([['one'], ['other']])
  await clock.pass(499)
  expect(receiver.texts()).toEqual(['one'])
  await clock.pass(1)
  expect(receiver.texts()).toEqual(['one', 'one', 'two'])
  await clock.pass(999)
  expect(receiver.texts()).toHaveLength(3)
  broken = false
  await clock.pass(1)
  expect(receiver.texts().slice(3)).toEqual(['one', 'two'])
  await clock.pass(600_000)
  expect(receiver.texts()).toHaveLength(5)
})

test('a hook that asks for patience is not tried before', async () => {
  const { clock, receiver, say } = await scene()
  receiver.answer = () => ({ status: 429, retryAfter: '60' })
  await say('one')
  await clock.pass(59_999)
  expect(receiver.got).toHaveLength(1)
  receiver.answer = () => ({ status: 204 })
  await clock.pass(1)
  expect(receiver.texts()).toEqual(['one', 'one'])
})

test('what a hook refuses for good is logged and not sent again; what follows is sent', async () => {
  const { clock, receiver, journal, say } = await scene()
  receiver.answer = () => ({ status: 410 })
  await say('one')
  await clock.pass(600_000)
  receiver.answer = () => ({ status: 200 })
  await say('two')
  expect(receiver.texts()).toEqual(['one', 'two'])
  expect(journal).toContainEqual({
    level: 'warn',
    what: 'a webhook refused events; they are not sent again',
    cause: { hook: 'hooks.example', room: lobby, seq: 1, why: 'status 410' },
  })
})

test('a hook that does not answer is let go of after ten seconds, and holds up nobody meanwhile', async () => {
  const { clock, receiver, engine, say } = await scene()
  receiver.answer = ({ room: where }) => (where === lobby ? new Promise(() => undefined) : { status: 200 })
  await say('one')
  await say('two')
  await say('other', kitchen)
  expect([receiver.texts(), receiver.texts(kitchen)]).toEqual([['one'], ['other']])
  expect((await engine.as({ id: 'bob' }).history(lobby)).messages).toHaveLength(2)
  await clock.pass(9_999)
  expect(receiver.requests[0]?.signal.aborted).toBe(false)
  await clock.pass(1)
  expect(receiver.requests[0]?.signal.aborted).toBe(true)
  receiver.answer = () => ({ status: 200 })
  await clock.pass(500)
  expect(receiver.texts()).toEqual(['one', 'one', 'two'])
})

test('very many rooms that hang at once are told of by and by, never more than sixteen at a time', async () => {
  const { clock, receiver, alice } = await scene()
  receiver.answer = () => new Promise(() => undefined)
  for (let index = 0; index < 40; index += 1) await alice.post(`room-${index}`, 'hello')
  await clock.settle()
  expect(receiver.got).toHaveLength(16)
  receiver.answer = () => ({ status: 200 })
  await clock.pass(60_000)
  expect(new Set(receiver.got.map((one) => one.room)).size).toBe(40)
})

test('what piled up is told in requests of at most a hundred events', async () => {
  const { clock, receiver, alice } = await scene()
  receiver.answer = () => ({ status: 500 })
  for (let index = 0; index < 250; index += 1) await alice.post(lobby, `${index}`)
  receiver.got.length = 0
  receiver.answer = () => ({ status: 200 })
  await clock.pass(600_000)
  expect(receiver.got.map(({ events }) => events.length)).toEqual([100, 100, 50])
  expect(receiver.texts()).toEqual(Array.from({ length: 250 }, (_, index) => `${index}`))
})

test('however much piled up in a room, all of it is told, also before a server leaves', async () => {
  const { clock, receiver, alice, webhooks } = await scene()
  const { passed, open } = gate()
  receiver.answer = () => passed.then(() => ({ status: 200 }))
  for (let index = 0; index < 1_150; index += 1) await alice.post(lobby, `${index}`)
  const left = webhooks.leave(2_000)
  open()
  await clock.settle()
  await left
  expect(receiver.texts()).toHaveLength(1_150)
})

test('the next process tells what the one before it could not, in sessions too, and nothing twice', async () => {
  const first = await scene()
  await first.say('told')
  await first.say('told here', session)
  first.receiver.answer = () => ({ status: 500 })
  await first.say('missed')
  await first.say('missed here', session)
  await first.webhooks.stop()
  await first.say('while nobody listened')
  await first.say('a new room', kitchen)
  await first.clock.pass(600_000)

  const receiver = new Receiver()
  hook(first, receiver)
  await first.clock.settle()
  expect(receiver.texts()).toEqual(['missed', 'while nobody listened'])
  expect(receiver.texts(session)).toEqual(['missed here'])
  expect(receiver.texts(kitchen)).toEqual(['a new room'])
  await first.clock.pass(600_000)
  expect(receiver.got).toHaveLength(3)
})

test('a hook that is new is told of what happens from then on', async () => {
  const here = await stage()
  const alice = here.engine.as({ id: 'alice' })
  for (let index = 0; index < 300; index += 1) await alice.post(lobby, `old ${index}`)
  await alice.post(kitchen, 'old')
  await here.clock.pass(1)
  const receiver = new Receiver()
  hook(here, receiver)
  await here.clock.settle()
  expect(receiver.got).toEqual([])
  await alice.post(lobby, 'new')
  await here.clock.settle()
  expect(receiver.texts()).toEqual(['new'])
})

test('of several processes on one log, each event is told by one, in order', async () => {
  const here = await stage()
  const beside = await stage({ beside: here, node: 'n2' })
  const receiver = new Receiver()
  hook(here, receiver)
  hook(beside, receiver)
  await here.clock.settle()
  await here.engine.as({ id: 'alice' }).post(lobby, 'start')
  await beside.engine.as({ id: 'bob' }).history(lobby)
  for (let index = 0; index < 10; index += 1) {
    const { engine } = index % 2 === 0 ? here : beside
    await engine.as({ id: 'alice' }).post(lobby, `${index}`)
    await here.clock.pass(3_000)
  }
  expect(receiver.texts()).toEqual(['start', ...Array.from({ length: 10 }, (_, index) => `${index}`)])
})

test('while one process tells of a room, the others wait', async () => {
  const here = await stage()
  const beside = await stage({ beside: here, node: 'n2' })
  const receiver = new Receiver()
  const { passed, open } = gate()
  receiver.answer = () => passed.then(() => ({ status: 200 }))
  const first = hook(here, receiver)
  hook(beside, receiver)
  await here.clock.settle()
  await here.engine.as({ id: 'alice' }).post(lobby, 'one')
  await here.clock.settle()
  await beside.engine.as({ id: 'alice' }).post(lobby, 'two')
  await here.clock.pass(5_000)
  expect(receiver.texts()).toEqual(['one'])
  open()
  await here.clock.settle()
  expect(receiver.texts()).toEqual(['one', 'two'])

  // What one has told the other goes on from, without waiting for anything to lapse.
  await first.stop()
  await here.clock.pass(5_000)
  await beside.engine.as({ id: 'alice' }).post(lobby, 'three')
  await here.clock.settle()
  expect(receiver.texts()).toEqual(['one', 'two', 'three'])
})

test('content that is removed while a hook fails does not reach it', async () => {
  const { clock, receiver, alice } = await scene()
  receiver.answer = () => ({ status: 500 })
  const { id } = await alice.post(lobby, 'my password is 1234')
  await clock.settle()
  await alice.redact(lobby, `alice/${id}`)
  receiver.got.length = 0
  receiver.answer = () => ({ status: 200 })
  await clock.pass(10_000)
  expect(receiver.got.flatMap(({ events }) => events.map(({ fact }) => fact))).toEqual([
    { type: 'message.posted', parts: [], redacted: true },
  ])
})

test('a log that fails costs a pause, not an event', async () => {
  let broken = false
  const here = await stage()
  const receiver = new Receiver()
  const log = {
    ...here.log,
    info: (where: RoomId) => (broken ? Promise.reject(new Error('no disk')) : here.log.info(where)),
  }
  hook({ ...here, log }, receiver)
  await here.clock.settle()
  broken = true
  await here.engine.as({ id: 'alice' }).post(lobby, 'one')
  await here.clock.settle()
  expect(receiver.got).toEqual([])
  broken = false
  await here.clock.pass(1_000)
  expect(receiver.texts()).toEqual(['one'])
})

test('before it leaves, a server tells what it can; what hangs is broken off and told by the next', async () => {
  const { clock, receiver, webhooks, say, ...here } = await scene()
  receiver.answer = ({ room: where }) => (where === lobby ? new Promise(() => undefined) : { status: 200 })
  await say('hangs')
  const left = webhooks.leave(2_000)
  await clock.pass(1_999)
  expect(receiver.requests[0]?.signal.aborted).toBe(false)
  await clock.pass(1)
  await left
  expect(receiver.requests[0]?.signal.aborted).toBe(true)
  const next = new Receiver()
  hook({ clock, ...here }, next)
  await clock.settle()
  expect(next.texts()).toEqual(['hangs'])
})

test('neither secrets nor addresses nor what was said are written into the journal', async () => {
  const { clock, receiver, journal, say } = await scene()
  receiver.answer = () => ({ status: 500 })
  await say('my words')
  await clock.pass(60_000)
  receiver.answer = () => ({ status: 404 })
  await clock.pass(600_000)
  expect(journal.length).toBeGreaterThan(1)
  expect(JSON.stringify(journal)).not.toMatch(/my words|secret of|hooks\.example\/in/u)
})

test('a hook that fails is mentioned once, and once when it is well again', async () => {
  const { clock, receiver, journal, say } = await scene()
  receiver.answer = () => ({ status: 500 })
  await say('one')
  await say('two', kitchen)
  await clock.pass(60_000)
  receiver.answer = () => ({ status: 200 })
  await clock.pass(600_000)
  expect(journal.map(({ what }) => what)).toEqual([
    'a webhook fails; it is tried again',
    'a webhook takes everything again',
  ])
})

test('answers are judged by their status', () => {
  const now = Date.UTC(2026, 10, 20)
  for (const status of [200, 202, 204]) expect(verdictOf(status, null, now)).toEqual({ is: 'taken' })
  for (const status of [301, 308, 400, 401, 404, 410, 413])
    expect(verdictOf(status, null, now)).toEqual({ is: 'refused', why: `status ${status}` })
  for (const status of [408, 429, 500, 502, 503])
    expect(verdictOf(status, null, now)).toEqual({ is: 'later', why: `status ${status}` })
  expect(verdictOf(503, '7', now)).toMatchObject({ retryAfterMs: 7_000 })
  expect(verdictOf(429, new Date(now + 9_000).toUTCString(), now)).toMatchObject({ retryAfterMs: 9_000 })
  expect(verdictOf(429, new Date(now - 9_000).toUTCString(), now)).toMatchObject({ retryAfterMs: 0 })
  expect(verdictOf(429, 'soon', now)).toEqual({ is: 'later', why: 'status 429' })
})

test('pauses double up to five minutes, are never all the same, and never shorter than what was asked', () => {
  const early = { float: () => 0 }
  const late = { float: () => 0.999 }
  expect([1, 2, 3, 9, 40].map((failures) => pauseMs(failures, 0, early))).toEqual([500, 1_000, 2_000, 128_000, 150_000])
  expect(pauseMs(40, 0, late)).toBeLessThanOrEqual(300_000)
  expect(pauseMs(1, 30_000, late)).toBe(30_000)
  expect(pauseMs(1, 1e12, late)).toBe(3_600_000)
})

test('why no answer came is told in a word', async () => {
  const [known] = hooksOf([{ url, secret }])
  if (known === undefined) throw new Error('there is a hook')
  const delivery = { room: lobby, epoch: 'e', events: [] }
  const broken: Send = () =>
    Promise.reject(
      new TypeError('fetch failed', { cause: Object.assign(new Error(`no ${url}`), { code: 'ECONNREFUSED' }) }),
    )
  const parts = { send: broken, clock: new HandClock(), signal: new AbortController().signal }
  expect(await deliver(known, delivery, parts)).toEqual({ is: 'later', why: 'ECONNREFUSED' })
})

test('a webhook that cannot work is refused when the server starts, without its address', () => {
  const wrong: readonly Webhook[][] = [
    [{ url: 'hooks.example', secret }],
    [{ url: 'ftp://hooks.example', secret }],
    [{ url: 'https://me:password@hooks.example', secret }],
    [{ url: 'https://me@hooks.example', secret }],
    [{ url, secret: 'short' }],
    [{ url, secret, events: JSON.parse('["message.grew"]') }],
    [
      { url, secret },
      { url, secret, events: ['run.ended'] },
    ],
  ]
  for (const webhooks of wrong) {
    expect(() => hooksOf(webhooks)).toThrow(SettingError)
    expect(() => hooksOf(webhooks)).not.toThrow(/example|password@/u)
  }
})
