import { fail } from 'node:assert'
import { messageKey, type Priority } from '@parley/protocol'
import { expect, test } from 'vitest'
import { standardLimits } from '../../src/engine/limits.ts'
import { type Level, Load, nextLevel, type Strain } from '../../src/engine/load.ts'
import type { Log } from '../../src/seams/log.ts'
import { gate, lobby, type Peer, type Stage, stage } from './stage.ts'

const calm: Strain = { lagMs: 0, appendMs: 0, appends: 0 }
const { busyLagMs, busyAppendMs, busyAppends } = standardLimits

/** The level after each of these seconds. */
function levels(...seconds: readonly Partial<Strain>[]): Level[] {
  let level: Level = 0
  return seconds.map((strain) => {
    level = nextLevel(level, { ...calm, ...strain }, standardLimits)
    return level
  })
}

test('a busy server that keeps up refuses nothing', () => {
  expect(levels({ lagMs: 100, appendMs: 200, appends: 2_000 }, { lagMs: busyLagMs - 1 })).toEqual([0, 0])
})

test('each kind of strain counts by itself, and the worst one decides', () => {
  for (const strain of [{ lagMs: busyLagMs }, { appendMs: busyAppendMs }, { appends: busyAppends }])
    expect(levels(strain)).toEqual([1])
  expect(levels({ lagMs: 2 * busyLagMs, appends: 1 }, { lagMs: 2 * busyLagMs, appendMs: 1 })).toEqual([1, 2])
})

test('the level goes up one step a second, only as far as it must', () => {
  const far = { lagMs: 100 * busyLagMs }
  expect(levels(far, far, far, far)).toEqual([1, 2, 3, 3])
  const twice = { lagMs: 2 * busyLagMs }
  expect(levels(twice, twice, twice)).toEqual([1, 2, 2])
})

test('it comes down one step a second, once the strain is half of what brought it up', () => {
  const far = { lagMs: 4 * busyLagMs }
  const stillMuch = { lagMs: 2.1 * busyLagMs }
  expect(levels(far, far, far, stillMuch, stillMuch)).toEqual([1, 2, 3, 3, 3])
  expect(levels(far, far, far, calm, calm, calm, calm)).toEqual([1, 2, 3, 2, 1, 0, 0])
  expect(levels({ lagMs: busyLagMs }, { lagMs: busyLagMs * 0.6 }, { lagMs: busyLagMs * 0.4 })).toEqual([1, 1, 0])
})

test('each level refuses what is less urgent, never what is critical or high, and says when to come back', () => {
  const load = new Load(standardLimits)
  const room = lobby
  const refused = () =>
    ([0, 1, 2, 3, 4] as const).filter(
      (priority) => load.refusal({ type: 'post', room, id: 'm', parts: [], priority }) !== undefined,
    )
  const found = [refused()]
  for (let second = 0; second < 4; second += 1) {
    load.look({ ...calm, lagMs: 100 * busyLagMs })
    found.push(refused())
  }
  expect(found).toEqual([[], [4], [3, 4], [2, 3, 4], [2, 3, 4]])
  expect(load.refusal({ type: 'post', room, id: 'm', parts: [] })).toMatchObject({
    code: 'server.busy',
    details: { priority: 2 },
    retryAfterMs: 6_000,
  })
})

/** A server whose event loop is as slow as one says. */
async function pressed(options: Parameters<typeof stage>[0] = {}) {
  const felt = { lagMs: 0 }
  const here = await stage({ ...options, vitals: { lag: () => felt.lagMs } })
  const press = async (level: Level): Promise<void> => {
    felt.lagMs = [0, busyLagMs, 2 * busyLagMs, 4 * busyLagMs][level] ?? fail()
    await here.clock.pass(4_000)
  }
  return { ...here, press }
}

const post = (peer: Peer, id: string, priority?: Priority, more: object = {}) =>
  peer.ask({ type: 'post', room: lobby, id, parts: [{ type: 'text', text: id }], priority, ...more })

test('[L4] under load background posts are refused first, the urgent ones never, and the room keeps its order', async () => {
  const { connect, press, clock } = await pressed()
  const alice = await connect('alice')
  await alice.join()
  const taken = async (round: string): Promise<string[]> => {
    const replies = await Promise.all(
      ([0, 1, undefined, 3, 4] as const).map(async (priority) => {
        const { problem } = await post(alice, `${round}-${priority ?? 2}`, priority)
        if (problem !== undefined)
          expect(problem).toMatchObject({ code: 'server.busy', retryAfterMs: expect.any(Number) })
        return problem === undefined ? [`${round}-${priority ?? 2}`] : []
      }),
    )
    return replies.flat()
  }
  const said = await taken('calm')
  expect(said).toHaveLength(5)
  for (const [level, count] of [
    [1, 4],
    [2, 3],
    [3, 2],
    [0, 5],
  ] as const) {
    await press(level)
    const now = await taken(`${level}`)
    expect(now).toHaveLength(count)
    said.push(...now)
  }
  await clock.settle()
  expect(alice.texts()).toEqual(said)
})

