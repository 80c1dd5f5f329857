import { problem, Refusal } from '@parley/protocol'
import { describe, expect, test } from 'vitest'
import { browserOutbox, memoryOutbox } from '../src/index.ts'
import { alice, bob, type Server, whole } from './server.ts'
import { shown, world } from './world.ts'

const guide = { id: 'guide', kind: 'agent' } as const
const system = { id: 'system', kind: 'system' } as const
const over = problem('approval.over', 'it is decided')

/** The guide asks whether it may use a tool. */
function asks(server: Server): void {
  server.append('lobby', guide, { type: 'run.started', run: 'r', cause: 'alice/1', node: 'n' })
  server.append('lobby', guide, { type: 'message.opened', message: 'm', run: 'r' })
  const call = { type: 'tool.called', run: 'r', message: 'm', part: 0, call: 'c', name: 'erase', input: {} } as const
  server.append('lobby', guide, call)
  server.append('lobby', guide, { type: 'approval.asked', run: 'r', call: 'c', until: 1_900_000_000_000 })
}

async function inLobby(...given: Parameters<typeof world>) {
  const made = world(...given)
  const room = made.client.room('lobby')
  room.subscribe(() => {})
  await made.time.pass()
  asks(made.server)
  await made.time.pass()
  return { ...made, room }
}

describe('a decision', () => {
  test('names the run whose tool it is about', async () => {
    const { time, server, room } = await inLobby()
    expect(room.timeline.tools.get('c')).toMatchObject({ state: 'asking' })
    await Promise.all([room.approve('c', false, 'not today'), time.pass()])
    expect(server.heard('approve')).toEqual([
      { type: 'approve', room: 'lobby', run: 'r', call: 'c', approved: false, reason: 'not today' },
    ])
  })

  test('about a tool that nobody knows is refused here', async () => {
    const { server, room } = await inLobby()
    await expect(room.approve('nope', true)).rejects.toMatchObject({ problem: { code: 'approval.over' } })
    expect(server.heard('approve')).toEqual([])
  })

  test('that is made while the connection is lost is told when it is back', async () => {
    const { time, server, room } = await inLobby()
    server.wire.end()
    await time.pass(1)
    await Promise.all([room.approve('c', true), time.pass(600)])
    expect(server.heard('approve')).toMatchObject([{ call: 'c', approved: true }])
  })

  test('whose answer was lost is told again as it was', async () => {
    const { time, server, room } = await inLobby()
    server.decide = ({ type }) => (type === 'approve' ? 'silence' : undefined)
    const approved = room.approve('c', true, 'go on')
    await time.pass()
    const before = server.heard('approve')
    server.wire.end()
    server.decide = () => undefined
    await time.pass(600)
    await approved
    expect(server.heard('approve')).toEqual(before)
    expect(before).toHaveLength(1)
  })

  test('that somebody else made before is told as a refusal', async () => {
    const { time, server, room } = await inLobby()
    server.decide = ({ type }) => (type === 'approve' ? over : undefined)
    server.append('lobby', system, { type: 'approval.given', run: 'r', call: 'c', approved: true, user: bob })
    await time.pass()
    await Promise.all([expect(room.approve('c', true)).rejects.toThrow(Refusal), time.pass()])
  })
})

test('one tool can be stopped, and the run go on', async () => {
  const { time, server, room } = await inLobby()
  await Promise.all([room.cancel('r', 'c'), room.cancel('r'), time.pass()])
  expect(server.heard('cancel')).toEqual([
    { type: 'cancel', room: 'lobby', run: 'r', call: 'c' },
    { type: 'cancel', room: 'lobby', run: 'r' },
  ])
})

test('an answer that is wanted anew is asked for once, over however many connections', async () => {
  const { time, server, room } = await inLobby()
  server.decide = ({ type }) => (type === 'regenerate' ? 'silence' : undefined)
  const run = room.regenerate('r')
  await time.pass()
  const [first] = server.heard('regenerate')
  server.wire.end()
  server.decide = () => undefined
  await time.pass(600)
  expect(server.heard('regenerate')).toEqual([first])
  expect(await run).toBe(`run-${first?.id}`)
})

