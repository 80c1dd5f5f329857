// An agent that says what a test hands it, when the test hands it.
import type { Agent, Thought, Turn } from '../../src/seams/agent.ts'

/** One turn of a puppet. */
export class Performance {
  readonly turn: Turn
  /** Whether its iterator was let go of before it had ended. */
  dismissed = false
  #waiting: (() => void) | undefined
  readonly #script: (Thought | Error | 'end')[] = []

  constructor(turn: Turn) {
    this.turn = turn
  }

  say(...thoughts: readonly Thought[]): void {
    this.#cue(...thoughts)
  }

  end(): void {
    this.#script.push('end')
    this.#waiting?.()
  }

  fail(cause: Error): void {
    this.#cue(cause)
  }

  #cue(...cues: readonly (Thought | Error)[]): void {
    this.#script.push(...cues)
    this.#waiting?.()
  }

  async *play(): AsyncGenerator<Thought> {
    let over = false
    try {
      for (;;) {
        const next = this.#script.shift()
        if (next === 'end') break
        if (next instanceof Error) throw next
        if (next !== undefined) yield next
        // It pays no attention to its signal: what the engine promises may not depend on that.
        else await new Promise<void>((resolve) => (this.#waiting = resolve))
      }
      over = true
    } finally {
      this.dismissed = !over
    }
  }
}

export class Puppet implements Agent {
  readonly id: string
  readonly name: string
  readonly turns: Performance[] = []

  constructor(id = 'puppet') {
    this.id = id
    this.name = id
  }

  reply(turn: Turn): AsyncIterable<Thought> {
    const performance = new Performance(turn)
    this.turns.push(performance)
    return performance.play()
  }

  /** The turn that began last. */
  get on(): Performance {
    const last = this.turns.at(-1)
    if (last === undefined) throw new Error('nobody has called the puppet')
    return last
  }
}
