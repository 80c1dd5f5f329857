// Writes RESULTS.md and the charts of the documentation from what is kept: after each run that is not quick, or by itself.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chartsOf } from './report/charts.ts'
import { reportOf } from './report/markdown.ts'
import { type Results, readResults } from './report/results.ts'
import { subjectsFor } from './subjects/index.ts'
import { scales } from './work.ts'

const REPORT = fileURLToPath(new URL('./RESULTS.md', import.meta.url))
const CHARTS = fileURLToPath(new URL('../docs/charts/', import.meta.url))

export function publish(results: Results): void {
  const charts = chartsOf(results)
  mkdirSync(CHARTS, { recursive: true })
  for (const { file, svg } of charts) writeFileSync(CHARTS + file, svg)
  const subjects = subjectsFor(scales.standard)
  writeFileSync(REPORT, reportOf({ results, charts, subjects, chartsAt: '../docs/charts' }))
}

if (import.meta.main) {
  const results = readResults('standard')
  if (results !== undefined) publish(results)
}
