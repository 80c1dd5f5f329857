// Who is meant in a text: `@` and a name of somebody who is known in the room.
import type { Author } from '@parley/protocol'
import type { People } from '../people/people.ts'
import { nameOf } from './names.ts'

/** What stands behind the `@`. Agents listen to their id. */
export function mentionWord(author: Author): string {
  return author.kind === 'agent' ? author.id : nameOf(author)
}

export interface Piece {
  readonly text: string
  /** Id of who is meant. */
  readonly who?: string
}

/** The text in pieces, those that mean somebody marked. */
export function piecesOf(text: string, people: People): readonly Piece[] {
  const words = wordsOf(people)
  if (words.size === 0 || !text.includes('@')) return [{ text }]
  // The longest first: “Ann Lee” is not “Ann”.
  const known = [...words.keys()].toSorted((one, other) => other.length - one.length).map(escaped)
  const pieces = text.split(new RegExp(`(?<![\\p{L}\\p{N}])@(${known.join('|')})(?![\\p{L}\\p{N}])`, 'giu'))
  return pieces.flatMap((piece, index): readonly Piece[] => {
    if (index % 2 === 0) return piece === '' ? [] : [{ text: piece }]
    const who = words.get(piece.toLowerCase())
    return [{ text: `@${piece}`, ...(who === undefined ? {} : { who }) }]
  })
}

/** Ids of those who are meant, each once. */
export function mentionsIn(text: string, people: People): readonly string[] {
  return [...new Set(piecesOf(text, people).flatMap(({ who }) => who ?? []))]
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&')
}

/** Ids by the small letters of what may stand for them. */
function wordsOf(people: People): ReadonlyMap<string, string> {
  return new Map(
    [...people.values()].flatMap((author) =>
      [author.id, nameOf(author)].map((word) => [word.toLowerCase(), author.id]),
    ),
  )
}

/** What is being written right before the caret, where that begins with `@`. */
export function mentionAt(text: string, caret: number): { readonly from: number; readonly begun: string } | undefined {
  const [, begun] = /(?:^|\s)@([\p{L}\p{N}._-]{0,40})$/u.exec(text.slice(0, caret)) ?? []
  return begun === undefined ? undefined : { from: caret - begun.length - 1, begun }
}

const MOST = 6

/** Who may be meant by what is begun. */
export function candidates(begun: string, people: People, me: string | undefined): readonly Author[] {
  const start = begun.toLowerCase()
  const fits = (word: string) =>
    word
      .toLowerCase()
      .split(/\s+/u)
      .some((one) => one.startsWith(start))
  return [...people.values()]
    .filter((author) => author.id !== me && author.kind !== 'system' && [author.id, nameOf(author)].some(fits))
    .slice(0, MOST)
}