test('what steers a run, or says an earlier message better, is a post that says so', async () => {
  const { time, server, room } = await inLobby()
  await Promise.all([room.post('helo', { id: 'one' }), time.pass()])
  room.steer('r', 'in French, please')
  const edited = room.edit('one', 'hello')
  expect(room.timeline.pending).toMatchObject([{ steers: 'r' }, { supersedes: 'one' }])
  await time.pass()
  expect(server.heard('post').slice(1)).toMatchObject([{ steers: 'r' }, { supersedes: 'one' }])
  await edited
  expect(room.timeline.pending).toEqual([])
  expect(room.timeline.messages.find(({ id }) => id === 'one')).toMatchObject({ supersededBy: 'alice/id-2' })
})

test('an edit that arrived though its answer was lost is one message', async () => {
  const { time, server, room } = await inLobby()
  await Promise.all([room.post('helo', { id: 'one' }), time.pass()])
  const edited = room.edit('one', 'hello')
  server.wire.end()
  server.wire.dead = true
  await time.pass(60_000)
  await edited
  expect(server.texts('lobby')).toEqual(['helo', 'hello'])
  expect(shown(room.timeline).filter((text) => text === 'hello')).toHaveLength(1)
})

test('a message of the same id and words that replaces nothing is not taken for the edit', async () => {
  const { time, server, room } = await inLobby()
  await Promise.all([room.post('helo', { id: 'one' }), time.pass()])
  server.decide = ({ type }) => (type === 'post' ? 'silence' : undefined)
  room.post('hello', { id: 'two', supersedes: 'one' })
  server.append('lobby', alice, { type: 'message.posted', parts: [{ type: 'text', text: 'hello' }] }, 'two')
  await time.pass()
  expect(room.timeline.pending).toMatchObject([{ id: 'two', supersedes: 'one' }])
})

describe('which agents were set to work is told', () => {
  const calls = [{ agent: 'guide', run: 'r2', how: 'waits' }] as const

  test('when the answer comes', async () => {
    const { time, server, room } = await inLobby()
    server.calls = calls
    const posted = room.post('and then?')
    await time.pass()
    expect(await posted).toMatchObject({ calls })
  })

  test('also when the room shows the message before', async () => {
    const { time, server, room } = await inLobby()
    let id = ''
    server.decide = (command) => {
      if (command.type !== 'post') return undefined
      server.append('lobby', alice, { type: 'message.posted', parts: whole(command.parts) }, command.id)
      id = command.id
      return 'silence'
    }
    const posted = room.post('and then?')
    await time.pass()
    expect(room.timeline.pending).toEqual([])
    const answer = { type: 'post', room: 'lobby', id, position: { epoch: 'e1', seq: 5 }, calls }
    server.wire.say({ type: 'reply', ref: server.lastRef, answer })
    await time.pass()
    expect(await posted).toEqual({ id, position: { epoch: 'e1', seq: 5 }, calls })
  })
})

test('what steers or replaces is kept over a refresh, and sent as it was', async () => {
  const items = new Map<string, string>()
  const storage = {
    get length() {
      return items.size
    },
    key: (index: number) => [...items.keys()][index] ?? null,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, text: string) => void items.set(name, text),
    removeItem: (name: string) => void items.delete(name),
  }
  for (const outbox of [memoryOutbox(), browserOutbox(storage, 'ws://parley.test/api/ws')]) {
    const { time, server, client, another } = world({ outbox })
    await time.pass()
    server.decide = ({ type }) => (type === 'post' ? 'silence' : undefined)
    client.room('lobby').steer('r', 'shorter')
    client.room('lobby').edit('one', 'hello')
    await time.pass()
    const before = server.heard('post')
    await Promise.all([client.close(), time.pass()])
    server.decide = () => undefined
    another({ outbox })
    await time.pass(100)
    expect(server.heard('post')).toEqual(before)
    expect(before).toMatchObject([{ steers: 'r' }, { supersedes: 'one' }])
    expect(outbox.load('alice')).toEqual([])
  }
})
