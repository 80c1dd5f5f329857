// The promises of posts: what those who posted wait for.
import type { Posted } from './posts.ts'
import { OutcomeUnknown } from './problems.ts'

export class Hopes {
  readonly #open = new Map<string, PromiseWithResolvers<Posted>>()

  /** The promise of a post; the same one as long as it is open. */
  of(id: string): Promise<Posted> {
    const open = this.#open.get(id)
    if (open !== undefined) return open.promise
    const hope = Promise.withResolvers<Posted>()
    // How it ends is told in the list of pending posts as well: nobody has to listen here.
    hope.promise.catch(() => {})
    this.#open.set(id, hope)
    return hope.promise
  }

  fulfil(posted: Posted): void {
    this.#open.get(posted.id)?.resolve(posted)
    this.#open.delete(posted.id)
  }

  disappoint(id: string, why: Error): void {
    this.#open.get(id)?.reject(why)
    this.#open.delete(id)
  }

  /** Nobody can tell any more how they will end. */
  abandon(cause: unknown): void {
    for (const id of this.#open.keys()) this.disappoint(id, new OutcomeUnknown(id, { cause }))
  }
}
