// The posts of one connection to one room: however many are under way, they take their places in the order in which they came.
import { problems, Refusal, type RoomId } from '@parley/protocol'

/** Posts that go into the log as one. */
const TOGETHER = 64

/** Takes all posts, in order and as one, or none. */
type Append<Post, Outcome> = (posts: readonly Post[]) => Promise<readonly Outcome[]>

/** A post on its way, and who is told what became of it: once, by the one or the other. */
export interface Sent<Post, Outcome> {
  readonly post: Post
  resolve(outcome: Outcome): void
  reject(cause: unknown): void
}

/** The line of a room among these; of too many the oldest is dropped, and with it only the right to send ahead there. */
export function lineOf<Post extends { readonly id: string }, Outcome>(
  lines: Map<RoomId, PostLine<Post, Outcome>>,
  room: RoomId,
  most: number,
  append: Append<Post, Outcome>,
): PostLine<Post, Outcome> {
  const known = lines.get(room)
  if (known !== undefined) return known
  const [oldest] = lines.keys()
  if (lines.size >= most && oldest !== undefined) lines.delete(oldest)
  const line = new PostLine(append)
  lines.set(room, line)
  return line
}

export class PostLine<Post extends { readonly id: string }, Outcome> {
  readonly #append: Append<Post, Outcome>
  /** The newest post that was not refused, as far as is known yet. */
  #last: string | undefined
  #waiting: Sent<Post, Outcome>[] = []
  #busy = false

  constructor(append: Append<Post, Outcome>) {
    this.#append = append
  }

  /** @param after id of the post that this one must not overtake: refused (`message.early`) unless that one came just before. */
  add(sent: Sent<Post, Outcome>, after: string | undefined): void {
    if (after !== undefined && after !== this.#last)
      return sent.reject(new Refusal('message.early', `the message ${after} has not been taken; send it first`))
    this.#last = sent.post.id
    this.#waiting.push(sent)
    if (!this.#busy) this.#goOn()
  }

  /** One append at a time; what comes meanwhile goes into the next as one. */
  #goOn(): void {
    this.#busy = this.#waiting.length > 0
    if (!this.#busy) return
    const together = this.#waiting.splice(0, TOGETHER)
    this.#append(together.map(({ post }) => post)).then(
      (outcomes) => {
        // What waits is on its way before anybody is told.
        this.#goOn()
        for (const [index, outcome] of outcomes.entries()) together[index]?.resolve(outcome)
      },
      (cause: unknown) => this.#failed(together, cause),
    )
  }

  #failed(together: readonly Sent<Post, Outcome>[], cause: unknown): void {
    if (isFinal(cause) && together.length > 1) {
      void this.#oneByOne(together).then(() => this.#goOn())
      return
    }
    if (isFinal(cause)) for (const sent of together) sent.reject(cause)
    else this.#refuse(together, cause)
    this.#goOn()
  }

  /** One of them can never be taken; the others can. */
  async #oneByOne(together: readonly Sent<Post, Outcome>[]): Promise<void> {
    for (const [index, sent] of together.entries()) {
      try {
        const [outcome] = await this.#append([sent.post])
        if (outcome !== undefined) sent.resolve(outcome)
      } catch (cause) {
        if (!isFinal(cause)) return this.#refuse(together.slice(index), cause)
        sent.reject(cause)
      }
    }
  }

  /** Refused for now: nothing that stands behind may overtake it. */
  #refuse(together: readonly Sent<Post, Outcome>[], cause: unknown): void {
    this.#last = undefined
    for (const sent of [...together, ...this.#waiting.splice(0)]) sent.reject(cause)
  }
}

function isFinal(cause: unknown): boolean {
  return cause instanceof Refusal && problems[cause.problem.code].retry === 'never'
}
