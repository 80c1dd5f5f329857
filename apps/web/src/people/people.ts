// Who is known in a room, by id, and how several of them are told in a few words.
import type { Author, Message } from '@parley/protocol'
import { createContext, useContext } from 'react'
import { nameOf } from '../conversation/names.ts'

export type People = ReadonlyMap<string, Author>

export const nobody: People = new Map()

export const PeopleContext = createContext<People>(nobody)

export function usePeople(): People {
  return useContext(PeopleContext)
}

/** Those who have spoken and those who are here; what is told of them last counts. */
export function peopleOf(messages: readonly Pick<Message, 'by'>[], here: readonly Author[]): People {
  return new Map([...messages.map(({ by }) => by), ...here].map((author) => [author.id, author]))
}

/** The same map as before where everybody is called as before: what shows names need not be drawn again. */
export function sameOr(before: People, after: People): People {
  if (before.size !== after.size) return after
  for (const [id, author] of after) {
    const was = before.get(id)
    if (was === undefined || nameOf(was) !== nameOf(author)) return after
  }
  return before
}

export function calledIn(people: People, id: string): string {
  return nameOf(people.get(id) ?? { id, kind: 'user' })
}

/** “Ann”, “Ann and Bob”, “Ann and 2 others”. */
export function fewWords(names: readonly string[]): string {
  const [first = '', second = ''] = names
  if (names.length < 2) return first
  return names.length === 2 ? `${first} and ${second}` : `${first} and ${names.length - 1} others`
}

/** All of them: “Ann, Bob and Cem”. */
export function allWords(names: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names)
}
