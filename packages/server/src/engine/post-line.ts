// The posts of one connection to one room: however many are under way, they take their places in the order in which they came.
import { problems, Refusal } from '@parley/protocol'

/** Posts that go into the log as one. */
const TOGETHER = 64

interface Waiting<Post, Outcome> {
  readonly post: Post
  resolve(outcome: Outcome): void
  reject(cause: unknown): void
}

export class PostLine<Post extends { readonly id: string }, Outcome> {
  readonly #append: (posts: readonly Post[]) => Promise<readonly Outcome[]>
  /** The newest post that was not refused, as far as is known yet. */
  #last: string | undefined
  #waiting: Waiting<Post, Outcome>[] = []
  #busy = false

  /** @param append all posts, in order and as one, or none. */
  constructor(append: (posts: readonly Post[]) => Promise<readonly Outcome[]>) {
    this.#append = append
  }

  /** @param after id of the post that this one must not overtake: refused (`message.early`) unless that one came just before. */
  add(post: Post, after: string | undefined): Promise<Outcome> {
    if (after !== undefined && after !== this.#last)
      return Promise.reject(new Refusal('message.early', `the message ${after} has not been taken; send it first`))
    this.#last = post.id
    return new Promise((resolve, reject) => {
      this.#waiting.push({ post, resolve, reject })
      if (!this.#busy) void this.#work()
    })
  }

  /** One append at a time; what comes meanwhile goes into the next as one. */
  async #work(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) await this.#take(this.#waiting.splice(0, TOGETHER))
    this.#busy = false
  }

  async #take(together: readonly Waiting<Post, Outcome>[]): Promise<void> {
    try {
      const appended = await this.#append(together.map(({ post }) => post))
      for (const [index, one] of appended.entries()) together[index]?.resolve(one)
    } catch (cause) {
      if (!isFinal(cause)) this.#refuse(together, cause)
      else if (together.length === 1) together[0]?.reject(cause)
      else await this.#oneByOne(together)
    }
  }

  /** One of them can never be taken; the others can. */
  async #oneByOne(together: readonly Waiting<Post, Outcome>[]): Promise<void> {
    for (const [index, one] of together.entries()) {
      try {
        const [appended] = await this.#append([one.post])
        if (appended !== undefined) one.resolve(appended)
      } catch (cause) {
        if (!isFinal(cause)) return this.#refuse(together.slice(index), cause)
        one.reject(cause)
      }
    }
  }

  /** Refused for now: nothing that stands behind may overtake it. */
  #refuse(together: readonly Waiting<Post, Outcome>[], cause: unknown): void {
    this.#last = undefined
    for (const { reject } of [...together, ...this.#waiting.splice(0)]) reject(cause)
  }
}

function isFinal(cause: unknown): boolean {
  return cause instanceof Refusal && problems[cause.problem.code].retry === 'never'
}
