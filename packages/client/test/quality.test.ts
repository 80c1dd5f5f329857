import { expect, test } from 'vitest'
import { measured, missed, type Quality } from '../src/quality.ts'

/** After these pings: how long each took, or undefined for one that was lost. */
function after(...pings: readonly (number | undefined)[]): Quality | undefined {
  return pings.reduce<Quality | undefined>(
    (before, ms) => (ms === undefined ? missed(before, 10_000) : measured(before, ms)),
    undefined,
  )
}

test('a steady connection has no jitter and loses nothing', () => {
  expect(after(40, 40, 40)).toEqual({ roundTripMs: 40, jitterMs: 0, lossRatio: 0, poor: false })
})

test('one that takes now long, now short is unsteady, and poor when people notice', () => {
  expect(after(40, 60, 40, 60)).toMatchObject({ poor: false })
  expect(after(40, 60, 40, 60)?.jitterMs).toBeGreaterThan(5)
  expect(after(40, 2_000, 40, 2_000)).toMatchObject({ poor: true })
})

test('one that is always slow is poor', () => {
  expect(after(900)).toMatchObject({ poor: true, jitterMs: 0 })
})

test('a lost ping makes it poor until one is answered again; many make it poor for longer', () => {
  expect(after(40, 40, undefined)).toMatchObject({ lossRatio: 0.25, poor: true })
  expect(after(40, 40, undefined, 40)).toMatchObject({ poor: false })
  expect(after(40, undefined, undefined, undefined, 40)).toMatchObject({ poor: true })
})

test('where the very first is lost, it takes at least so long as one has waited', () => {
  expect(after(undefined)).toMatchObject({ roundTripMs: 10_000, poor: true })
})
