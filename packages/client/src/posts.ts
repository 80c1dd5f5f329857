// What was said in one room and is not seen in it yet: sends it in order, again and again, until each has its end.
import {
  type Answer,
  type MessageId,
  messageKey,
  type Page,
  type Part,
  type Position,
  type Problem,
  problems,
  Refusal,
  type RoomId,
  type Timeline,
} from '@parley/protocol'
import { backoffMs } from './backoff.ts'
import type { Ground } from './ground.ts'
import { Hopes } from './hopes.ts'
import {
  accepted,
  type Entries,
  type Entry,
  entryOf,
  find,
  isUnsettled,
  lost,
  type Next,
  nextToSend,
  postponed,
  refused,
  type Said,
  sent,
  unseen,
  without,
} from './pending.ts'
import { areSame, type Content, haveSameWords, type Posted, type PostOptions } from './post.ts'
import type { Stop } from './seams.ts'

/** What posts need to know of their room. */
export interface Place {
  picture(): Timeline
  /** Whether posts may go on the wire now. */
  open(): boolean
  /** Whether the room's picture tells of the position already, or never will. */
  seen(position: Position): boolean
  changed(): void
}

export class Posts {
  readonly #room: RoomId
  readonly #ground: Ground
  readonly #place: Place
  #entries: Entries = []
  readonly #hopes = new Hopes()
  /** While the server wants a pause, nothing is sent. */
  #unpause: Stop | undefined
  /** Refusals for now, in a row. */
  #pauses = 0

  constructor(room: RoomId, ground: Ground, place: Place) {
    this.#room = room
    this.#ground = ground
    this.#place = place
  }

  get entries(): Entries {
    return this.#entries
  }

