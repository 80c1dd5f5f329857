// Virtual time and seeded chance: the ground on which every world stands.
import assert from 'node:assert/strict'
import { test } from 'vitest'
import { seeded } from '../src/chance.ts'
import { VirtualTime } from '../src/clock.ts'

test('what is due first runs first, and what is due together runs in the order of scheduling', async () => {
  const time = new VirtualTime()
  const ran: string[] = []
  time.after(5, () => ran.push('late'))
  time.after(1, () => ran.push('first'))
  time.after(1, () => ran.push('second'))
  await time.pass(4)
  assert.deepEqual(ran, ['first', 'second'])
  await time.pass(1)
  assert.deepEqual(ran, ['first', 'second', 'late'])
})

test('however long a chain of promises is, it ends before the next timer runs', async () => {
  const time = new VirtualTime()
  const ran: string[] = []
  time.after(1, async () => {
    for (let turn = 0; turn < 1_000; turn += 1) await undefined
    ran.push('chain')
  })
  time.after(1, () => ran.push('next timer'))
  await time.pass(1)
  assert.deepEqual(ran, ['chain', 'next timer'])
})

test('a timer that was taken back never runs', async () => {
  const time = new VirtualTime()
  const ran: string[] = []
  const stop = time.after(1, () => ran.push('taken back'))
  stop()
  await time.pass(10)
  assert.deepEqual(ran, [])
  assert.equal(time.now, 10)
})

test('a clock that somebody set wrong still measures durations rightly', async () => {
  const time = new VirtualTime()
  const clock = time.clock()
  const [now, steady] = [clock.now(), clock.steady()]
  clock.jump(-3_600_000)
  await time.pass(20)
  assert.equal(clock.now() - now, 20 - 3_600_000)
  assert.equal(clock.steady() - steady, 20)
})

test('nothing runs on a clock that stopped, and other clocks go on', async () => {
  const time = new VirtualTime()
  const [dead, alive] = [time.clock(), time.clock()]
  const ran: string[] = []
  dead.after(1, () => ran.push('dead'))
  alive.after(1, () => ran.push('alive'))
  dead.stop()
  dead.after(1, () => ran.push('dead, later'))
  dead.soon(() => ran.push('dead, soon'))
  await time.pass(5)
  assert.deepEqual(ran, ['alive'])
})

test('waiting for what never happens ends with an error that says what it was', async () => {
  const time = new VirtualTime()
  await assert.rejects(time.settle(new Promise(() => {}), 100, 'the answer'), /the answer did not settle within 100 ms/)
})

test('the same seed gives the same numbers and ids, another seed gives others', () => {
  const draw = (seed: number): unknown[] => {
    const chance = seeded(seed)
    return [chance.float(), chance.int(1, 6), chance.uuid(), chance.fork('a').float(), chance.pick(['x', 'y', 'z'])]
  }
  assert.deepEqual(draw(7), draw(7))
  assert.notDeepEqual(draw(7), draw(8))
  assert.match(seeded(7).uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a forked chance does not depend on what its parent was asked before', () => {
  const [one, other] = [seeded(1), seeded(1)]
  one.float()
  assert.equal(one.fork('agent').float(), other.fork('agent').float())
})
