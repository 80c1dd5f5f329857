import { expect, test } from 'vitest'
import { startHeartbeat } from '../src/heartbeat.ts'
import { Time } from './time.ts'

/** A heartbeat over a line on which a reply takes `delayMs`, or never comes. */
function line(delayMs: number | undefined, everyMs = 25_000) {
  const time = new Time()
  const seen = { pings: 0, missed: 0, lost: 0, roundTrips: [] as number[], delayMs }
  const heartbeat = startHeartbeat({
    clock: time,
    everyMs,
    ping(answered) {
      seen.pings += 1
      if (seen.delayMs !== undefined) time.after(seen.delayMs, answered)
    },
    missed: () => {
      seen.missed += 1
    },
    measured: (ms) => seen.roundTrips.push(ms),
    lost: () => {
      seen.lost += 1
    },
  })
  return { time, seen, heartbeat }
}

test('a server that answers is asked as often as it wants', async () => {
  const { time, seen } = line(40)
  await time.pass(100_500)
  expect(seen).toMatchObject({ pings: 4, lost: 0, roundTrips: [40, 40, 40, 40] })
})

test('a server that is silent is asked twice, and then given up', async () => {
  const { time, seen } = line(undefined)
  await time.pass(25_000 + 10_100)
  expect(seen).toMatchObject({ pings: 2, missed: 1, lost: 0 })
  await time.pass(10_100)
  expect(seen).toMatchObject({ pings: 2, lost: 1 })
  expect(time.timers).toBe(0)
})

test('a long page that keeps the reply waiting is a sign of life', async () => {
  const { time, seen, heartbeat } = line(undefined)
  for (let second = 0; second < 120; second += 5) {
    heartbeat.heard()
    await time.pass(5_000)
  }
  expect(seen.lost).toBe(0)
})

test('when something may have broken the line, the answer is wanted soon', async () => {
  const { time, seen, heartbeat } = line(undefined)
  heartbeat.probe()
  expect(seen.pings).toBe(1)
  await time.pass(2 * 2_600)
  expect(seen.lost).toBe(1)
})

test('a stalled event loop does not end a line on which a reply is waiting to be read', async () => {
  const time = new Time()
  const seen = { lost: 0 }
  const unread: (() => void)[] = []
  const heartbeat = startHeartbeat({
    clock: time,
    everyMs: 25_000,
    ping: (answered) => void unread.push(answered),
    missed: () => {},
    measured: () => {},
    lost: () => {
      seen.lost += 1
    },
  })
  for (let round = 0; round < 5; round += 1) {
    heartbeat.probe()
    time.stall(60_000)
    // After a stall all timers that are due run first, and only then is read what came meanwhile.
    await time.pass(0)
    for (const answered of unread.splice(0)) answered()
    await time.pass(1_000)
  }
  expect(seen.lost).toBe(0)
})

test('a server cannot ask for a storm of pings', async () => {
  const { time, seen } = line(1, 0)
  await time.pass(1_000)
  expect(seen.pings).toBeLessThanOrEqual(10)
})

test('stopping it leaves no timer', async () => {
  const { time, heartbeat } = line(40)
  await time.pass(25_001)
  heartbeat.stop()
  await time.pass(100)
  expect(time.timers).toBe(0)
})
