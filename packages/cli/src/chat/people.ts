// The people of a room in words: how they are called, who has come and gone, who is writing.
import type { RoomPicture } from '@parley/client'
import type { Author } from '@parley/protocol'
import { nameOf } from '../printable.ts'

type Known = Pick<RoomPicture, 'messages'> & Partial<Pick<RoomPicture, 'members'>>

/** A user's name where the room tells of it, else their id. */
export function nameIn({ members, messages }: Known, user: string): string {
  return nameOf(members?.get(user)?.user ?? messages.findLast(({ by }) => by.id === user)?.by ?? { id: user })
}

/** The id of whoever is called so, by id or by name. Undefined: nobody in sight. */
export function idOf(
  { members, messages }: Pick<RoomPicture, 'members' | 'messages'>,
  called: string,
): string | undefined {
  const wanted = called.replace(/^@/, '')
  const people = [...members.values().map(({ user }) => user), ...messages.map(({ by }) => by)]
  const is = ({ id, name }: Author) => id === wanted || name?.toLowerCase() === wanted.toLowerCase()
  return (people.find(({ id }) => id === wanted) ?? people.find(is))?.id
}

/** As in `ann and bob are typing…` */
export function typingText(names: readonly string[]): string {
  if (names.length > 3) return `${names.length} people are typing…`
  const last = names.at(-1) ?? ''
  const all = names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
  return `${all} ${names.length === 1 ? 'is' : 'are'} typing…`
}

/** In a room with more people than this, nobody wants to hear of each who comes and goes. */
const MOST_TOLD = 30

/** Tells who has come and who has gone, picture by picture. Whoever the first one shows was there before. */
export class Comings {
  #room = ''
  #here: ReadonlyMap<string, Author> | undefined

  /** @param me id of the one who looks. */
  hear({ room, joined, members, count }: RoomPicture, me: string | undefined): readonly string[] {
    const before = room === this.#room ? this.#here : undefined
    this.#room = room
    if (!joined) {
      // Over a lost connection people stay; a room that was left is seen anew.
      if (members.size === 0) this.#here = undefined
      return []
    }
    const users = [...members.values()].flatMap(({ user, here }) => (here && user.kind === 'user' ? [user] : []))
    const here = new Map(users.map((user) => [user.id, user]))
    this.#here = here
    if (before === undefined || count > MOST_TOLD) return []
    const come = [...here.values()].filter(({ id }) => id !== me && !before.has(id))
    const gone = [...before.values()].filter(({ id }) => id !== me && !here.has(id))
    return [...come.map((user) => `${nameOf(user)} is here`), ...gone.map((user) => `${nameOf(user)} has left`)]
  }
}
