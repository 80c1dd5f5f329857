import { type Event, Refusal, roomId, type Signal, textOf } from '@parley/protocol'
import { expect, test } from 'vitest'
import { defineTool } from '../../src/agents/define.ts'
import type { Seat } from '../../src/engine/callings.ts'
import type { Speaker } from '../../src/engine/speaker.ts'
import type { Agent } from '../../src/seams/agent.ts'
import type { Log } from '../../src/seams/log.ts'
import { Puppet } from './puppet.ts'
import { gate, lobby, type Peer, room, type StageOptions, session, stage } from './stage.ts'

/** A house whose own code speaks as a bot, and alice, who listens in the lobby. */
async function house(options: StageOptions = {}, seat: Partial<Seat> = {}) {
  const puppet = new Puppet()
  const here = await stage({ agents: [{ agent: puppet, ...seat }], ...options })
  const alice = await here.connect('alice')
  await alice.join()
  const bot = here.engine.as({ id: 'bot', name: 'Bot', kind: 'system' })
  return { ...here, puppet, alice, bot }
}

function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'taken',
    (cause: unknown) => (cause instanceof Refusal ? cause.problem.code : String(cause)),
  )
}

function signalsOf(peer: Peer): Signal[] {
  return peer.of('signals').flatMap((one) => ('signals' in one ? (one.signals as Signal[]) : []))
}

test('what the app says is a message like any other, by whom it says', async () => {
  const { alice, bot, clock } = await house()
  const posting = await bot.post('lobby', 'The kettle is on.', {
    priority: 1,
    meta: { from: 'kitchen' },
    replyTo: 'alice/m1',
    mentions: ['alice'],
  })
  await clock.settle()
  const [message] = alice.picture().messages
  expect(message).toMatchObject({
    key: `bot/${posting.id}`,
    by: { id: 'bot', name: 'Bot', kind: 'system' },
    parts: [{ type: 'text', text: 'The kettle is on.' }],
    priority: 1,
    meta: { from: 'kitchen' },
    replyTo: 'alice/m1',
    mentions: ['alice'],
  })
  expect(posting).toMatchObject({ position: alice.picture().position, repeated: false, calls: [] })
})

test('a room is made by the first post to it', async () => {
  const { alice, bot } = await house()
  await bot.post('news', [{ type: 'data', name: 'headline', data: { size: 3 } }])
  await alice.join(room('news'))
  expect(alice.picture(room('news')).messages[0]?.parts).toEqual([
    { type: 'data', name: 'headline', data: { size: 3 } },
  ])
})

test('a session is opened by its user alone, whoever speaks for them', async () => {
  const { alice, connect, engine, bot } = await house()
  expect(await codeOf(bot.post(session, 'hello'))).toBe('room.unknown')
  await engine.as({ id: 'alice' }).post(session, 'hello', { quiet: true })
  await bot.post(session, 'welcome', { quiet: true })
  await alice.join(session)
  expect(alice.texts(session)).toEqual(['hello', 'welcome'])
  const bob = await connect('bob')
  expect((await bob.join(session)).problem?.code).toBe('access.denied')
})

test('posting the same id again adds nothing', async () => {
  const { bot, alice, clock } = await house()
  const first = await bot.post('lobby', 'once', { id: 'm1' })
  const again = await bot.post('lobby', 'once', { id: 'm1' })
  await clock.settle()
  expect(again).toEqual({ ...first, repeated: true })
  expect(alice.texts()).toEqual(['once'])
  const me = (await house()).engine.as({ id: 'me' })
  await me.post('lobby', 'once', { id: 'm1' })
  expect(await codeOf(me.post('lobby', 'something else', { id: 'm1' }))).toBe('id.conflict')
})

test('posts to one room keep the order of the calls, whoever they are said as', async () => {
  const { engine, alice, clock } = await house()
  const texts = Array.from({ length: 200 }, (_, index) => `${index}`)
  await Promise.all(texts.map((text, index) => engine.as({ id: `u${index % 3}` }).post('lobby', text)))
  await clock.settle()
  expect(alice.texts()).toEqual(texts)
})

test('no post overtakes one that the log takes its time for', async () => {
  const { passed, open } = gate()
  let first = true
  const slow = (log: Log): Log => ({
    ...log,
    async append(...order) {
      const wait = first
      first = false
      if (wait) await passed
      return log.append(...order)
    },
  })
  const { bot, alice, clock } = await house({ through: slow })
  const posts = ['one', 'two', 'three'].map((text) => bot.post('lobby', text))
  await clock.settle()
  open()
  await Promise.all(posts)
  await clock.settle()
  expect(alice.texts()).toEqual(['one', 'two', 'three'])
})

test('agents are called as by any message, unless it is quiet', async () => {
  const { bot, puppet, clock } = await house({}, { answers: 'everything' })
  expect((await bot.post('lobby', 'hush', { quiet: true })).calls).toEqual([])
  expect(puppet.turns).toHaveLength(0)
  const { calls } = await bot.post('lobby', 'speak')
  await clock.settle()
  expect(calls).toEqual([{ agent: 'puppet', run: expect.any(String), how: 'answers' }])
  expect(puppet.turns.map(({ turn }) => textOf(turn.message.parts))).toEqual(['speak'])
})