  /** Whether a connection to the room is needed on behalf of its posts. */
  get unsettled(): boolean {
    return isUnsettled(this.#entries)
  }

  /**
   * Rejects with a `Refusal` when it was refused, with `OutcomeUnknown` when the client ends before that is known.
   * Throws a `Refusal` when it cannot even be kept.
   */
  add(content: string | readonly Part[], options: PostOptions): Promise<Posted> {
    const { clock, chance, outbox } = this.#ground
    // Whoever said it may change their objects later; what was said stays as it was.
    const { id = chance.uuid(), ...more } = structuredClone(options)
    const parts: readonly Part[] =
      typeof content === 'string' ? [{ type: 'text', text: content }] : structuredClone(content)
    const before = find(this.#entries, id)
    if (before !== undefined) return this.#again(before, { parts, ...more })
    const posted = this.#shown(id, { parts, ...more })
    if (posted !== undefined) return Promise.resolve(posted)
    const post = { room: this.#room, id, parts, at: clock.now(), ...more }
    outbox.keep(post)
    this.#become([...this.#entries, entryOf(post)])
    const hope = this.#hopes.of(id)
    this.flush()
    if (this.#ground.ended) this.abandon(undefined)
    return hope
  }

  /** A post of an earlier life, from before all that is pending. */
  restore(post: Said): void {
    this.#become([entryOf(post), ...this.#entries])
  }

  /** Sends what may be sent. */
  flush(): void {
    if (this.#unpause !== undefined) return
    while (this.#place.open()) {
      const next = nextToSend(this.#entries, this.#ground.window)
      if (next === undefined) return
      this.#send(next)
    }
  }

  /** The connection is gone. */
  lost(): void {
    this.#become(lost(this.#entries))
    this.#hopes.conclude()
  }

  /** The room's picture has moved on by this page. */
  appeared(page: Page): void {
    if (this.#entries.length === 0) return
    const me = this.#ground.outbox.user
    for (const { by, id, seq, fact } of page.events) {
      if (fact.type !== 'message.posted' || by.id !== me || id === undefined) continue
      const entry = find(this.#entries, id)
      // The id may have been used before for something else: then the server's refusal is on its way.
      if (entry === undefined || !haveSameWords(entry, fact) || this.#keyOf(entry.supersedes) !== fact.supersedes)
        continue
      const position = { epoch: page.epoch, seq }
      if (!this.#accept(entry, position)) continue
      // Where it is on the wire, its answer will follow, and tell more than the page can.
      if (entry.state === 'sent') this.#hopes.foresee({ id, position })
      else this.#hopes.fulfil({ id, position })
    }
    // What was accepted by a log that was replaced since will never be seen in this one.
    if (page.reset !== undefined) this.#become(unseen(this.#entries, ({ epoch }) => epoch !== page.epoch))
    this.settle()
    this.flush()
  }

  /** Lets go of what is seen. */
  settle(): void {
    this.#become(unseen(this.#entries, (position) => this.#place.seen(position)))
  }

  /** Says a refused post again, after all that was said since. */
  retry(id: string): void {
    const entry = find(this.#entries, id)
    if (entry?.state !== 'refused') return
    const { state: _, problem: __, ...post } = entry
    const { outbox } = this.#ground
    outbox.drop(entry)
    outbox.keep(post)
    this.#become([...without(this.#entries, id), entryOf(post)])
    this.flush()
  }

  /** Forgets a post. One that was on the wire may have arrived all the same. */
  discard(id: string): void {
    const entry = find(this.#entries, id)
    if (entry === undefined) return
    this.#ground.outbox.drop(entry)
    this.#become(without(this.#entries, id))
    this.#hopes.conclude(id)
    this.#hopes.disappoint(id, new Error(`post ${id} was discarded`))
    this.flush()
  }

  /** Nobody will send them for now: those who wait hear that the outcome is unknown. The posts stay. */
  abandon(cause: unknown): void {
    this.#unpause?.()
    this.#unpause = undefined
    this.#hopes.abandon(cause)
  }

  /** Somebody else speaks from now on: what is pending stays in the store of whoever said it. */
  forget(): void {
    this.abandon(undefined)
    for (const entry of this.#entries) this.#ground.outbox.release(entry)
    this.#become([])
  }

  /** Where the room shows this very post already. */
  #shown(id: string, content: Content): Posted | undefined {
    const { position, messages, superseded } = this.#place.picture()
    const key = this.#keyOf(id)
    const old = this.#keyOf(content.supersedes)
    const message = messages.findLast((one) => one.key === key)
    if (position === undefined || message === undefined || !haveSameWords(message, content)) return undefined
    if (old !== undefined && superseded.get(old) !== key) return undefined
    return { id, position: { ...position, seq: message.seq } }
  }

  /** What the log calls a message of whoever speaks here. */
  #keyOf(id: MessageId | undefined): string | undefined {
    return id === undefined ? undefined : messageKey(this.#ground.outbox.user ?? '', id)
  }

  /** Said twice with one id: one post, if it is the same. */
  #again(before: Entry, content: Content): Promise<Posted> {
    if (!areSame(before, content)) throw new Refusal('id.conflict', `another post with the id ${before.id} is pending`)
    if (before.state === 'refused') this.retry(before.id)
    const { id, position } = find(this.#entries, before.id) ?? before
    return position === undefined ? this.#hopes.of(id) : Promise.resolve({ id, position })
  }

  #send({ entry, after }: Next): void {
    const { id, parts, priority, meta, steers, supersedes, replyTo, mentions } = entry
    this.#become(sent(this.#entries, id))
    const more = {
      ...(priority === undefined ? {} : { priority }),
      ...(meta === undefined ? {} : { meta }),
      ...(after === undefined ? {} : { after }),
      ...(steers === undefined ? {} : { steers }),
      ...(supersedes === undefined ? {} : { supersedes }),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(mentions === undefined ? {} : { mentions }),
    }
    this.#ground.ask({ type: 'post', room: this.#room, id, parts, ...more }, (outcome) => {
      if ('problem' in outcome) this.#refuse(id, outcome.problem)
      else if (outcome.answer.type === 'post') this.#answered(id, outcome.answer)
      this.settle()
      this.flush()
    })
  }

  #answered(id: string, { position, calls }: Extract<Answer, { readonly type: 'post' }>): void {
    const entry = find(this.#entries, id)
    if (entry !== undefined) this.#accept(entry, position)
    this.#hopes.fulfil({ id, position, ...(calls === undefined ? {} : { calls }) })
  }

  /** It is in the log: its reply says so, or the page that tells of it. */
  #accept(entry: Entry, position: Position): boolean {
    if (entry.state === 'refused' || entry.position !== undefined) return false
    this.#pauses = 0
    this.#ground.outbox.drop(entry)
    this.#become(accepted(this.#entries, entry.id, position))
    return true
  }

  #refuse(id: string, why: Problem): void {
    const { retry } = problems[why.code]
    const entry = find(this.#entries, id)
    if (entry === undefined || entry.position !== undefined) return this.#hopes.conclude(id)
    if (retry !== 'never') {
      if (retry === 'renew') this.#ground.renew()
      this.#become(postponed(this.#entries, id))
      // The one before it was refused, and said how long to wait, or will never be sent again.
      return why.code === 'message.early' ? undefined : this.#pause(why.retryAfterMs)
    }
    this.#become(refused(this.#entries, id, why))
    this.#ground.outbox.keep({ ...entry, problem: why })
    this.#hopes.disappoint(id, new Refusal(why.code, why.message, why))
  }

  #pause(retryAfterMs: number | undefined): void {
    const { clock, chance, backoff } = this.#ground
    this.#pauses += 1
    this.#unpause?.()
    this.#unpause = clock.after(backoffMs(this.#pauses, chance, backoff, retryAfterMs), () => {
      this.#unpause = undefined
      this.flush()
    })
  }

  #become(entries: Entries): void {
    if (entries === this.#entries) return
    this.#entries = entries
    this.#place.changed()
  }
}
