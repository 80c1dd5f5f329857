// Who is in a room: everybody whom a connection of this process or another process holds there, by user.
import type { Author, Json, Member } from '@parley/protocol'
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
  readonly voices: Map<Ear | string, Said>
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
  readonly #nodes = new Map<string, Node>()
  /** Connections that went, and when; the first went first. */
  readonly #leaving = new Map<Ear, number>()

  constructor(residents: readonly Author[]) {
    for (const user of residents) this.#people.set(user.id, { user, resident: true, voices: new Map() })
  }

  get count(): number {
    return this.#people.size
  }

  get members(): IteratorObject<Member> {
    return this.#people.values().map(memberOf)
  }

  member(id: string): Member | undefined {
    const person = this.#people.get(id)
    return person && memberOf(person)
  }

  /** Those whom this process holds by a connection. */
  get held(): readonly Attendant[] {
    return [...this.#people.values()].flatMap(({ user, voices }) => {
      const said = [...voices].flatMap(([voice, one]) => (typeof voice === 'string' ? [] : [one]))
      return said.length === 0 ? [] : [{ user, ...latestOf(said) }]
    })
  }

  come(ear: Ear): Author {
    const { actor } = ear
    this.#leaving.delete(ear)
    // Who comes back to the room says what they said before.
    return this.#hear(actor, ear, this.#people.get(actor.id)?.voices.get(ear) ?? nothing)
  }

  go(ear: Ear, now: number): void {
    this.#leaving.set(ear, now)
  }

  /** What somebody says of themselves since `since`, ms since 1970. Undefined: this connection is not in the room. */
  say(ear: Ear, state: Json, since: number): Author | undefined {
    const { actor } = ear
    const isHere = !this.#leaving.has(ear) && this.#people.get(actor.id)?.voices.has(ear) === true
    return isHere ? this.#hear(actor, ear, { state, since }) : undefined
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
    const end = (user: Author, voice: Ear | string): void => {
      this.#silence(user, voice)
      changed.set(user.id, user)
    }
    for (const [ear, at] of this.#leaving) {
      if (now - at < GRACE_MS) break
      this.#leaving.delete(ear)
      end(plain(ear.actor), ear)
    }
    for (const [node, { heardAt, users }] of this.#nodes) {
      if (now - heardAt < SILENCE_MS) continue
      this.#nodes.delete(node)
      for (const user of users.values()) end(user, node)
    }
    return changed
  }

  #hear(author: Author, voice: Ear | string, said: Said): Author {
    const user = plain(author)
    const person = this.#people.get(user.id) ?? { user, resident: false, voices: new Map() }
    if (!person.resident) person.user = user
    person.voices.set(voice, said)
    this.#people.set(user.id, person)
    return user
  }

  #silence({ id }: Author, voice: Ear | string): void {
    const person = this.#people.get(id)
    person?.voices.delete(voice)
    if (person?.voices.size === 0 && !person.resident) this.#people.delete(id)
  }
}

/** Without what else is known of an actor. */
function plain({ id, kind, name }: Author): Author {
  return { id, kind, ...(name === undefined ? {} : { name }) }
}

function memberOf({ user, voices }: Person): Member {
  const { state } = latestOf([...voices.values()])
  return { user, ...(state === undefined ? {} : { state }) }
}

function latestOf(said: readonly Said[]): Said {
  return said.reduce((latest, one) => (one.since >= latest.since ? one : latest), nothing)
}
