// The clock of the machine, where it must differ from the timers beneath it.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemChance, systemClock } from '../src/adapters/system-clock.ts'

const DAY_MS = 86_400_000

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a wait of many weeks ends when it should, and not at once', () => {
  const run = vi.fn()
  systemClock.after(60 * DAY_MS, run)
  vi.advanceTimersByTime(60 * DAY_MS - 1)
  expect(run).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(run).toHaveBeenCalledOnce()
})

test('a wait can be called off at any time', () => {
  const run = vi.fn()
  const stops = [systemClock.after(5, run), systemClock.after(60 * DAY_MS, run)]
  stops[0]?.()
  vi.advanceTimersByTime(30 * DAY_MS)
  stops[1]?.()
  vi.advanceTimersByTime(60 * DAY_MS)
  expect(run).not.toHaveBeenCalled()
})

test('chance makes UUIDs', () => {
  expect(systemChance.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u)
})
