// One work after the other: in each case all servers have their turns, alternating, so that what else the machine does meets all.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Pinning } from './machine.ts'
import { hottest } from './profile.ts'
import { type CaseResult, medians, type Row, type WorkResult } from './report/results.ts'
import { asText, isComparison, tablesOf } from './report/table.ts'
import { parley } from './subjects/parley.ts'
import type { Subject } from './subjects/subject.ts'
import { take } from './turns.ts'
import type { Case, Figures, Scale, Work } from './work.ts'

export interface Run {
  readonly scale: Scale
  /** Of all turns together. */
  readonly folder: string
  readonly pinning: Pinning | undefined
  readonly present: readonly Subject[]
}

/** Measures all cases and prints what was found, a comparison as soon as it is done. */
export async function measureWork({ cases, ...work }: Work, run: Run): Promise<WorkResult> {
  const { name, title, about, columns, compares } = work
  console.log(`\n${name}: ${title}\n`)
  const show = (results: readonly CaseResult[]): void => {
    for (const table of tablesOf({ ...work, cases: results })) console.log(`${asText(table)}\n`)
  }
  const results: CaseResult[] = []
  for (const [index, one] of cases(run.scale).entries()) {
    const result = { title: one.title, rows: await measureCase(name, index, one, run) }
    results.push(result)
    if (isComparison({ cases: [result] })) show([result])
  }
  if (!isComparison({ cases: results })) show(results)
  const told = { name, title, about, columns, ...(compares === undefined ? {} : { compares }) }
  const version = parley.version()
  return { ...told, measuredAt: new Date().toISOString(), version, scale: run.scale.name, cases: results }
}

async function measureCase(work: string, index: number, { subjects, rounds }: Case, run: Run): Promise<readonly Row[]> {
  const found = new Map<Subject, Figures[]>()
  const failed = new Map<Subject, string>()
  const present = subjects.filter((subject) => run.present.includes(subject))
  for (let round = 0; round < Math.min(run.scale.rounds, rounds ?? Number.POSITIVE_INFINITY); round += 1) {
    let first: Figures | undefined
    for (const subject of present) {
      const turn = { work, index, subject: subject.name, scale: run.scale.name, first, folder: run.folder }
      try {
        const figures = await take(turn, run.pinning)
        found.set(subject, [...(found.get(subject) ?? []), figures])
        first ??= figures
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause)
        console.log(`  ${subject.name} failed in round ${round + 1}: ${why}`)
        failed.set(subject, why)
      }
    }
  }
  return present.map((subject) => rowOf(subject.name, found.get(subject) ?? [], failed.get(subject)))
}

/** A round that failed counts for nothing where another did not. */
function rowOf(subject: string, rounds: readonly Figures[], failed: string | undefined): Row {
  const row = { subject, figures: medians(rounds), rounds }
  return failed === undefined || rounds.length > 0 ? row : { ...row, failed }
}

/** Prints where the time of Parley's threads goes in each case. */
export async function profileWork({ name, title, cases }: Work, { scale, folder, pinning }: Run): Promise<void> {
  console.log(`\n${name}: ${title}`)
  for (const [index, { title, subjects }] of cases(scale).entries()) {
    if (!subjects.includes(parley)) continue
    const profiles = mkdtempSync(join(folder, 'profile-'))
    await take(
      { work: name, index, subject: parley.name, scale: scale.name, first: undefined, folder, profiles },
      pinning,
    )
    console.log([`\n ${title}`, ...hottest(profiles)].join('\n'))
  }
}
