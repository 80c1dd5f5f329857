// The contract of a log: what every adapter must hold to, as rules that any test runner can run.
import { appendRules } from './log-append.ts'
import { fileRules } from './log-files.ts'
import { markRules } from './log-marks.ts'
import { pageRules } from './log-pages.ts'
import { redactionRules } from './log-redaction.ts'
import { retentionRules } from './log-retention.ts'
import { roomRules } from './log-rooms.ts'
import { searchRules } from './log-search.ts'
import { spanRules } from './log-spans.ts'
import { standingRules } from './log-standing.ts'
import type { MakeLog } from './log-world.ts'
import type { Rule } from './rule.ts'

export type { LogUnderTest, MakeLog } from './log-world.ts'
export type { Rule } from './rule.ts'

/**
 * The rules of a log. `make` is called for each rule, at times more than once; every log that it makes is empty and its own.
 *
 * ```ts
 * for (const { name, run } of logContract(async (now) => ({ log: memoryLog({ now, uuid }), done: async () => {} })))
 *   test(name, run)
 * ```
 */
export function logContract(make: MakeLog): readonly Rule[] {
  return [
    ...appendRules(make),
    ...spanRules(make),
    ...pageRules(make),
    ...retentionRules(make),
    ...roomRules(make),
    ...standingRules(make),
    ...redactionRules(make),
    ...searchRules(make),
    ...markRules(make),
    ...fileRules(make),
  ]
}