test('[L4] nothing overtakes a post that was refused for want of time', async () => {
  const { connect, press } = await pressed()
  const alice = await connect('alice')
  await alice.join()
  await press(1)
  expect((await post(alice, 'm1', 4)).problem).toMatchObject({ code: 'server.busy' })
  expect((await post(alice, 'm2', 2, { after: 'm1' })).problem).toMatchObject({ code: 'message.early' })
  await press(0)
  expect((await post(alice, 'm1', 4)).answer).toBeDefined()
  expect((await post(alice, 'm2', 2, { after: 'm1' })).answer).toBeDefined()
  expect(alice.texts()).toEqual(['m1', 'm2'])
})

test('[L4] under load history and search have to wait; joining, leaving and stopping do not', async () => {
  const { connect, press } = await pressed()
  const alice = await connect('alice')
  await alice.join()
  await post(alice, 'm1')
  const older = { type: 'older', room: lobby, before: 2, limit: 10 }
  const search = { type: 'search', text: 'm1' }
  await press(1)
  for (const command of [older, search])
    expect((await alice.ask(command)).problem).toMatchObject({ code: 'server.busy', retryAfterMs: 2_000 })
  await press(3)
  expect((await alice.join()).answer).toBeDefined()
  expect((await alice.ask({ type: 'ping' })).answer).toBeDefined()
  expect((await alice.ask({ type: 'leave', room: lobby })).answer).toBeDefined()
  await press(0)
  expect((await alice.ask(older)).answer).toBeDefined()
})

/** A server whose log takes its time until the gate is opened. */
async function stalled(): Promise<Stage & { open(): void }> {
  const { passed, open } = gate()
  const slow = (log: Log): Log => ({
    ...log,
    async append(...what) {
      await passed
      return log.append(...what)
    },
  })
  return { ...(await stage({ through: slow })), open }
}

test('a log that does not keep up is strain, also while none of its appends ends; it is over when they have ended', async () => {
  const { connect, clock, open } = await stalled()
  const [alice, bob] = [await connect('alice'), await connect('bob')]
  await alice.join()
  alice.say({ type: 'post', ref: 'p', room: lobby, id: 'm1', parts: [{ type: 'text', text: 'one' }] })
  await clock.pass(500)
  bob.say({ type: 'post', ref: 'early', room: lobby, id: 'b0', parts: [{ type: 'text', text: 'b0' }], priority: 4 })
  await clock.pass(2_000)
  expect(bob.heard.find(({ ref }) => ref === 'early')).toBeUndefined()
  expect((await post(bob, 'b1', 4)).problem).toMatchObject({ code: 'server.busy' })
  open()
  await clock.pass(5_000)
  expect((await post(bob, 'b1', 4)).answer).toBeDefined()
  expect(alice.texts()).toEqual(['one', 'b0', 'b1'])
})

test('[L4] only who may manage the room calls a message critical; what others call so is high', async () => {
  const { connect, tokens, log } = await stage()
  tokens.set('guard', { id: 'guard', kind: 'user', grants: [{ room: lobby, can: ['read', 'write', 'manage'] }] })
  tokens.set('bob', { id: 'bob', kind: 'user', grants: [{ room: lobby, can: ['read', 'write'] }] })
  const guard = await connect('guard')
  const bob = await connect('bob')
  await guard.join()
  await post(guard, 'g', 0)
  // What stands in the line with it keeps its own priority and its place.
  for (const [id, priority] of [
    ['b1', 3],
    ['b2', 0],
    ['b3', undefined],
  ] as const)
    bob.say({ type: 'post', ref: id, room: lobby, id, parts: [{ type: 'text', text: id }], priority })
  expect((await post(bob, 'b2', 0)).answer).toMatchObject({ repeated: true })
  expect(guard.picture().messages.map(({ key, priority }) => [key, priority])).toEqual([
    [messageKey('guard', 'g'), 0],
    [messageKey('bob', 'b1'), 3],
    [messageKey('bob', 'b2'), 1],
    [messageKey('bob', 'b3'), undefined],
  ])
  expect((await log.find(lobby, 'bob', 'b2'))?.fact).toMatchObject({ priority: 1 })
})
