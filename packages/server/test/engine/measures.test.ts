import { expect, test } from 'vitest'
import { Appends } from '../../src/engine/measures-appends.ts'
import { HandClock } from './hand-clock.ts'
import { Ledger } from './ledger.ts'
import { Puppet } from './puppet.ts'
import { lobby, room, session, stage } from './stage.ts'

async function counted(options: Parameters<typeof stage>[0] = {}) {
  const meter = new Ledger()
  const here = await stage({ ...options, vitals: { meter, ...options.vitals } })
  return { ...here, meter, of: (name: string) => meter.value(`parley_${name}`) }
}

test('who is here and what is open is read when somebody looks', async () => {
  const { connect, of } = await counted()
  const alice = await connect('alice')
  await connect('bob')
  await alice.join()
  expect([of('connections'), of('rooms'), of('runs')]).toEqual([2, 1, 0])
  alice.vanish()
  expect(of('connections')).toBe(1)
})

test('an event counts once when it is appended, and once for each who is told of it', async () => {
  const { connect, of, clock } = await counted()
  const [alice, bob, carol] = [await connect('alice'), await connect('bob'), await connect('carol')]
  for (const peer of [alice, bob, carol]) await peer.join()
  await alice.post('m1', 'one')
  await alice.post('m1', 'one')
  await bob.post('m2', 'two')
  expect([of('events_appended_total'), of('deliveries_total')]).toEqual([2, 6])
  const late = await connect('carol')
  await late.join()
  await clock.settle()
  expect(of('deliveries_total')).toBe(8)
})

test('commands are counted by type, refusals by code, readers that come back by themselves', async () => {
  const { connect, of } = await counted()
  const alice = await connect('alice')
  await alice.join()
  await alice.post('m1', 'one')
  await alice.post('m1', 'two')
  await alice.ask({ type: 'leave', room: 'elsewhere' })
  await alice.ask({ type: 'nonsense' })
  const { position } = alice.picture()
  const back = await connect('alice')
  await back.join(lobby, { at: position })
  await back.join(lobby, { at: { ...position, epoch: 'another' } })
  await connect('stranger')
  expect([of('commands_total{post}'), of('commands_total{join}'), of('resumes_total')]).toEqual([2, 3, 2])
  const codes = ['id.conflict', 'room.unknown', 'message.invalid', 'auth.invalid']
  expect(codes.map((code) => of(`refusals_total{${code}}`))).toEqual([1, 1, 1, 1])
  expect([of('resets_total{epoch}'), of('resets_total{start}')]).toEqual([1, 0])
})

test('runs and tools count by how they ended, on the node that ended them', async () => {
  const puppet = new Puppet()
  const here = await counted({ agents: [{ agent: puppet, answers: 'everything' }] })
  const { connect, clock, of } = here
  const elsewhere = new Ledger()
  const there = await stage({ beside: here, node: 'n2', vitals: { meter: elsewhere } })
  const alice = await connect('alice')
  const far = await there.connect('alice')
  await alice.join(session)
  await far.join(session)
  await alice.post('m1', 'question', session)
  expect(of('runs')).toBe(1)
  puppet.on.say('answer')
  puppet.on.end()
  await clock.pass(100)
  await alice.post('m2', 'another', session)
  await alice.ask({ type: 'cancel', room: session, run: alice.run(session) })
  await clock.pass(1_000)
  expect([of('runs_ended_total{completed}'), of('runs_ended_total{cancelled}'), of('runs')]).toEqual([1, 1, 0])
  expect(elsewhere.value('parley_runs_ended_total{completed}')).toBe(0)
  expect(elsewhere.value('parley_deliveries_total')).toBeGreaterThan(0)
})

test('readers whose socket is full are lagging, and what waits for it is counted', async () => {
  const { connect, of } = await counted({ limits: { softBytes: 1_000 } })
  const alice = await connect('alice')
  const slow = await connect('carol')
  await alice.join()
  await slow.join()
  expect([of('lagging_readers'), of('outbox_bytes')]).toEqual([0, 0])
  slow.stuck = true
  slow.buffered = 2_000
  await alice.post('m1', 'one')
  expect([of('lagging_readers'), of('outbox_bytes')]).toEqual([1, 2_000])
})

test('how long an append took is told in seconds, and so is how long its event took to reach everybody', async () => {
  const { connect, meter, ...here } = await counted({
    through: (log) => ({
      ...log,
      async append(...what) {
        await new Promise<void>((resolve) => here.clock.after(40, resolve))
        return log.append(...what)
      },
    }),
  })
  const alice = await connect('alice')
  await alice.join(room('quiet'))
  alice.say({ type: 'post', ref: 'p', room: 'quiet', id: 'm1', parts: [{ type: 'text', text: 'one' }] })
  await here.clock.settle()
  expect(meter.value('parley_appends_under_way')).toBe(1)
  await here.clock.pass(50)
  expect(meter.value('parley_appends_under_way')).toBe(0)
  expect(meter.observed('parley_append_seconds')).toEqual([0.04])
  expect(meter.observed('parley_fan_out_seconds')).toEqual([0])
})

test('appends tell how long they take at present and how long nearly all took', async () => {
  const clock = new HandClock()
  const appends = new Appends(clock, () => undefined)
  expect([appends.look(), appends.p95()]).toEqual([0, 0])
  for (let count = 0; count < 1_000; count += 1) {
    const begun = appends.begin()
    await clock.pass(count < 900 ? 1_000 : 10)
    appends.end(begun)
    appends.end(begun)
    if (count === 899) expect(appends.look()).toBe(1_000)
  }
  expect(appends.look()).toBe(10)
  expect(appends.look()).toBe(0)
  const open = appends.begin()
  await clock.pass(2_000)
  appends.begin()
  await clock.pass(1_000)
  expect([appends.look(), appends.underWay]).toEqual([3_000, 2])
  appends.end(open)
  expect([appends.look(), appends.underWay]).toEqual([3_000, 1])
  expect(appends.p95()).toBe(1_000)
})
