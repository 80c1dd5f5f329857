import { expect, test } from 'vitest'
import { inTurn } from '../../src/engine/in-turn.ts'
import { HandClock } from './hand-clock.ts'

test('very many are looked after a few in each tick; who comes meanwhile is met, who goes is not', async () => {
  const clock = new HandClock()
  const items = new Set([1, 2, 3, 4, 5])
  const met: number[] = []
  const ticks: number[] = []
  const soon = (run: () => void): void => {
    ticks.push(met.length)
    clock.soon(run)
  }
  inTurn(items.values(), 2, soon, (item) => met.push(item))
  expect(met).toEqual([1, 2])
  items.delete(4)
  items.add(6)
  await clock.settle()
  expect(met).toEqual([1, 2, 3, 5, 6])
  // The last look finds that nobody is left.
  expect(ticks).toEqual([2, 4])
})
