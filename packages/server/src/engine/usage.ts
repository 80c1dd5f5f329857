// Who uses how much, by user and by address. Reconnecting refills nothing.
import type { Clock } from '../seams/clock.ts'
import { Bucket, isLoopback, type Limits } from './limits.ts'

interface User {
  /** What all connections of the user share. */
  readonly bucket: Bucket
  connections: number
}

export class Usage {
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #users = new Map<string, User>()
  /** Connections of each. */
  readonly #addresses = new Map<string, number>()

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** What all connections of a user share. */
  bucketOf(user: string): Bucket {
    return this.#user(user).bucket
  }

  /** Counts a connection from an address, if that may have one more. */
  comesFrom(address: string): boolean {
    const count = this.#addresses.get(address) ?? 0
    if (count >= this.#most(address, this.#limits.addressConnections)) return false
    this.#addresses.set(address, count + 1)
    return true
  }

  goesFrom(address: string): void {
    const count = this.#addresses.get(address) ?? 0
    if (count > 1) this.#addresses.set(address, count - 1)
    else this.#addresses.delete(address)
  }

  /** Counts a connection of a user, if they may have one more. Undefined: they may not. */
  enter(user: string, address: string): Bucket | undefined {
    const found = this.#user(user)
    if (found.connections >= this.#most(address, this.#limits.userConnections)) return undefined
    found.connections += 1
    return found.bucket
  }

  leave(user: string): void {
    this.#user(user).connections -= 1
  }

  /** Forgets users who have not done anything for a while and have no connection. */
  sweep(): void {
    const now = this.#clock.steady()
    for (const [id, { bucket, connections }] of this.#users)
      if (connections === 0 && bucket.full(now)) this.#users.delete(id)
  }

  #user(id: string): User {
    let user = this.#users.get(id)
    if (user === undefined) {
      user = { bucket: new Bucket(this.#limits.userRate, this.#clock.steady()), connections: 0 }
      this.#users.set(id, user)
    }
    return user
  }

  /** The loopback is trusted: proxies and trials live there. */
  #most(address: string, most: number): number {
    return isLoopback(address) ? Number.POSITIVE_INFINITY : most
  }
}
