// The promises of posts: what those who posted wait for.
import type { Posted } from './post.ts'
import { OutcomeUnknown } from './problems.ts'

interface Hope extends PromiseWithResolvers<Posted> {
  /** It has come true; the answer may tell more about it. */
  readonly posted?: Posted
}

export class Hopes {
  readonly #open = new Map<string, Hope>()

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

  /** It is in the log, and its answer is on the way. */
  foresee(posted: Posted): void {
    const hope = this.#open.get(posted.id)
    if (hope !== undefined) this.#open.set(posted.id, { ...hope, posted })
  }

  fulfil(posted: Posted): void {
    this.#open.get(posted.id)?.resolve(posted)
    this.#open.delete(posted.id)
  }

  /** No answer will come any more: what was foreseen is all there is to know. Without an id, of all posts. */
  conclude(id?: string): void {
    for (const { posted } of [...this.#open.values()])
      if (posted !== undefined && (id === undefined || id === posted.id)) this.fulfil(posted)
  }

  disappoint(id: string, why: Error): void {
    this.#open.get(id)?.reject(why)
    this.#open.delete(id)
  }

  /** Nobody can tell any more how they will end. */
  abandon(cause: unknown): void {
    this.conclude()
    for (const id of [...this.#open.keys()]) this.disappoint(id, new OutcomeUnknown(id, { cause }))
  }
}
