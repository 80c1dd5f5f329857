// Who is in a room at the moment, who writes, and how far each has read: what signals tell of people.
import type { Author, Member, Presence, ReadMark, Signal, Typing } from '@parley/protocol'
import type { Clock, Stop } from './seams.ts'

export interface Present extends Member {
  /** False: they have left since. */
  readonly here: boolean
}

/** Immutable: each is the same object until it changes. */
export interface CompanyPicture {
  /** By user id: who is here, and who has left since. */
  readonly members: ReadonlyMap<string, Present>
  /** How many people are here; in a large room more than `members` tells of. */
  readonly count: number
  /** Who else is writing, longest first. */
  readonly typing: readonly Author[]
  /** The seq up to which each user has read. */
  readonly reads: ReadonlyMap<string, number>
}

export const noCompany: CompanyPicture = { members: new Map(), count: 0, typing: [], reads: new Map() }

export interface CompanyParts {
  readonly clock: Clock
  /** Id of who listens, where that is known. */
  me(): string | undefined
  changed(picture: CompanyPicture): void
}

/** Whoever was here before a connection was lost may come back a little later, also where all lost theirs. */
const GRACE_MS = 5_000
/** With so many who have left, all of them are forgotten. */
const MOST_GONE = 1_000

export class Company {
  readonly #parts: CompanyParts
  #picture = noCompany
  /** Only how many are here is told. */
  #crowded = false
  /** Ids of those who were here before a connection was lost, and have not come back yet. */
  readonly #missing = new Set<string>()
  /** Ids that the answer to joining named, until the roster is told, in which whoever listens stands too. */
  #unconfirmed = new Set<string>()
  #stopWaiting: Stop | undefined
  /** By id: who writes. The server says when they have stopped; without a connection nobody is heard writing. */
  readonly #writers = new Map<string, Author>()

  constructor(parts: CompanyParts) {
    this.#parts = parts
  }

  /** The room is heard from now on, and these are in it. Of what they say of themselves, what was known stays. */
  meet(roster: readonly Author[]): void {
    const { members: before, count } = this.#picture
    const named = roster.map((user): [string, Present] => [user.id, { ...before.get(user.id), user, here: true }])
    const here = new Set(roster.map(({ id }) => id))
    const missing = this.#crowded ? [] : [...before].filter(([id, member]) => member.here && !here.has(id))
    this.#await(missing.map(([id]) => id))
    this.#unconfirmed = here
    const members = new Map([...named, ...missing])
    this.#show({ members, count: this.#crowded ? count : members.size })
  }

  /** Who is here, all at once, or the first of `count`. */
  list(roster: readonly Member[], count: number): void {
    this.#await([])
    this.#show({ members: new Map(roster.map((member) => [member.user.id, { ...member, here: true }])), count })
  }

  hear(signals: readonly Signal[]): void {
    const presences = signals.filter((signal) => signal.type === 'presence')
    if (presences.length > 0) this.#hearPresences(presences)
    const crowd = signals.findLast((signal) => signal.type === 'presence.count')
    if (crowd !== undefined) {
      this.#crowded = true
      this.#show({ count: crowd.count })
    }
    for (const signal of signals) if (signal.type === 'typing') this.#hearTyping(signal)
    this.#hearReads(signals.filter((signal) => signal.type === 'read'))
  }

  /** The room begins anew: places in its log mean something else now. */
  restart(): void {
    if (this.#picture.reads.size > 0) this.#show({ reads: noCompany.reads })
  }

  /** Nothing is known of the moment any more. */
  leave(): void {
    this.quiet()
    this.#unconfirmed = new Set()
    this.#missing.clear()
    this.#crowded = false
    if (this.#picture.members.size > 0 || this.#picture.count > 0) this.#show({ members: noCompany.members, count: 0 })
  }

  /** Nobody is heard writing; no timer runs on. */
  quiet(): void {
    this.#stopWaiting?.()
    this.#writers.clear()
    if (this.#picture.typing.length > 0) this.#show({ typing: noCompany.typing })
  }

  #hearPresences(presences: readonly Presence[]): void {
    // Where a crowd has become small, all who are left are named at once.
    const members = new Map(this.#crowded ? [] : this.#picture.members)
    this.#crowded = false
    for (const id of this.#leftMeanwhile(presences)) {
      const member = members.get(id)
      if (member !== undefined) members.set(id, { ...member, here: false })
    }
    for (const { type: _, ...told } of presences) {
      members.set(told.user.id, told)
      this.#missing.delete(told.user.id)
      if (!told.here) this.#stopped(told.user.id)
    }
    const here = [...members].filter(([, member]) => member.here)
    const gone = members.size - here.length
    this.#show({ members: gone > MOST_GONE ? new Map(here) : members, count: here.length })
  }

  /** Who left between the answer to joining and the roster: that was told to those who listened already. */
  #leftMeanwhile(presences: readonly Presence[]): readonly string[] {
    const me = this.#parts.me()
    if (!presences.some(({ user, here }) => here && user.id === me)) return []
    const told = new Set(presences.map(({ user }) => user.id))
    const left = [...this.#unconfirmed].filter((id) => !told.has(id))
    this.#unconfirmed = new Set()
    return left
  }

  /** Those who do not come back in time have left. */
  #await(missing: readonly string[]): void {
    this.#stopWaiting?.()
    this.#missing.clear()
    if (missing.length === 0) return
    for (const id of missing) this.#missing.add(id)
    this.#stopWaiting = this.#parts.clock.after(GRACE_MS, () => {
      const late = [...this.#missing].flatMap((id) => this.#picture.members.get(id) ?? [])
      this.#missing.clear()
      if (late.length > 0) this.#hearPresences(late.map(({ user }) => ({ type: 'presence', user, here: false })))
    })
  }

  #hearTyping({ user, on }: Typing): void {
    if (user.id === this.#parts.me()) return
    if (!on) return this.#stopped(user.id)
    const known = this.#writers.has(user.id)
    this.#writers.set(user.id, user)
    if (!known) this.#showWriters()
  }

  #stopped(user: string): void {
    if (this.#writers.delete(user)) this.#showWriters()
  }

  #showWriters(): void {
    this.#show({ typing: [...this.#writers.values()] })
  }

  /** Whoever has read something does not unread it. */
  #hearReads(marks: readonly ReadMark[]): void {
    const { reads: before } = this.#picture
    const further = marks.filter(({ user, seq }) => seq > (before.get(user) ?? -1))
    if (further.length === 0) return
    const reads = new Map(before)
    for (const { user, seq } of further) reads.set(user, Math.max(seq, reads.get(user) ?? 0))
    this.#show({ reads })
  }

  #show(change: Partial<CompanyPicture>): void {
    this.#picture = { ...this.#picture, ...change }
    this.#parts.changed(this.#picture)
  }
}
