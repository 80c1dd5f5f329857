// The client's side of the outbox store: whose posts are kept, in which order they were said, and how many there may be.
import { Refusal } from '@parley/protocol'
import type { Counters } from './diagnostics.ts'
import { type Kept, nameOf, type OutboxStore } from './outbox-store.ts'
import type { Said } from './pending.ts'

export class Outbox {
  readonly #store: OutboxStore
  readonly #most: number
  readonly #counters: Counters
  /** All posts that are pending in this client, each with its order. */
  readonly #posts = new Map<string, number>()
  /** Posts that were said before it was known by whom. */
  readonly #unowned = new Map<string, Said>()
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

  /** Keeps a post, or what became of it. Throws a refusal when too many are pending. */
  keep(post: Said): void {
    const name = nameOf(post)
    if (!this.#posts.has(name) && this.#posts.size >= this.#most)
      throw new Refusal('limit.exceeded', `${this.#most} posts are waiting already; wait until some have arrived`)
    if (this.#user === undefined) this.#unowned.set(name, post)
    this.#write(post)
  }

  drop(post: Said): void {
    const name = nameOf(post)
    this.#posts.delete(name)
    this.#unowned.delete(name)
    if (this.#user !== undefined) this.#store.drop(this.#user, post)
  }

  /** Forgets it here and leaves it in the store. */
  release(post: Said): void {
    this.#posts.delete(nameOf(post))
  }

  /**
   * It is this user who speaks from now on. Returns what was kept for them and is not pending in this client, in the
   * order it was said: all of it before what is pending here.
   */
  become(user: string): readonly Kept[] {
    // What other clients of this user have kept since, they send themselves.
    if (user === this.#user) return []
    this.#user = user
    const found = this.#store.load(user).filter((post) => !this.#posts.has(nameOf(post)))
    for (const post of found) this.#order = Math.max(this.#order, post.order)
    for (const [name, post] of this.#unowned) {
      this.#posts.delete(name)
      this.#write(post)
    }
    this.#unowned.clear()
    for (const post of found) this.#posts.set(nameOf(post), post.order)
    return found.toSorted((one, other) => one.order - other.order)
  }

  #write(post: Said): void {
    const name = nameOf(post)
    const order = this.#posts.get(name) ?? Math.max(this.#order + 1, post.at)
    this.#order = Math.max(this.#order, order)
    this.#posts.set(name, order)
    if (this.#user === undefined) return
    try {
      this.#store.keep(this.#user, { ...post, order })
    } catch {
      // A full store is no reason to lose the post: it is pending all the same, as long as this process lives.
      this.#counters.unkept += 1
    }
  }
}