test('what no client could send is refused to the app, too', async () => {
  const { bot, engine } = await house()
  const wrong: Promise<unknown>[] = [
    bot.post('no room', 'x'),
    bot.post('lobby', ''),
    bot.post('lobby', []),
    bot.post('lobby', [{ type: 'reasoning', text: 'x' }]),
    bot.post('lobby', 'x', { id: 'no id' }),
    bot.post('lobby', 'x', { priority: JSON.parse('7') }),
    bot.post('lobby', 'x', { replyTo: 'nothing' }),
    bot.task('lobby', 't1', { title: 'x', progress: 101 }),
    bot.task('no room', 't1', { title: 'x' }),
    bot.react('lobby', 'alice/m1', ''),
    bot.history('lobby', { limit: 0 }),
    bot.approve('lobby', 'no run', 'c', true),
  ]
  for (const work of wrong) expect(await codeOf(work)).toBe('message.invalid')
  expect(() => engine.as({ id: '' })).toThrow(Refusal)
})

test('what is about a room that nobody made, or a message or a run that nobody knows, is refused', async () => {
  const { bot } = await house()
  const nowhere: ((bot: Speaker) => Promise<unknown>)[] = [
    (bot) => bot.edit('nowhere', 'bot/m1', 'x'),
    (bot) => bot.typing('nowhere', true),
    (bot) => bot.members('nowhere'),
    (bot) => bot.history('nowhere'),
    (bot) => bot.cancel('nowhere', 'run-1'),
    (bot) => bot.approve('nowhere', 'run-1', 'c', true),
  ]
  for (const work of nowhere) expect(await codeOf(work(bot))).toBe('room.unknown')
  expect(await codeOf(bot.edit('lobby', 'bot/m1', 'x'))).toBe('message.unknown')
  expect(await codeOf(bot.task('lobby', 't1', { progress: 5 }))).toBe('task.unknown')
  expect(await codeOf(bot.cancel('lobby', 'run-1'))).toBe('run.over')
  expect(await codeOf(bot.approve('lobby', 'run-1', 'c', true))).toBe('approval.over')
})

test('the app makes a task, changes what it names of it, and whoever gets it is told elsewhere', async () => {
  const { bot, alice, connect, clock } = await house()
  const bob = await connect('bob')
  expect(await bot.task('lobby', 't1', { title: 'Ship it', priority: 1 })).toEqual({
    id: 't1',
    title: 'Ship it',
    status: 'open',
    progress: 0,
    priority: 1,
  })
  const task = await bot.task('lobby', 't1', { status: 'in_progress', progress: 40, assignee: 'bob' })
  await clock.settle()
  expect(task).toMatchObject({ title: 'Ship it', status: 'in_progress', progress: 40, assignee: 'bob' })
  expect(alice.picture().tasks.get('t1')).toEqual(task)
  expect(bob.of('task.assigned')).toMatchObject([{ room: 'lobby', task, by: { id: 'bot' } }])
  await bot.task('lobby', 't1', { progress: 60 }, { id: 'step-2' })
  await bot.task('lobby', 't1', { progress: 80 })
  expect(await bot.task('lobby', 't1', { progress: 60 }, { id: 'step-2' })).toMatchObject({ progress: 60 })
  await clock.settle()
  expect(alice.picture().tasks.get('t1')).toMatchObject({ progress: 80 })
})

test('the app edits its own messages, reacts to any and removes any', async () => {
  const { bot, alice, clock } = await house()
  await alice.post('m1', 'something rude')
  const { id } = await bot.post('lobby', 'helo')
  await bot.edit('lobby', `bot/${id}`, 'hello')
  await bot.react('lobby', 'alice/m1', '👎')
  await clock.settle()
  expect(alice.texts()).toEqual(['something rude', 'hello'])
  expect(alice.picture().messages[0]?.reactions).toEqual(new Map([['👎', ['bot']]]))
  await bot.react('lobby', 'alice/m1', '👎', false)
  await bot.redact('lobby', 'alice/m1', 'be kind')
  await clock.settle()
  expect(alice.picture().messages[0]).toMatchObject({ parts: [], redacted: true })
  expect(alice.picture().messages[0]?.reactions?.get('👎') ?? []).toEqual([])
  expect(await codeOf(bot.edit('lobby', 'alice/m1', 'mine now'))).toBe('access.denied')
})

test('the app is seen writing, and sees who is here', async () => {
  const { bot, alice, connect, clock } = await house()
  const bob = await connect('bob')
  await bob.join()
  await bot.typing('lobby', true)
  await clock.pass(1_000)
  expect(signalsOf(alice)).toContainEqual({
    type: 'typing',
    user: { id: 'bot', name: 'Bot', kind: 'system' },
    on: true,
  })
  const members = await bot.members('lobby')
  expect(members.map(({ user }) => user.id).toSorted()).toEqual(['alice', 'bob', 'puppet'])
})

