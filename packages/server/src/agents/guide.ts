// The agent that needs no key: answers questions about Parley with passages of its documentation, cited, and never invents.
import { type Message, textOf } from '@parley/protocol'
import type { Agent, Thought, Turn } from '../seams/agent.ts'
import { DOC_FOLDERS, readDocs } from './guide-docs.ts'
import { passageOf } from './guide-passage.ts'
import { type Finding, type Findings, type Search, searchIn } from './guide-search.ts'
import { type Section, sectionsOf } from './guide-sections.ts'
import { smallTalk } from './guide-talk.ts'
import { stemOf, tokensOf } from './guide-words.ts'
import { type Pace, paced, wordsOf } from './pace.ts'

export interface GuideOptions extends Pace {
  /**
   * Folders to look for documentation in; the first that has any is read, at the first question.
   * Default: what the package ships, else the checkout it runs from.
   */
  readonly docs?: string | readonly string[]
}

const READ_BY_USERS = /^\/docs\/(?:guide\/|README|PROTOCOL)/
/** Characters of a question; what follows them is not searched for. */
const MOST = 600
/** Characters of the best passage, and of each of the others. */
const BEST = 3600
const OTHER = 700

export function guide(options: GuideOptions = {}): Agent {
  const { docs = DOC_FOLDERS } = options
  let opened: Promise<Library> | undefined
  return {
    id: 'guide',
    name: 'guide',
    async *reply(turn) {
      const question = questionOf(turn.message)
      const talk = smallTalk(question)
      if (talk !== undefined) return yield* paced(wordsOf(talk), options, turn.signal)
      opened ??= open(typeof docs === 'string' ? [docs] : docs)
      yield* answer(await opened, question, turn, options)
    },
  }
}

interface Library {
  readonly search: Search
  /** The first section of each document that people read, to name what can be asked about. */
  readonly topics: readonly Section[]
}

async function open(folders: readonly string[]): Promise<Library> {
  const sections = sectionsOf(await readDocs(folders))
  const topics = new Map<string, Section>()
  for (const section of sections) {
    const url = urlOf(section)
    if (!topics.has(url) && READ_BY_USERS.test(url)) topics.set(url, section)
  }
  return { search: searchIn(sections), topics: [...topics.values()] }
}

async function* answer(library: Library, question: string, turn: Turn, pace: Pace): AsyncGenerator<Thought> {
  const call = `search-${turn.run}`
  const context = leansBack(question) ? before(turn) : undefined
  const query = context === undefined ? question : `${question} (after: ${context})`
  yield { type: 'tool.called', call, name: 'search_docs', title: 'Searching the documentation', input: { query } }
  const findings = library.search(question, context)
  const output = findings.found.slice(0, 8).map(({ section, score }) => ({
    title: titleOf(section),
    source: section.source,
    score: Math.round(score * 100) / 100,
  }))
  yield { type: 'tool.ended', call, outcome: 'ok', output }
  const text = findings.found.length > 0 ? shown(findings) : nothing(findings, library.topics)
  yield* paced(wordsOf(text), pace, turn.signal)
}

/** The best passage in full, what else is nearly as good in short, and links to a few more. */
function shown({ found, sure, unknown, stems }: Findings): string {
  const [best, ...rest] = found
  if (best === undefined) return ''
  const near = rest.filter(({ score }) => score >= best.score * 0.6).slice(0, 2)
  const more = rest.filter((finding) => !near.includes(finding) && finding.score >= best.score * 0.3).slice(0, 4)
  const quote = ({ section }: Finding, limit: number): string =>
    `${passageOf(section, stems, limit)}\n\n— ${cite(section)}`
  return [
    leadIn(sure, unknown),
    quote(best, BEST),
    ...near.map((finding) => quote(finding, OTHER)),
    ...(more.length === 0 ? [] : [`See also: ${more.map(({ section }) => cite(section)).join(' · ')}`]),
  ].join('\n\n')
}

function leadIn(sure: boolean, unknown: readonly string[]): string {
  if (unknown.length > 0)
    return `The documentation never mentions ${listed(unknown)}. The nearest that it says is this.`
  return sure
    ? 'This is what the documentation says.'
    : 'I found no direct answer. The nearest that the documentation says is this.'
}

function nothing({ unknown }: Findings, topics: readonly Section[]): string {
  if (topics.length === 0) return 'This server has no documentation for me to search, so I cannot answer that.'
  const why = unknown.length === 0 ? '' : ` It never mentions ${listed(unknown)}.`
  const links = topics.map((topic) => `- [${topic.trail[0]}](${urlOf(topic)})`).join('\n')
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

function titleOf({ trail }: Section): string {
  return trail.join(' › ')
}

function urlOf({ source }: Section): string {
  return source.replace(/#.*/, '')
}

/** The document by its title, and the section by its heading. */
function cite({ trail, source }: Section): string {
  const [title = '', ...below] = trail
  const words = [title, ...below.slice(-1)].join(' › ')
  return `[${words.replace(/[[\]]/g, '\\$&')}](${source})`
}

/** The text without the mentions that brought it here. */
function questionOf(message: Message): string {
  return textOf(message.parts)
    .replace(/(^|\s)@[\p{L}\p{N}_.:-]+(?![\p{L}\p{N}_.:/-])/gu, '$1')
    .trim()
    .slice(0, MOST)
    .toWellFormed()
}

/** Whether a question makes sense only after another: "and for Redis?", "why?", "how do I change it?". */
function leansBack(question: string): boolean {
  const words = tokensOf(question).filter((token) => stemOf(token) !== undefined).length
  if (words === 0) return true
  if (words <= 2 && /^\W*(?:and|or|but|also|then|so|why|(?:what|how) about|more|another)\b/i.test(question)) return true
  return words <= 1 && /\b(?:it|its|that|this|they|them|those|these|there)\b/i.test(question)
}

/** What the same person asked last. */
function before({ message, history }: Turn): string | undefined {
  const last = history.findLast(({ by }) => by.id === message.by.id)
  const text = last === undefined ? '' : questionOf(last)
  return text === '' ? undefined : text
}
