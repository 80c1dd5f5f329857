// The shape of a contract suite: rules with names, to be run by any test runner.
import assert from 'node:assert/strict'
import type { ProblemCode } from '@parley/protocol'

export interface Rule {
  /** A sentence. */
  readonly name: string
  /** Rejects when the rule does not hold. */
  run(): Promise<void>
}

/** Holds when the promise is refused with this code. */
export async function refused(promise: Promise<unknown>, code: ProblemCode): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof Error && 'problem' in error, `not a refusal: ${error}`)
    assert.partialDeepStrictEqual(error.problem, { code })
    return true
  })
}
