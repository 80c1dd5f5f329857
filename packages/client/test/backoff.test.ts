import { expect, test } from 'vitest'
import { backoffMs, standardBackoff } from '../src/backoff.ts'
import type { Chance } from '../src/index.ts'

function chance(float: number): Chance {
  return { float: () => float, uuid: () => '' }
}

test.each([
  [1, 1_000],
  [2, 1_500],
  [3, 2_250],
  [4, 3_375],
  [9, 25_628.906_25],
  [10, 30_000],
  [1_000, 30_000],
])('before attempt %i one waits at most %i ms', (attempt, longest) => {
  expect(backoffMs(attempt, chance(1), standardBackoff)).toBe(longest)
})

test('any wait up to the longest is as likely as any other', () => {
  expect(backoffMs(3, chance(0), standardBackoff)).toBe(0)
  expect(backoffMs(3, chance(0.5), standardBackoff)).toBe(1_125)
})

test('what the server asked for comes on top', () => {
  expect(backoffMs(1, chance(0.5), standardBackoff, 4_000)).toBe(4_500)
})

test('a server cannot send a client away for ever', () => {
  expect(backoffMs(1, chance(0), standardBackoff, 1e15)).toBe(300_000)
})
