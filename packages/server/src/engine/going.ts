// What goes on in a room, as far as its log tells: runs and tool calls that have begun and not ended.
import type { Event, RunId } from '@parley/protocol'

export interface GoingRun {
  readonly run: RunId
  /** Id of the agent at work. */
  readonly agent: string
  /** Key of the message that it answers. */
  readonly cause: string
  readonly cancelling: boolean
}

export class Going {
  readonly #runs = new Map<RunId, GoingRun>()
  readonly #calls = new Map<string, RunId>()

  /** In the order in which they began: of one agent, the first is at work and the others wait. */
  get runs(): Iterable<GoingRun> {
    return this.#runs.values()
  }

  run(id: RunId): GoingRun | undefined {
    return this.#runs.get(id)
  }

  /** Whether the tool call has begun and not ended. */
  hasCall(call: string): boolean {
    return this.#calls.has(call)
  }

  /** Each event of the room, once, in order. */
  notice({ by, fact }: Event): void {
    switch (fact.type) {
      case 'run.started':
        this.#runs.set(fact.run, { run: fact.run, agent: by.id, cause: fact.cause, cancelling: false })
        break
      case 'run.cancelling': {
        const going = this.#runs.get(fact.run)
        if (going !== undefined) this.#runs.set(fact.run, { ...going, cancelling: true })
        break
      }
      case 'run.ended':
        this.#runs.delete(fact.run)
        break
      case 'tool.called':
        this.#calls.set(fact.call, fact.run)
        break
      case 'tool.ended':
        this.#calls.delete(fact.call)
        break
      default:
    }
  }

  clear(): void {
    this.#runs.clear()
    this.#calls.clear()
  }
}
