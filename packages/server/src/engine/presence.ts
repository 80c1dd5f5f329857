// Who is in a room, told: of a few people who they are, of a crowd how many; and to other nodes whom this one holds.
import type { Author, Json, Member } from '@parley/protocol'
import type { Attendance, Stop } from '../seams/broker.ts'
import type { Clock } from '../seams/clock.ts'
import type { Ear } from './reader.ts'
import { Roster } from './roster.ts'
import type { Signals } from './signals.ts'

/** More than this are a crowd, and remain one until they are so few. */
const CROWD = 100
const FEW = 80

const BEAT_MS = 10_000
const SOON_MS = 500
/** A long list is told to other nodes less often, so that it never costs more than some 50 kB a second. */
const EACH_MS = 2

export interface PresenceParts {
  /** This process's name. */
  readonly node: string
  /** They are here as long as this process is. */
  readonly agents: readonly Author[]
  readonly clock: Clock
  readonly signals: Signals
  /** Absent: there are no other nodes. */
  readonly announce: ((attendance: Attendance) => void) | undefined
}

export class Presence {
  readonly #parts: PresenceParts
  readonly #roster: Roster
  #crowded = false
  /** Whether the others believe that this process holds somebody. */
  #holds = false
  #announcedAt = Number.NEGATIVE_INFINITY
  #number = 0
  #timer: Stop | undefined

  constructor(parts: PresenceParts) {
    this.#parts = parts
    this.#roster = new Roster(parts.agents)
    this.#changed(parts.agents)
  }

  get count(): number {
    return this.#roster.count
  }

  /** Everybody who is here; agents first, then whoever came first. */
  get members(): IteratorObject<Member> {
    return this.#roster.members
  }

  /** Whether they are told how many they are, not who. */
  get crowded(): boolean {
    return this.#crowded
  }

  /** The same, without what they say of themselves. */
  get users(): readonly Author[] {
    return this.#roster.users
  }

  come(ear: Ear): void {
    this.#changedHere(this.#roster.come(ear))
  }

  /** It is told after a while, unless they come back. */
  go(ear: Ear): void {
    this.#roster.go(ear, this.#parts.clock.steady())
  }

  /** What somebody says of themselves on this connection. False: it is not in the room. */
  say(ear: Ear, state: Json): boolean {
    const user = this.#roster.say(ear, state, this.#parts.clock.now())
    if (user !== undefined) this.#changedHere(user)
    return user !== undefined
  }

  /** Another node says whom it holds. */
  attend(attendance: Attendance): void {
    const stranger = !this.#roster.knows(attendance.node)
    this.#changed(this.#roster.attend(attendance, this.#parts.clock.steady()).values())
    // Who is new has not heard whom this one holds.
    if (stranger) this.#announceSoon()
  }

  /** Called every second or so. */
  sweep(): void {
    const now = this.#parts.clock.steady()
    const lapsed = this.#roster.lapse(now)
    if (lapsed.size > 0) this.#changed(lapsed.values())
    if (lapsed.size > 0 || (this.#holds && now - this.#announcedAt >= BEAT_MS)) this.#announceSoon()
  }

  close(): void {
    this.#timer?.()
  }

  #changedHere(user: Author): void {
    this.#changed([user])
    this.#announceSoon()
  }

  #changed(users: Iterable<Author>): void {
    const { count } = this.#roster
    const crowded = count > (this.#crowded ? FEW : CROWD)
    if (crowded !== this.#crowded) this.#turn(crowded)
    else if (crowded) this.#parts.signals.say({ type: 'presence.count', count }, false)
    else for (const user of users) this.#tell(user)
  }

  /** From now on they are counted, or named. */
  #turn(crowded: boolean): void {
    this.#crowded = crowded
    this.#parts.signals.forgetAll(crowded ? 'presence' : 'presence.count')
    this.#changed(this.users)
  }

  #tell(user: Author): void {
    const member = this.#roster.member(user.id)
    this.#parts.signals.say({ type: 'presence', ...(member ?? { user }), here: member !== undefined }, false)
  }

  #announceSoon(): void {
    const { clock, announce } = this.#parts
    if (announce === undefined || this.#timer !== undefined) return
    const pace = Math.min(BEAT_MS, Math.max(SOON_MS, this.#roster.count * EACH_MS))
    const wait = pace - (clock.steady() - this.#announcedAt)
    this.#timer = clock.after(Math.max(0, wait), () => this.#announce(announce))
  }

  #announce(announce: (attendance: Attendance) => void): void {
    this.#timer = undefined
    const { node, clock } = this.#parts
    const members = this.#roster.held
    this.#announcedAt = clock.steady()
    if (members.length === 0 && !this.#holds) return
    this.#holds = members.length > 0
    // A process that takes another's name goes on from where that one was.
    this.#number = Math.max(this.#number + 1, clock.now())
    announce({ node, number: this.#number, members })
  }
}
