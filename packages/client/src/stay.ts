// Whether a room is heard: joins it while somebody needs it, again after each loss, and leaves it some time after.
import { type Author, type Position, type Problem, problem, problems, type RoomId } from '@parley/protocol'
import { backoffMs } from './backoff.ts'
import type { Ground } from './ground.ts'
import type { Stop } from './seams.ts'

/**
 * Where the connection stands towards the room. `away`: it does not hear it; `joining`: it asked to, and pages before
 * the answer are of an earlier place; `joined`: each page follows the picture; `waiting`: it may not, and asks again
 * after a while; `refused`: it may not, and asking again by itself will not help.
 */
export type Standing = 'away' | 'joining' | 'joined' | 'waiting' | 'refused'

/** What a stay needs to know of its room. */
export interface Guest {
  /** Up to where the room is known. */
  position(): Position | undefined
  /** Somebody watches the room. */
  watched(): boolean
  /** Posts are on their way into it. */
  posting(): boolean
  changed(standing: Standing, why: Problem | undefined): void
  /** The room is heard from now on; these are in it. */
  met(members: readonly Author[]): void
}

/** Pages in a row that do not fit, after which the connection is given up. */
const MOST_STRAYS = 3

export class Stay {
  readonly #room: RoomId
  readonly #ground: Ground
  readonly #guest: Guest
  #standing: Standing = 'away'
  /** Nobody has asked for the room since it was left. */
  #left = true
  /** Joins sent; a reply to an earlier one means nothing. */
  #joins = 0
  /** Refused joins in a row. */
  #refusals = 0
  #strays = 0
  #stopLingering: Stop | undefined
  #stopWaiting: Stop | undefined

  constructor(room: RoomId, ground: Ground, guest: Guest) {
    this.#room = room
    this.#ground = ground
    this.#guest = guest
  }

  get standing(): Standing {
    return this.#standing
  }

  /** Whether the server has said for good that it may be heard or not. */
  get decided(): boolean {
    return this.#standing === 'joined' || this.#standing === 'refused'
  }

  /** Somebody needs the room from now on. */
  want(): void {
    this.#left = false
    this.#stopLingering?.()
    this.#stopLingering = undefined
    this.#ground.wake()
    if ((this.#standing === 'away' || this.#standing === 'refused') && this.#ground.online) this.#join()
    this.rest()
  }

  /** Somebody may need it no more. A room that is heard stays so for a while, for those who come right back. */
  rest(): void {
    if (this.#guest.posting() || (!this.#left && this.#guest.watched())) return
    if (this.#left || !this.#heard) return this.#depart()
    this.#stopLingering ??= this.#ground.clock.after(this.#ground.lingerMs, () => this.leave())
  }

  /** Nobody needs it; what was posted is sent before. */
  leave(): void {
    this.#left = true
    this.rest()
  }

  online(): void {
    if (!this.#left || this.#guest.posting()) this.#join()
  }

  offline(): void {
    this.#strays = 0
    this.#stand('away')
  }

  /** The actor may be allowed more now. */
  renewed(): void {
    if (this.#standing === 'refused' || this.#standing === 'waiting') this.#join()
  }

  /** The server does not let the room be heard (any more). */
  refused(why: Problem): void {
    const { clock, chance, backoff, renew } = this.#ground
    const { retry } = problems[why.code]
    if (retry === 'never') return this.#stand('refused', why)
    this.#refusals += 1
    this.#stand('waiting', why)
    this.#stopWaiting = clock.after(backoffMs(this.#refusals, chance, backoff, why.retryAfterMs), () => this.#join())
    if (retry === 'renew') renew()
  }

  followed(): void {
    this.#strays = 0
  }

  /** A page does not follow: the place is asked for again, and a server that goes on like this is given up. */
  strayed(): void {
    this.#strays += 1
    if (this.#strays < MOST_STRAYS) this.#join()
    else this.#ground.fail(problem('message.invalid', `the server's pages of ${this.#room} do not follow each other`))
  }

  /** Lets no timer run on. */
  stop(): void {
    this.#stopLingering?.()
    this.#stopLingering = undefined
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
  }

  get #heard(): boolean {
    return this.#standing === 'joining' || this.#standing === 'joined'
  }

  #depart(): void {
    this.#left = true
    this.stop()
    if (this.#heard && this.#ground.online) this.#ground.ask({ type: 'leave', room: this.#room }, () => {})
    this.#stand('away')
  }

  #join(): void {
    this.#stand('joining')
    this.#joins += 1
    const mark = this.#joins
    const position = this.#guest.position()
    const at = position === undefined ? {} : { at: position }
    this.#ground.ask({ type: 'join', room: this.#room, ...at }, (outcome) => {
      if (mark !== this.#joins || this.#standing !== 'joining') return
      if ('problem' in outcome) return this.refused(outcome.problem)
      this.#refusals = 0
      if (outcome.answer.type === 'join') this.#guest.met(outcome.answer.members)
      this.#stand('joined')
    })
  }

  #stand(standing: Standing, why?: Problem): void {
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
    if (standing === this.#standing && why === undefined) return
    this.#standing = standing
    this.#guest.changed(standing, why)
  }
}
