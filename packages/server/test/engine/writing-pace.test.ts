import { expect, test } from 'vitest'
import { WritingPace } from '../../src/engine/writing-pace.ts'

test('a few answers grow as smoothly as anybody sees, very many all together a thousand times a second, each four times at least', () => {
  const pace = new WritingPace()
  const paceOf = (count: number): number => {
    const ends = Array.from({ length: count }, () => pace.begin())
    const { gatherMs } = pace
    for (const end of ends) end()
    return gatherMs
  }
  expect([0, 1, 20, 21, 100, 250, 251, 10_000].map(paceOf)).toEqual([20, 20, 20, 21, 100, 250, 250, 250])
  expect(pace.gatherMs).toBe(20)
})
