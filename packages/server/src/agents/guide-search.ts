// Full-text search over sections: BM25, with headings above text, and a judgement of what is not worth showing.
import MiniSearch, { type SearchResult } from 'minisearch'
import type { Section } from './guide-sections.ts'
import { meantBy, stemOf, tokensOf } from './guide-words.ts'

export interface Finding {
  readonly section: Section
  /** Comparable within one search only. */
  readonly score: number
}

export interface Findings {
  /** Best first; empty where the documentation says nothing about it. */
  readonly found: readonly Finding[]
  /** Whether the best is about what was asked, not only mentions some of it in passing. */
  readonly sure: boolean
  /** Words of the question, as they were asked, that the documentation never mentions. */
  readonly unknown: readonly string[]
  /** Stems that the findings were found by. */
  readonly stems: ReadonlySet<string>
}

/** `context`: what was asked before; it helps to rank, and to find only where the question itself says nothing. */
export type Search = (question: string, context?: string) => Findings

/** A word of the question and all the stems that may stand for it in the documentation. */
interface Sought {
  readonly word: string
  readonly stem: string
  readonly others: readonly string[]
}

/** Of the weight of a question's words, a section must meet this share to be shown. */
const ENOUGH = 0.5
/** A word that no more than this share of the sections has says what they are about. */
const RARE = 1 / 8
const OTHERS = 0.5
const CONTEXT = 0.3

export function searchIn(sections: readonly Section[]): Search {
  const index = indexOf(sections)
  const mentions = mentionsIn(sections)
  const known = (stem: string): boolean => mentions.has(stem)
  const rarity = (stem: string): number => Math.log(1 + sections.length / ((mentions.get(stem) ?? 0) + 0.5))

  return (question, context = '') => {
    const asked = soughtIn(question)
    const before = soughtIn(context)
    const counting = asked.length > 0 ? asked : before
    // A question that names nothing but Parley is about Parley; the documentation begins by saying what it is.
    const [beginning] = sections
    if (counting.length === 0 && beginning !== undefined && /\bparley\b/iu.test(question))
      return { found: [{ section: beginning, score: 1 }], sure: true, unknown: [], stems: new Set() }
    const hits = hitsIn(index, weigh(asked, before), known)
    const said = new Set(tokensOf(question))
    const judged = hits.flatMap(({ id, score, queryTerms, match }) => {
      const section = sections[id]
      const met = share(counting, new Set(queryTerms), known, rarity)
      if (section === undefined || met < ENOUGH) return []
      return [{ section, match, score: score * met * met * standing(section) * fit(section, said) }]
    })
    judged.sort((a, b) => b.score - a.score)
    const meant = new Set(counting.flatMap(({ stem, others }) => [stem, ...others]))
    const sure = Object.entries(judged[0]?.match ?? {}).some(
      ([stem, fields]) =>
        meant.has(stem) && (fields.includes('heading') || (mentions.get(stem) ?? 0) <= sections.length * RARE),
    )
    const found = judged.map(({ section, score }) => ({ section, score }))
    return { found, sure, unknown: unmet(asked, hits, known), stems: new Set(hits.flatMap(({ terms }) => terms)) }
  }
}

type Index = MiniSearch<Section & { readonly id: number }>

function indexOf(sections: readonly Section[]): Index {
  const index: Index = new MiniSearch({
    fields: ['heading', 'above', 'text'],
    extractField: (section, field) => {
      if (field === 'id') return section.id
      if (field === 'heading') return section.trail.at(-1)
      return field === 'above' ? section.trail.slice(0, -1).join(' ') : section.blocks.map(words).join('\n')
    },
    tokenize: tokensOf,
    processTerm: stemOf,
  })
  index.addAll(sections.map((section, id) => ({ ...section, id })))
  return index
}

function hitsIn(index: Index, weight: ReadonlyMap<string, number>, known: (stem: string) => boolean): SearchResult[] {
  return index.search([...weight.keys()].join(' '), {
    tokenize: (text) => text.split(' '),
    processTerm: (stem) => stem,
    boostTerm: (stem) => weight.get(stem) ?? 0,
    boost: { heading: 3, above: 1.2 },
    prefix: (stem) => stem.length >= 4,
    // A word that the documentation knows is not misspelt.
    fuzzy: (stem) => (stem.length >= 5 && !known(stem) ? 0.2 : false),
    weights: { prefix: 0.4, fuzzy: 0.3 },
  })
}

function unmet(asked: readonly Sought[], hits: readonly SearchResult[], known: (stem: string) => boolean): string[] {
  const met = new Set(hits.flatMap(({ queryTerms }) => queryTerms))
  const unknown = asked.filter(({ stem, others }) => !met.has(stem) && !others.some(known))
  return [...new Set(unknown.map(({ word }) => word))]
}

function soughtIn(text: string): Sought[] {
  return tokensOf(text).flatMap((word) => {
    const stem = stemOf(word)
    return stem === undefined ? [] : [{ word, stem, others: meantBy(stem) }]
  })
}

function weigh(asked: readonly Sought[], before: readonly Sought[]): Map<string, number> {
  const weight = new Map<string, number>()
  const add = (stem: string, much: number): void => void weight.set(stem, Math.max(much, weight.get(stem) ?? 0))
  for (const { stem, others } of asked) {
    add(stem, 1)
    for (const other of others) add(other, OTHERS)
  }
  for (const { stem } of before) add(stem, CONTEXT)
  return weight
}

/** How much of what is sought a section has, 0 to 1; rare words count more, near misses less. */
function share(
  sought: readonly Sought[],
  met: ReadonlySet<string>,
  known: (stem: string) => boolean,
  rarity: (stem: string) => number,
): number {
  let all = 0
  let got = 0
  for (const { stem, others } of sought) {
    const rare = rarity(stem)
    all += rare
    if (met.has(stem)) got += known(stem) ? rare : rare * 0.7
    else if (others.some((other) => met.has(other))) got += rare * 0.8
  }
  return all === 0 ? 0 : got / all
}

/** Guides are written to answer questions; records of decisions and rules for contributors are not. */
function standing({ source }: Section): number {
  if (source.startsWith('/docs/guide/')) return 1.25
  return /^\/docs\/(README|PROTOCOL)\.md/.test(source) ? 1 : 0.75
}

/** A heading that is asked word for word ("Get a token", "What is a position?") is meant. */
function fit({ trail }: Section, said: ReadonlySet<string>): number {
  return tokensOf(trail.at(-1) ?? '').every((token) => said.has(token)) ? 2 : 1
}

function mentionsIn(sections: readonly Section[]): Map<string, number> {
  const mentions = new Map<string, number>()
  for (const { trail, blocks } of sections) {
    const stems = new Set(tokensOf([...trail, ...blocks.map(words)].join(' ')).map(stemOf))
    for (const stem of stems) if (stem !== undefined) mentions.set(stem, (mentions.get(stem) ?? 0) + 1)
  }
  return mentions
}

/** A block without the targets of its links. */
function words(block: string): string {
  return block.replace(/\]\([^)]*\)/g, ']')
}
