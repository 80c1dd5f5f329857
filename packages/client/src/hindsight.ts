// How far back a room's picture goes. A page that stays open for days would otherwise hold all that was ever said.
import type { Timeline } from '@parley/protocol'

/** Where nothing was going on in the log: no message was growing and no run at work, so a picture may begin there. */
interface QuietPlace {
  readonly seq: number
  /** How much the picture held up to there. */
  readonly messages: number
  readonly runs: number
  readonly tools: number
}

/** A picture holds at least so many messages, and usually at most twice as many. */
const ENOUGH = 1_000

export class Hindsight {
  #cut: QuietPlace | undefined
  /** Somebody has asked for history: what they look at must not vanish. */
  #held = false

  /** The picture after a page, without its far past once it holds too much. */
  limit(timeline: Timeline): Timeline {
    if (this.#held || timeline.position === undefined) return timeline
    const { messages, runs, tools } = timeline
    if (this.#cut === undefined && messages.length >= ENOUGH && isQuiet(timeline))
      this.#cut = { seq: timeline.position.seq, messages: messages.length, runs: runs.size, tools: tools.size }
    if (this.#cut === undefined || messages.length < this.#cut.messages + ENOUGH) return timeline
    const cut = this.#cut
    this.#cut = undefined
    return {
      ...timeline,
      start: cut.seq,
      earlier: true,
      messages: messages.slice(cut.messages),
      runs: new Map([...runs].slice(cut.runs)),
      tools: new Map([...tools].slice(cut.tools)),
    }
  }

  /** Somebody looks at the past. */
  hold(): void {
    this.#held = true
    this.#cut = undefined
  }

  /** The picture begins anew, or nobody looks at it any more. */
  release(): void {
    this.#held = false
    this.#cut = undefined
  }
}

function isQuiet({ messages, runs }: Timeline): boolean {
  for (const { state } of runs.values()) if (state === 'running' || state === 'cancelling') return false
  return messages.every(({ state }) => state !== 'streaming')
}