test('the app reads a room page by page, to its beginning', async () => {
  const { bot } = await house()
  const texts = Array.from({ length: 25 }, (_, index) => `${index}`)
  for (const text of texts) await bot.post('lobby', text)
  const read: string[] = []
  let page = await bot.history('lobby', { limit: 10 })
  for (;;) {
    read.unshift(...page.messages.map(({ parts }) => textOf(parts)))
    if (!page.earlier) break
    page = await bot.history('lobby', { before: page.start + 1, limit: 10 })
  }
  expect(read).toEqual(texts)
})

test('the app stops a run, whoever asked for it', async () => {
  const { bot, alice, puppet, clock } = await house()
  await alice.post('m1', '@puppet go on and on')
  puppet.on.say('well')
  await clock.pass(100)
  await bot.cancel('lobby', alice.run())
  await clock.pass(100)
  expect([...alice.picture().runs.values()].map(({ state }) => state)).toEqual(['cancelled'])
  expect(await codeOf(bot.cancel('lobby', alice.run()))).toBe('taken')
})

test('the app decides about a tool call, once', async () => {
  const publish = defineTool({
    name: 'publish',
    description: 'publishes',
    input: { jsonSchema: { type: 'object' } },
    approval: true,
    execute: () => 'published',
  })
  const agent: Agent = {
    id: 'editor',
    name: 'editor',
    tools: [publish],
    async *reply(turn) {
      yield (await turn.use('publish', {})).text
    },
  }
  const { bot, alice, clock } = await house({ agents: [{ agent }] })
  await alice.post('m1', '@editor go')
  await clock.pass(100)
  const [call = ''] = alice.picture().tools.keys()
  await bot.approve('lobby', alice.run(), call, true, 'go ahead')
  await clock.pass(100)
  expect(alice.texts().at(-1)).toBe('published')
  expect(alice.picture().tools.get(call)?.approval).toMatchObject({
    approved: true,
    reason: 'go ahead',
    user: { id: 'bot' },
  })
  expect(await codeOf(bot.approve('lobby', alice.run(), call, false))).toBe('approval.over')
})

test('who watches a room hears its facts in order, and only from then on', async () => {
  const { engine, bot } = await house()
  await bot.post('lobby', 'before')
  const heard: [string, Event][] = []
  const stop = engine.watch(lobby, (where, event) => void heard.push([where, event]))
  const everything: string[] = []
  engine.watch('*', (where) => void everything.push(where))
  for (const text of ['one', 'two']) await bot.post('lobby', text)
  await bot.post('kitchen', 'elsewhere')
  stop()
  await bot.post('lobby', 'after')
  expect(heard.map(([where, { seq, fact }]) => [where, seq, 'parts' in fact ? textOf(fact.parts) : ''])).toEqual([
    ['lobby', 2, 'one'],
    ['lobby', 3, 'two'],
  ])
  expect(everything).toEqual(['lobby', 'lobby', 'kitchen', 'lobby'])
})

test('who watches a room that is opened again hears no fact of it twice', async () => {
  const { engine, bot, clock } = await house()
  await bot.post('kitchen', 'one')
  const heard: number[] = []
  engine.watch('*', (where, { seq }) => void (where === 'kitchen' && heard.push(seq)))
  await clock.pass(120_000)
  await bot.post('kitchen', 'two')
  await clock.pass(120_000)
  await bot.post('kitchen', 'three')
  expect(heard).toEqual([2, 3])
})

test('who watches a room by name hears what other processes write there, however long it was quiet', async () => {
  const here = await house()
  const beside = await stage({ beside: here, node: 'n2' })
  const heard: number[] = []
  const quiet = roomId('quiet')
  if (quiet === undefined) throw new Error('quiet is a room id')
  const stop = beside.engine.watch(quiet, (_, { seq }) => void heard.push(seq))
  await here.clock.pass(300_000)
  await here.bot.post('quiet', 'one')
  await here.clock.settle()
  expect(heard).toEqual([1])
  stop()
  await here.clock.pass(300_000)
  expect(beside.engine.counts.rooms).toBe(0)
})

test('a watcher that throws or rejects disturbs nobody, and is logged', async () => {
  const { engine, bot, alice, journal, clock } = await house()
  const heard: number[] = []
  engine.watch('*', () => {
    throw new Error('oops')
  })
  engine.watch('*', async () => {
    throw new Error('oops, later')
  })
  engine.watch('*', (_, { seq }) => void heard.push(seq))
  await bot.post('lobby', 'one')
  await clock.settle()
  expect([heard, alice.texts()]).toEqual([[1], ['one']])
  expect(journal.map(({ cause }) => String(cause))).toEqual(['Error: oops', 'Error: oops, later'])
})

test('a bot answers what it hears', async () => {
  const { engine, alice, bot, clock } = await house()
  engine.watch(lobby, async (where, { by, fact }) => {
    if (fact.type === 'message.posted' && by.id !== 'bot') await bot.post(where, `You said: ${textOf(fact.parts)}`)
  })
  await alice.post('m1', 'hello')
  await clock.settle()
  expect(alice.texts()).toEqual(['hello', 'You said: hello'])
})
