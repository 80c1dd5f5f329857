// Search for words exactly as they were put, for those who know what is written.
import type { Finding } from './guide-search.ts'
import type { Section } from './guide-sections.ts'

/** Sections in which these words stand in this order, most often first. Case, white space and marks of Markdown do not count. */
export type FindPhrase = (phrase: string) => readonly Finding[]

export function phrasesIn(sections: readonly Section[]): FindPhrase {
  const texts = sections.map(({ trail, blocks }) => plain([trail.at(-1), ...blocks].join('\n')))
  return (phrase) => {
    const sought = plain(phrase)
    if (sought === '') return []
    return sections
      .map((section, index) => ({ section, score: (texts[index]?.split(sought).length ?? 1) - 1 }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
  }
}

function plain(text: string): string {
  return text
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/[`*[\]]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}
