// The simulation itself: a seed is a story that can be told again.
import assert from 'node:assert/strict'
import { test } from 'vitest'
import { simulate } from '../src/simulation/simulate.ts'

async function stepsOf(seed: number): Promise<readonly string[]> {
  const steps: string[] = []
  await simulate(seed, { trace: (step) => steps.push(step) })
  return steps
}

test('the same seed takes the same steps, and another seed takes others', async () => {
  const [once, twice, other] = [await stepsOf(11), await stepsOf(11), await stepsOf(12)]
  assert.deepEqual(once, twice)
  assert.notDeepEqual(once, other)
  assert(once.length > 100)
})
