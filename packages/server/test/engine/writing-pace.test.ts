import { VirtualTime } from '@parley/testing'
import { expect, test } from 'vitest'
import { WritingPace } from '../../src/engine/writing-pace.ts'

function pacing(answers: number) {
  const time = new VirtualTime()
  const clock = time.clock()
  const pace = new WritingPace(clock)
  for (let count = 0; count < answers; count += 1) pace.begin()
  const wrote: number[] = []
  const write = (): void => void wrote.push(clock.steady())
  return { time, pace, wrote, write, clock }
}

test('a few answers grow as smoothly as anybody sees, very many all together a thousand times a second, each four times at least', () => {
  const { pace } = pacing(0)
  const paceOf = (count: number): number => {
    const ends = Array.from({ length: count }, () => pace.begin())
    const { gatherMs } = pace
    for (const end of ends) end()
    return gatherMs
  }
  expect([0, 1, 20, 21, 100, 250, 251, 10_000].map(paceOf)).toEqual([20, 20, 20, 21, 100, 250, 250, 250])
  expect(pace.gatherMs).toBe(20)
})

test('one of a few is written when its own time comes', async () => {
  const { time, pace, wrote, write } = pacing(3)
  await time.pass(7)
  pace.next(0, write)
  pace.next(5, write)
  await time.pass(100)
  expect(wrote).toEqual([20, 25])
})

test('those of very many whose time comes within 20 ms are written at one moment, never later than it comes', async () => {
  const { time, pace, wrote, write } = pacing(200)
  await time.pass(50)
  for (const wroteAt of [5, 19, 20, 39, 40]) pace.next(wroteAt, write)
  await time.pass(1_000)
  expect(wrote).toEqual([200, 200, 220, 220, 240])
})

test('whose time has come is written now', async () => {
  const { time, pace, write } = pacing(200)
  expect(pace.next(Number.NEGATIVE_INFINITY, write)).toBeUndefined()
  await time.pass(200)
  expect(pace.next(0, write)).toBeUndefined()
  expect(pace.next(1, write)).toBeDefined()
})

test('who does not wait any more is not written', async () => {
  const { time, pace, wrote, write } = pacing(200)
  const stop = pace.next(0, write)
  pace.next(1, write)
  stop?.()
  await time.pass(1_000)
  expect(wrote).toEqual([200])
})
