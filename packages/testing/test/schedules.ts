// Runs many seeded schedules as a few tests; a seed that fails says how to take its steps again.
import assert from 'node:assert/strict'
import { test } from 'vitest'
import { simulate } from '../src/simulation/simulate.ts'

const TOGETHER = 100
/** Far more than they need, also on a busy machine. */
const PATIENCE_MS = 300_000

export function testSchedules(first: number, count: number): void {
  for (let from = first; from < first + count; from += TOGETHER) {
    const to = from + TOGETHER - 1
    test(`the schedules of seeds ${from} to ${to} keep every promise`, { timeout: PATIENCE_MS }, async () => {
      for (let seed = from; seed <= to; seed += 1) {
        const { faults } = await simulate(seed)
        const replay = `take its steps again: npm run fuzz -- --seed ${seed} --trace`
        assert.deepEqual(faults, [], `seed ${seed}: ${faults.join('\n')}\n${replay}`)
      }
    })
  }
}
