// The client's side of the outbox store: whose posts are kept, in which order they were said, and how many there may be.
import { Refusal } from '@parley/protocol'
import type { Counters } from './diagnostics.ts'
import type { OutboxStore } from './outbox-store.ts'
import type { Kept } from './pending.ts'

export class Outbox {
  readonly #store: OutboxStore
  readonly #most: number
  readonly #counters: Counters
  /** All posts that are pending in this client. */
  readonly #posts = new Set<string>()
  /** Posts that were said before it was known by whom. */
  readonly #unowned = new Map<string, Kept>()
  #user: string | undefined
  #order = 0

  constructor(store: OutboxStore, most: number, counters: Counters) {
    this.#store = store
    this.#most = most
    this.#counters = counters
  }

  /** Who says what is posted here; undefined before the first welcome. */
  get user(): string | undefined {
    return this.#user
  }

  /** A number for a post that is said now. Throws a refusal when too many are pending. */
  admit(now: number): number {
    if (this.#posts.size >= this.#most)
      throw new Refusal('limit.exceeded', `${this.#most} posts are waiting already; wait until some have arrived`)
    this.#order = Math.max(this.#order + 1, now)
    return this.#order
  }

  keep(post: Kept): void {
    const name = nameOf(post)
    this.#posts.add(name)
    if (this.#user === undefined) this.#unowned.set(name, post)
    else this.#write(this.#user, post)
  }

  drop(post: Kept): void {
    const name = nameOf(post)
    this.#posts.delete(name)
    if (this.#user === undefined) this.#unowned.delete(name)
    else this.#store.drop(this.#user, post)
  }

  /** Forgets it here and leaves it in the store. */
  release(post: Kept): void {
    this.#posts.delete(nameOf(post))
  }

  /** It is this user who speaks from now on. Returns what was kept for them and is not pending in this client. */
  become(user: string): readonly Kept[] {
    // What other clients of this user have kept since, they send themselves.
    if (user === this.#user) return []
    this.#user = user
    for (const post of this.#unowned.values()) this.#write(user, post)
    this.#unowned.clear()
    const found = this.#store.load(user).filter((post) => !this.#posts.has(nameOf(post)))
    for (const post of found) {
      this.#posts.add(nameOf(post))
      this.#order = Math.max(this.#order, post.order)
    }
    return found.toSorted((one, other) => one.order - other.order)
  }

  /** A full store is no reason to lose the post: it is pending all the same, as long as this process lives. */
  #write(user: string, post: Kept): void {
    try {
      this.#store.keep(user, post)
    } catch {
      this.#counters.unkept += 1
    }
  }
}

function nameOf({ room, id }: Kept): string {
  return `${room}/${id}`
}
