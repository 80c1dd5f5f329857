// What was found, put into words: passages to the letter, each with where it stands.
import type { Index } from './guide-library.ts'
import { pageOf } from './guide-library.ts'
import { passageOf } from './guide-passage.ts'
import type { Finding, Findings } from './guide-search.ts'
import type { Section } from './guide-sections.ts'
import type { Asked } from './guide-tools.ts'
import { stemOf, tokensOf } from './guide-words.ts'

/** Characters of the best passage, of the only one where it should be short, and of each of the others. */
const BEST = 3600
const SHORT = 300
const OTHER = 700

/** The answer to a question that was searched for. */
export function passagesOn({ search, topics }: Index, { query, context, brief = false }: Asked): string {
  const findings = search(query, context)
  const [best] = findings.found
  if (best === undefined) return nothing(findings, topics)
  return brief
    ? quote(best, findings.stems, SHORT)
    : [leadIn(findings), shown(findings.found, findings.stems)].join('\n\n')
}

/** The answer to somebody who looked for these very words. */
export function passagesWith(index: Index, asked: Asked): string {
  const found = index.phrase(asked.query)
  if (found.length === 0) return `“${asked.query}” stands nowhere word by word.\n\n${passagesOn(index, asked)}`
  const stems = new Set(tokensOf(asked.query).flatMap((token) => stemOf(token) ?? []))
  const times = found.reduce((sum, { score }) => sum + score, 0)
  const where = `“${asked.query}” stands ${times === 1 ? 'once' : `${times} times`} in the documentation.`
  return `${where}\n\n${shown(asked.brief === true ? found.slice(0, 1) : found, stems)}`
}

/** The best passage in full, what else is nearly as good in short, and links to a few more. */
function shown([best, ...rest]: readonly Finding[], stems: ReadonlySet<string>): string {
  if (best === undefined) return ''
  const near = rest.filter(({ score }) => score >= best.score * 0.6).slice(0, 2)
  const more = rest.filter((finding) => !near.includes(finding) && finding.score >= best.score * 0.3).slice(0, 4)
  return [
    quote(best, stems, BEST),
    ...near.map((finding) => quote(finding, stems, OTHER)),
    ...(more.length === 0 ? [] : [`See also: ${more.map(({ section }) => cite(section)).join(' · ')}`]),
  ].join('\n\n')
}

function quote({ section }: Finding, stems: ReadonlySet<string>, limit: number): string {
  return `${passageOf(section, stems, limit)}\n\n— ${cite(section)}`
}

function leadIn({ sure, unknown }: Findings): string {
  if (unknown.length > 0)
    return `The documentation never mentions ${listed(unknown)}. The nearest that it says is this.`
  return sure
    ? 'This is what the documentation says.'
    : 'I found no direct answer. The nearest that the documentation says is this.'
}

function nothing({ unknown }: Findings, topics: readonly Section[]): string {
  if (topics.length === 0) return 'This server has no documentation for me to search, so I cannot answer that.'
  const why = unknown.length === 0 ? '' : ` It never mentions ${listed(unknown)}.`
  const links = topics.map((topic) => `- [${topic.trail[0]}](${pageOf(topic)})`).join('\n')
  return (
    `I found nothing about that in the documentation of Parley.${why} ` +
    `I can only show what is written there, in English. These are its topics:\n\n${links}`
  )
}

function listed(words: readonly string[]): string {
  return words
    .slice(0, 5)
    .map((word) => `“${word}”`)
    .join(', ')
}

/** The document by its title, and the section by its heading. */
function cite({ trail, source }: Section): string {
  const [title = '', ...below] = trail
  const words = [title, ...below.slice(-1)].join(' › ')
  return `[${words.replace(/[[\]]/g, '\\$&')}](${source})`
}
