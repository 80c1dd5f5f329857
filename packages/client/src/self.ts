// What somebody lets a room know of themselves: that they write, how they are, how far they have read.
import { type Answer, type Command, type Json, problems, Refusal, type RoomId } from '@parley/protocol'
import type { Ground } from './ground.ts'
import { Newest } from './newest.ts'

export interface SelfParts {
  readonly room: RoomId
  readonly ground: Ground
  /** Whether the room is heard. */
  open(): boolean
  /** It is known at the server that all up to `seq` is read. */
  hasRead(seq: number): void
}

/** While somebody writes, it is said again after so long. */
const TYPING_EVERY_MS = 3_000
const PRESENCE_EVERY_MS = 1_000
const READ_EVERY_MS = 1_000
/** Characters of JSON. */
const MOST_STATE = 1_024

export class Self {
  readonly #parts: SelfParts
  /** When it was said last that one writes; undefined: the others do not think so. */
  #typingSince: number | undefined
  #state: { readonly state: Json } | undefined
  readonly #presence: Newest<{ readonly state: Json }>
  /** All up to here was read. */
  #upTo = 0
  /** All up to here is known to the server to be read. */
  #marked = 0
  readonly #mark: Newest<{ readonly seq: number }>

  constructor(parts: SelfParts) {
    const { room, ground, open, hasRead } = parts
    this.#parts = parts
    const { clock } = ground
    this.#presence = new Newest({
      clock,
      open,
      everyMs: PRESENCE_EVERY_MS,
      say: (said, heard) => this.#say({ type: 'presence', room, ...said }, heard),
    })
    this.#mark = new Newest({
      clock,
      open,
      everyMs: READ_EVERY_MS,
      say: (said, heard) =>
        this.#say({ type: 'read', room, ...said }, heard, (answer) => {
          if (answer?.type === 'read') {
            this.#marked = Math.max(this.#marked, answer.seq)
            hasRead(answer.seq)
          } else if (this.#upTo === said.seq) this.#upTo = this.#marked
        }),
    })
  }

  typing(on: boolean): void {
    const { room, ground, open } = this.#parts
    const now = ground.clock.steady()
    const since = this.#typingSince
    const known = on ? since !== undefined && now - since < TYPING_EVERY_MS : since === undefined
    if (known || !open()) return
    this.#typingSince = on ? now : undefined
    // It is true for the moment only: lost words are not said again.
    ground.ask({ type: 'typing', room, on }, () => {})
  }

  /** Throws a `Refusal` when it is too long. */
  become(state: Json): void {
    if (JSON.stringify(state).length > MOST_STATE)
      throw new Refusal('message.invalid', `what somebody says of themselves has at most ${MOST_STATE} characters`)
    this.#state = { state }
    this.#presence.want(this.#state)
  }

  read(seq: number): void {
    if (seq <= this.#upTo) return
    this.#upTo = seq
    this.#mark.want({ seq })
  }

  /** The room is heard, by a connection that may know nothing. */
  joined(): void {
    if (this.#state !== undefined) this.#presence.want(this.#state)
    this.#mark.flush()
  }

  lost(): void {
    this.#typingSince = undefined
    this.#presence.lost()
    this.#mark.lost()
  }

  /** The room begins anew: places in its log mean something else now. */
  restart(): void {
    this.#upTo = 0
    this.#marked = 0
    this.#mark.forget()
  }

  /** Somebody else speaks from now on. */
  forget(): void {
    this.restart()
    this.#typingSince = undefined
    this.#state = undefined
    this.#presence.forget()
  }

  /** Lets no timer run on. */
  stop(): void {
    this.#presence.stop()
    this.#mark.stop()
  }

  /**
   * What is refused for now is said again, unless there is something newer; what is refused for good is not.
   * @param over called with its answer, or without one where it was refused for good.
   */
  #say(command: Command, heard: (again: boolean) => void, over: (answer?: Answer) => void = () => {}): void {
    this.#parts.ground.ask(command, (outcome) => {
      const again = 'problem' in outcome && problems[outcome.problem.code].retry === 'later'
      if ('answer' in outcome) over(outcome.answer)
      else if (!again) over()
      heard(again)
    })
  }
}
