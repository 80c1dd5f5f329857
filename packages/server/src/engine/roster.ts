// Who is in a room: everybody whom a connection of this process or another process holds there, by user.
import { type Author, authorOf, type Json, type Member } from '@parley/protocol'
import type { Attendance, Attendant } from '../seams/broker.ts'
import type { Ear } from './reader.ts'

/** Whoever comes back within this time was never gone. */
const GRACE_MS = 5_000
/** A process that has said nothing for so long is gone. */
const SILENCE_MS = 25_000

/** What somebody says of themselves, and since when (ms since 1970). */
type Said = Pick<Attendant, 'state' | 'since'>

interface Person {
  user: Author
  /** Agents of this process live here. */
  readonly resident: boolean
  /** What is said by each of their connections here, and by each other node (by its name) that holds them. */
  readonly voices: Map<object | string, Said>
}

interface Node {
  readonly number: number
  readonly heardAt: number
  readonly users: Users
}

/** By id. */
type Users = ReadonlyMap<string, Author>

const nothing: Said = { since: 0 }
const nobody: Users = new Map()

/** Times are steady ones, unless said otherwise. What may change who is here says for whom. */
export class Roster {
  readonly #people = new Map<string, Person>()
  /** Those of all people, while nothing has changed since they were gathered. */
  #users: Author[] | undefined
  readonly #nodes = new Map<string, Node>()
  /** Voices of connections that went, whose they were, and when; the first went first. */
  readonly #leaving = new Map<object, { readonly user: Author; readonly at: number }>()

  constructor(residents: readonly Author[]) {
    for (const user of residents) this.#people.set(user.id, { user, resident: true, voices: new Map() })
  }

  get count(): number {
    return this.#people.size
  }

  get members(): IteratorObject<Member> {
    return this.#people.values().map(memberOf)
  }

  get users(): readonly Author[] {
    this.#users ??= [...this.#people.values()].map(({ user }) => user)
    return this.#users
  }

  member(id: string): Member | undefined {
    const person = this.#people.get(id)
    return person && memberOf(person)
  }

  /** Those whom this process holds by a connection. */
  get held(): readonly Attendant[] {
    const held: Attendant[] = []
    for (const { user, voices } of this.#people.values()) {
      let latest: Said | undefined
      for (const [voice, said] of voices)
        if (typeof voice !== 'string' && (latest === undefined || said.since >= latest.since)) latest = said
      if (latest !== undefined) held.push({ user, ...latest })
    }
    return held
  }

  come(ear: Ear): Author {
    const { actor, voice } = ear
    this.#leaving.delete(voice)
    // Who comes back to the room says what they said before.
    return this.#hear(actor, voice, this.#people.get(actor.id)?.voices.get(voice) ?? nothing)
  }

  go({ actor, voice }: Ear, now: number): void {
    this.#leaving.set(voice, { user: authorOf(actor), at: now })
  }

  /** What somebody says of themselves since `since`, ms since 1970. Undefined: this connection is not in the room. */
  say(ear: Ear, state: Json, since: number): Author | undefined {
    const { actor, voice } = ear
    const isHere = !this.#leaving.has(voice) && this.#people.get(actor.id)?.voices.has(voice) === true
    return isHere ? this.#hear(actor, voice, { state, since }) : undefined
  }

  /** Whether this node holds somebody, as far as that is known. */
  knows(node: string): boolean {
    return (this.#nodes.get(node)?.users.size ?? 0) > 0
  }

  attend({ node, number, members }: Attendance, now: number): Users {
    const before = this.#nodes.get(node)
    if (before !== undefined && number <= before.number) return new Map()
    const users = new Map(members.map(({ user, ...said }) => [user.id, this.#hear(user, node, said)]))
    this.#nodes.set(node, { number, heardAt: now, users })
    const gone = new Map(before?.users.entries().filter(([id]) => !users.has(id)))
    for (const user of gone.values()) this.#silence(user, node)
    return new Map([...users, ...gone])
  }

  /** Those whose grace has passed are gone, and those of a process that is silent. */
  lapse(now: number): Users {
    if (this.#leaving.size === 0 && this.#nodes.size === 0) return nobody
    const changed = new Map<string, Author>()
    const end = (user: Author, voice: object | string): void => {
      this.#silence(user, voice)
      changed.set(user.id, user)
    }
    for (const [voice, { user, at }] of this.#leaving) {
      if (now - at < GRACE_MS) break
      this.#leaving.delete(voice)
      end(user, voice)
    }
    for (const [node, { heardAt, users }] of this.#nodes) {
      if (now - heardAt < SILENCE_MS) continue
      this.#nodes.delete(node)
      for (const user of users.values()) end(user, node)
    }
    return changed
  }

  #hear(author: Author, voice: object | string, said: Said): Author {
    const user = authorOf(author)
    const person = this.#people.get(user.id)
    if (person === undefined) this.#add(user, voice, said)
    else {
      const { name, kind } = person.user
      if (!person.resident && (name !== user.name || kind !== user.kind)) {
        person.user = user
        this.#users = undefined
      }
      person.voices.set(voice, said)
    }
    return user
  }

  #add(user: Author, voice: object | string, said: Said): void {
    this.#people.set(user.id, { user, resident: false, voices: new Map([[voice, said]]) })
    this.#users?.push(user)
  }

  #silence({ id }: Author, voice: object | string): void {
    const person = this.#people.get(id)
    person?.voices.delete(voice)
    if (person?.voices.size !== 0 || person.resident) return
    this.#people.delete(id)
    this.#users = undefined
  }
}

function memberOf({ user, voices }: Person): Member {
  const { state } = latestOf(voices.values())
  return { user, ...(state === undefined ? {} : { state }) }
}

function latestOf(said: Iterable<Said>): Said {
  let latest = nothing
  for (const one of said) if (one.since >= latest.since) latest = one
  return latest
}
