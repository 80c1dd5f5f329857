// RESULTS.md, from what was found.
import type { Subject } from '../subjects/subject.ts'
import type { Chart } from './charts.ts'
import type { Results, WorkResult } from './results.ts'
import { asMarkdown, tablesOf } from './table.ts'

export interface Report {
  readonly results: Results
  readonly charts: readonly Chart[]
  readonly subjects: readonly Subject[]
  /** Where the charts lie, seen from the report. */
  readonly chartsAt: string
}

export function reportOf({ results, charts, subjects, chartsAt }: Report): string {
  const { machine, versions, works } = results
  const pinned = machine.pinned ? 'server and generator on a core each' : 'nothing pinned to a core'
  return [
    '# Results',
    `Written by \`npm run bench\`; [README.md](README.md) says how to read it. Measured on ${machine.name}, ${pinned}, which other programs used as well: rates and latencies of single runs move by a factor of two, CPU per message by some 30 %. Compare what was measured in the same work, and ratios rather than figures.`,
    ['| server | version | what it does |', '|---|---|---|', ...subjects.flatMap((one) => rowOf(one, versions))].join(
      '\n',
    ),
    ...charts.map(({ file, title }) => `![${title}](${chartsAt}/${file})`),
    ...works.map(sectionOf),
  ]
    .join('\n\n')
    .concat('\n')
}

function rowOf({ name, about }: Subject, versions: Results['versions']): readonly string[] {
  // Parley's is said with each work: one may have been measured later than another.
  const version = name === 'Parley' ? 'see each work' : versions[name]
  return version === undefined ? [] : [`| ${name} | ${version} | ${about} |`]
}

function sectionOf(work: WorkResult): string {
  const { name, title, about, measuredAt, version } = work
  return [
    `## ${title}`,
    about,
    ...tablesOf(work).map(asMarkdown),
    `\`${name}\`, ${measuredAt.slice(0, 10)}, Parley ${version}`,
  ].join('\n\n')
}
